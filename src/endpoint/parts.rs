//! The parts that are made from options and files. An endpoint is made of them, and a reload makes them again.
//!
//! The making has no side effect but reading files. It goes on after an error, because the check of a configuration
//! lists every error; an endpoint uses the first.

use std::fmt;
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;

use super::load::{self, Loaded, Trusted};
use super::offer::{self, NoSuites, Offer};
use super::server_name;
use crate::crypto::Cbc;
use crate::error::Error;
use crate::options::{CipherSuite, OptionInfo, Role, TlsOptions};
use crate::pki::{Credentials, Opener, OwnFiles, Passphrases};
use crate::report::{Note, Outcome, Report};
use crate::verify::{Authorisation, RevocationDepth, Verifier};

/// The settings that decide which files are read, and what is offered.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) options: TlsOptions,
    pub(super) passphrases: Passphrases,
    pub(super) own_key: Option<OwnKey>,
    pub(super) extra_trusted_ca: Vec<CertificateDer<'static>>,
    pub(super) revocation_depth: RevocationDepth,
    pub(super) authorisation: Authorisation,
    pub(super) kept_verdicts: usize,
    pub(super) offer_dhe: bool,
    pub(super) cbc: Cbc,
}

impl Setup {
    pub(super) fn new(options: TlsOptions) -> Self {
        Self {
            options,
            passphrases: Passphrases::default(),
            own_key: None,
            extra_trusted_ca: Vec::new(),
            revocation_depth: RevocationDepth::default(),
            authorisation: Authorisation::default(),
            kept_verdicts: 1024,
            offer_dhe: false,
            cbc: Cbc::default(),
        }
    }

    /// Reads everything that comes from files.
    ///
    /// The report is complete as far as the files could be read, even if the parts are an error.
    pub(super) fn parts_with_report(
        &self,
        base: &CryptoProvider,
        now: i64,
    ) -> (Result<Parts, Error>, Report) {
        let (inspection, report) = self.inspect(base, now);
        (inspection.into_parts(), report)
    }

    /// Reads everything that comes from files, and collects all errors.
    ///
    /// A chain is completed by the CAs that are valid `now`, in seconds since the epoch.
    pub(super) fn inspect(&self, base: &CryptoProvider, now: i64) -> (Inspection, Report) {
        let options = &self.options;
        let (outgoing, offered) = self.outgoing(base);
        let opener = Opener::new(self.passphrases.clone());
        let mut own = load::own(options, self.own_key.as_ref(), base, &opener);
        let trusted = load::trusted(self, base, &opener);
        load::complete_chain(&mut own.found, &trusted.found.verifier, now);
        let can_accept =
            outgoing.is_ok() && own.errors.is_empty() && own.found.credentials.is_some();
        let (incoming, acceptable) = self.incoming(can_accept, base);
        let mut inspection = Inspection {
            own,
            trusted,
            outgoing,
            incoming,
            sends_target_name: unsendable_target_name(options).is_none(),
        };
        let mut notes = narrowings(options);
        notes.extend(offered);
        notes.extend(inspection.take_notes());
        notes.extend(acceptable);
        let report = options.report().clone().with(notes);
        (inspection, report)
    }

    /// Makes the offer for outgoing connections. The report names the suites that only connections of ours offer.
    fn outgoing(&self, base: &CryptoProvider) -> (Result<Offer, Error>, Vec<Note>) {
        let (offer, mut offered) = Offer::new(&self.options, base, Role::Client, self.cbc);
        let offer = offer::refuse_suite_b(&self.options).and_then(|()| Ok(offer?));
        if let Ok(offer) = &offer
            && !self.offer_dhe
        {
            let dhe = offer.dispensable_dhe().into_iter();
            offered.not_handed_out = dhe.map(CipherSuite::openssl_name).collect();
        }
        (offer, vec![Note::Outgoing(offered)])
    }

    /// Makes the offer for incoming connections. A list of DHE suites only is useful for a client, so an endpoint
    /// with a certificate must not fail on it.
    fn incoming(
        &self,
        can_accept: bool,
        base: &CryptoProvider,
    ) -> (Result<Offer, NoServer>, Vec<Note>) {
        if !can_accept {
            return (Err(NoServer::Certificate), Vec::new());
        }
        if self.authorisation.is_asked() && !self.options.requires_client_certificate() {
            return (Err(NoServer::Identity), Vec::new());
        }
        match Offer::new(&self.options, base, Role::Server, self.cbc) {
            (Ok(offer), offered) => (Ok(offer), vec![Note::Incoming(offered)]),
            (Err(nothing), _) => {
                let why = format!("no incoming connections: {}", nothing.source);
                let notes = offer::narrowed_cipher_list(why);
                (Err(NoServer::Suites(nothing)), notes)
            }
        }
    }
}

/// A certificate chain and its key that are given in code, instead of files.
#[derive(Clone)]
pub(super) struct OwnKey(pub(super) Arc<CertifiedKey>);

impl OwnKey {
    /// The origin of the key in messages.
    pub(super) const SETTER: &str = "EndpointBuilder::certified_key";
}

/// Does not print the key: it is the caller's, and may print anything.
impl fmt::Debug for OwnKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnKey").finish_non_exhaustive()
    }
}

/// What endpoints and their states are made of.
pub(super) struct Parts {
    pub(super) files: Files,
    pub(super) outgoing: Offer,
    pub(super) incoming: Result<Offer, NoServer>,
}

/// What comes from files.
pub(super) struct Files {
    pub(super) credentials: Option<Credentials>,
    pub(super) verifier: Verifier,
}

/// Everything that parts are made of, and all errors in it.
pub(crate) struct Inspection {
    pub(crate) own: Loaded<OwnFiles>,
    pub(crate) trusted: Loaded<Trusted>,
    pub(super) outgoing: Result<Offer, Error>,
    pub(super) incoming: Result<Offer, NoServer>,
    /// Whether `tls-target-name`, if it is given, can be sent as SNI.
    pub(crate) sends_target_name: bool,
}

impl Inspection {
    /// Returns why TLS 1.2 is off for outgoing connections, or else for incoming ones, although `sec-protocol` allows
    /// it.
    pub(crate) fn without_tls12(&self) -> Option<String> {
        let outgoing = self.outgoing.as_ref().ok();
        let incoming = self.incoming.as_ref().ok();
        let mut offers = outgoing.into_iter().chain(incoming);
        offers.find_map(Offer::without_tls12)
    }

    /// Returns why no incoming connection has a suite, although there is a certificate.
    pub(crate) fn without_incoming_suites(&self) -> Option<String> {
        match &self.incoming {
            Err(NoServer::Suites(nothing)) => Some(nothing.source.to_string()),
            _ => None,
        }
    }

    /// Returns all errors, in the order of the options.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Error> {
        let files = self.own.errors.iter().chain(&self.trusted.errors);
        files.chain(self.outgoing.as_ref().err())
    }

    /// Takes the notes for the report, and adds the refusals of options that have an error.
    fn take_notes(&mut self) -> Vec<Note> {
        let mut notes = std::mem::take(&mut self.own.notes);
        notes.append(&mut self.trusted.notes);
        let (outgoing, incoming) = (self.outgoing.as_ref().ok(), self.incoming.as_ref().ok());
        notes.extend(Offer::tls12_notes(outgoing, incoming));
        let mut refused = Vec::new();
        for error in self.errors() {
            let refusal = refusal(error);
            // Only the first error of an option is reported.
            if let Some((option, outcome)) = refusal.filter(|(o, _)| !refused.contains(o)) {
                refused.push(option.clone());
                notes.push(Note::Option(option, outcome));
            }
        }
        notes
    }

    /// Returns the parts, or the first error.
    ///
    /// Errors of our own files come first, then those of the trusted CAs and lists, then those of the offer.
    pub(super) fn into_parts(self) -> Result<Parts, Error> {
        let mut errors = self.own.errors.into_iter().chain(self.trusted.errors);
        match errors.next() {
            Some(error) => Err(error),
            None => Ok(Parts {
                files: Files {
                    credentials: self.own.found.credentials,
                    verifier: self.trusted.found.verifier,
                },
                outgoing: self.outgoing?,
                incoming: self.incoming,
            }),
        }
    }
}

/// Why an endpoint accepts no connections.
#[derive(Clone)]
pub(super) enum NoServer {
    Certificate,
    /// Clients must be authorised, but are not asked for a certificate.
    Identity,
    Suites(NoSuites),
}

impl From<NoServer> for Error {
    fn from(reason: NoServer) -> Self {
        match reason {
            NoServer::Certificate => Self::Missing {
                option: "certificate",
                purpose: "incoming connections need one",
            },
            NoServer::Identity => Self::Missing {
                option: "tls-mutual",
                purpose: "without it clients send no certificate, and `EndpointBuilder::authorise` needs one",
            },
            NoServer::Suites(nothing) => nothing.into(),
        }
    }
}

/// The outcome of the option that an error is about, under the option's newer name.
fn refusal(error: &Error) -> Option<(String, Outcome)> {
    let given = error.option()?;
    let option = OptionInfo::named(given).map_or(given, |info| info.name);
    Some((option.to_owned(), Outcome::refused(error)))
}

/// Notes on options that mean less than they do with OpenSSL.
fn narrowings(options: &TlsOptions) -> Vec<Note> {
    let mut notes = offer::narrowings(options);
    notes.extend(unsendable_target_name(options));
    notes
}

/// Returns a note if `tls-target-name` cannot be sent as SNI. OpenSSL sends any text as SNI.
fn unsendable_target_name(options: &TlsOptions) -> Option<Note> {
    let name = options.target_name()?;
    let how = "it is checked, but not sent as SNI, because it is not a DNS name";
    let is_sent = server_name(name).is_some();
    (!is_sent).then(|| Note::narrowed("tls-target-name", how))
}
