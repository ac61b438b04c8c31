//! What options and files come to: an endpoint is made of it, and a reload makes it again.

use rustls::crypto::CryptoProvider;

use super::offer::{self, NoSuites, Offer};
use super::{load, server_name};
use crate::crypto::Cbc;
use crate::error::Error;
use crate::options::{CipherSuite, Role, TlsOptions};
use crate::pki::{Credentials, Opener, Passphrases};
use crate::report::{Note, Outcome, Report};
use crate::verify::{RevocationDepth, Verifier};

/// What decides which files are read, and what is offered.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) options: TlsOptions,
    pub(super) passphrases: Passphrases,
    pub(super) revocation_depth: RevocationDepth,
    pub(super) offer_dhe: bool,
    pub(super) cbc: Cbc,
}

impl Setup {
    pub(super) fn new(options: TlsOptions) -> Self {
        Self {
            options,
            passphrases: Passphrases::default(),
            revocation_depth: RevocationDepth::default(),
            offer_dhe: false,
            cbc: Cbc::default(),
        }
    }

    /// Reads everything that comes from files.
    pub(super) fn parts_with_report(
        &self,
        base: &CryptoProvider,
    ) -> (Result<Parts, Error>, Report) {
        let (parts, notes) = self.parts(base);
        (parts, self.options.report().clone().with(notes))
    }

    /// Reads everything that the configurations are made of. All errors are noted; the first one is returned.
    fn parts(&self, base: &CryptoProvider) -> (Result<Parts, Error>, Vec<Note>) {
        let options = &self.options;
        let (outgoing, offered) = self.outgoing(base);
        let opener = Opener::new(self.passphrases.clone());
        let (credentials, own) = load::credentials(options, base, &opener);
        let (verifier, trusted) = load::verifier(options, self.revocation_depth, base, &opener);
        let can_accept = outgoing.is_ok() && matches!(credentials, Ok(Some(_)));
        let (incoming, acceptable) = self.incoming(can_accept, base);
        let tls12 = Offer::tls12_notes(outgoing.as_ref().ok(), incoming.as_ref().ok());
        let refusals = [
            refusal(&outgoing),
            refusal(&credentials),
            refusal(&verifier),
        ];
        let notes = [
            narrowings(options),
            offered,
            own,
            trusted,
            tls12,
            acceptable,
        ];
        let notes = notes.into_iter().flatten();
        let notes = notes.chain(refusals.into_iter().flatten()).collect();
        (Parts::new(credentials, verifier, outgoing, incoming), notes)
    }

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

    /// A list of DHE suites only is good for a client. An endpoint that has a certificate must not fail on it.
    fn incoming(
        &self,
        can_accept: bool,
        base: &CryptoProvider,
    ) -> (Result<Offer, NoServer>, Vec<Note>) {
        if !can_accept {
            return (Err(NoServer::Certificate), Vec::new());
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

impl Parts {
    fn new(
        credentials: Result<Option<Credentials>, Error>,
        verifier: Result<Verifier, Error>,
        outgoing: Result<Offer, Error>,
        incoming: Result<Offer, NoServer>,
    ) -> Result<Self, Error> {
        Ok(Self {
            files: Files {
                credentials: credentials?,
                verifier: verifier?,
            },
            outgoing: outgoing?,
            incoming,
        })
    }
}

/// Why an endpoint accepts no connections.
#[derive(Clone)]
pub(super) enum NoServer {
    Certificate,
    Suites(NoSuites),
}

impl From<NoServer> for Error {
    fn from(reason: NoServer) -> Self {
        match reason {
            NoServer::Certificate => Self::Missing {
                option: "certificate",
                purpose: "incoming connections need one",
            },
            NoServer::Suites(nothing) => nothing.into(),
        }
    }
}

fn refusal<T>(result: &Result<T, Error>) -> Option<Note> {
    let error = result.as_ref().err()?;
    let option = error.option()?.to_owned();
    Some(Note::Option(option, Outcome::refused(error)))
}

fn narrowings(options: &TlsOptions) -> Vec<Note> {
    let mut notes = offer::narrowings(options);
    notes.extend(unsendable_target_name(options));
    notes
}

/// OpenSSL sends any text as SNI.
fn unsendable_target_name(options: &TlsOptions) -> Option<Note> {
    let name = options.target_name()?;
    let how = "it is checked, but not sent as SNI, because it is no DNS name";
    let is_sent = server_name(name).is_some();
    (!is_sent).then(|| Note::narrowed("tls-target-name", how))
}
