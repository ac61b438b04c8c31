//! Makes credentials and a verifier from the files that the options name.
//!
//! An error in one file does not keep the others from being read: the errors are collected. The verifier is made in any
//! case, of what could be read; it is used only if there is no error.

use rustls::crypto::CryptoProvider;

use super::parts::{OwnKey, Setup};
use super::without_root;
use crate::crypto;
use crate::error::Error;
use crate::options::{TlsOptions, TrustedCa};
use crate::pki::{
    self, Credentials, CrlFacts, FileError, Opener, OwnFiles, Remark, RemarkKind, RevocationList,
    Roots, TrustedCertificate,
};
use crate::report::{CertificateFacts, ListFacts, Note};
use crate::verify::{
    self, ReferenceName, RevocationDepth, Verifier, VerifierBuilder, VerifierError,
};
use crate::x509::{Certificate, describe};

/// What was read from the files of some options, and all errors in them.
pub(crate) struct Loaded<T> {
    pub(crate) found: T,
    pub(crate) errors: Vec<Error>,
    pub(super) notes: Vec<Note>,
}

/// The trusted CAs and the revocation lists.
pub(crate) struct Trusted {
    pub(crate) roots: Roots,
    /// The remarks on the files of the lists.
    pub(crate) list_remarks: Vec<Remark>,
    /// The verifier. It trusts and checks only what could be read.
    pub(crate) verifier: Verifier,
}

/// Reads our own certificate and its key, or takes those that are given in code.
///
/// `certificate-key` without `certificate` is an error, and so is a certificate in the options beside one that is given
/// in code. A certificate below the security level is refused here, before any peer does it.
pub(super) fn own(
    options: &TlsOptions,
    given: Option<&OwnKey>,
    base: &CryptoProvider,
    opener: &Opener,
) -> Loaded<OwnFiles> {
    let provider = crypto::client_provider(base).key_provider;
    let mut errors = Vec::new();
    let mut found = match (options.certificate(), options.certificate_key()) {
        (None, None) => match given {
            Some(OwnKey(given)) => OwnFiles::of_code(given, &OwnKey::SETTER.into()),
            None => OwnFiles::default(),
        },
        (certificate, _) if given.is_some() => {
            errors.push(two_certificates(certificate.is_some()));
            OwnFiles::default()
        }
        (Some(certificate), key) => OwnFiles::read(certificate, key, provider, opener),
        (None, Some(key)) => {
            errors.push(Error::Missing {
                option: "certificate",
                purpose: "`certificate-key` needs it",
            });
            OwnFiles::of_key(key, opener)
        }
    };
    errors.extend(found.errors.drain(..).map(Error::from));
    // OpenSSL refuses to load our own certificate if it is below the security level.
    let weakness = verify::own_strength(found.sent(), options.security_level());
    errors.extend(weakness.map(Error::WeakCertificate));
    Loaded {
        notes: own_notes(&found),
        found,
        errors,
    }
}

fn two_certificates(is_chain: bool) -> Error {
    Error::Setting {
        setter: OwnKey::SETTER,
        reason: match is_chain {
            true => "the option `certificate` is also given, and only one of the two can be used",
            false => {
                "the option `certificate-key` is also given, and only one of the two can be used"
            }
        },
    }
}

/// Adds the intermediates of `trusted-ca` to a chain that has only our own certificate, as OpenSSL does
/// (`SSL_CTX_add_extra_chain_cert(3)`, notes on chains). OpenSSL adds the root as well, which no peer needs.
pub(super) fn complete_chain(own: &mut OwnFiles, verifier: &Verifier, now: i64) {
    let Some(credentials) = &own.credentials else {
        return;
    };
    if let [end_entity] = credentials.certificates()
        && !end_entity.is_self_signed()
    {
        let more = verifier.intermediates_above(end_entity, now);
        own.credentials = Some(credentials.extended(&more));
    }
}

/// What the report says of our own certificates.
fn own_notes(own: &OwnFiles) -> Vec<Note> {
    let facts = |certificate| facts("certificate", certificate, false);
    let found = own.credentials.as_ref().map(Credentials::remarks);
    let mut notes = remarks("certificate", found.unwrap_or_default());
    notes.push(Note::Own(own.sent().iter().map(facts).collect()));
    notes
}

/// Reads the trusted CAs and the revocation lists.
///
/// Lists that stand among the trusted CAs count as lists of `tls-crl` if revocation is checked.
pub(super) fn trusted(setup: &Setup, base: &CryptoProvider, opener: &Opener) -> Loaded<Trusted> {
    let options = &setup.options;
    let Loaded {
        found: mut roots,
        mut errors,
        mut notes,
    } = roots(setup, opener);
    let builder = builder(options, setup.revocation_depth, base);
    let builder = builder.authorisation(setup.authorisation.clone());
    let builder = builder.kept_verdicts(setup.kept_verdicts);
    let builder = match options.trusted_ca() {
        Some(TrustedCa::WebpkiRoots) => builder.webpki_roots(),
        _ => builder,
    };
    let builder = builder.trusted(roots.certificates());
    let builder = builder.trusted(roots.anchors());
    let lists = revocation(options, &mut roots, opener);
    errors.extend(lists.errors);
    notes.extend(lists.notes);
    let (list_remarks, lists) = lists.found;
    let builder = match options.checks_revocation() {
        true => builder.revocation_lists(lists),
        false => builder,
    };
    let builder = builder.lists_are_fetched(options.fetches_lists());
    let (verifier, refusal) = builder.build_anyway();
    // What could not be read has an error already.
    errors.extend(refusal.filter(|_| errors.is_empty()).map(unusable));
    notes.extend(verifier.revocation_lists().map(list_facts).map(Note::List));
    Loaded {
        found: Trusted {
            roots,
            list_remarks,
            verifier,
        },
        errors,
        notes,
    }
}

/// Reads the certificates of `trusted-ca`, and takes those that are given in code.
fn roots(setup: &Setup, opener: &Opener) -> Loaded<Roots> {
    let (mut roots, mut unusable) = match setup.options.trusted_ca() {
        Some(TrustedCa::Sources(sources)) => pki::roots::load_all(sources, opener),
        Some(TrustedCa::System) => system_roots(),
        Some(TrustedCa::WebpkiRoots) | None => Default::default(),
    };
    unusable
        .extend(roots.add_of_code(&setup.extra_trusted_ca, "EndpointBuilder::extra_trusted_ca"));
    let mut errors: Vec<_> = unusable.into_iter().map(Error::from).collect();
    if setup.options.trusted_ca().is_none() && setup.extra_trusted_ca.is_empty() {
        errors.push(Error::Missing {
            option: "trusted-ca",
            purpose: "without it no peer can be verified",
        });
    }
    Loaded {
        notes: root_notes(&roots),
        found: roots,
        errors,
    }
}

#[cfg(feature = "native-certs")]
fn system_roots() -> (Roots, Vec<FileError>) {
    let (roots, error) = pki::roots::load_all_system();
    (roots, error.into_iter().collect())
}

/// Without the feature, no option has this value.
#[cfg(not(feature = "native-certs"))]
fn system_roots() -> (Roots, Vec<FileError>) {
    Default::default()
}

/// Reads the lists of `tls-crl`, and takes those among the trusted CAs: OpenSSL uses them too if revocation is
/// checked.
fn revocation(
    options: &TlsOptions,
    roots: &mut Roots,
    opener: &Opener,
) -> Loaded<(Vec<Remark>, Vec<RevocationList>)> {
    let mut loaded = Loaded {
        found: (Vec::new(), Vec::new()),
        errors: Vec::new(),
        notes: Vec::new(),
    };
    if let Some(sources) = options.tls_crl() {
        let (found, unusable) = pki::crls::load_all(sources, opener);
        loaded.errors.extend(unusable.into_iter().map(Error::from));
        loaded.notes.extend(remarks("tls-crl", found.remarks()));
        loaded.found = found.into_parts();
    }
    if options.checks_revocation() {
        for list in roots.take_revocation_lists() {
            match list {
                Ok(list) => loaded.found.1.push(list),
                Err(error) => loaded.errors.push(error.into()),
            }
        }
    }
    loaded
}

/// A verifier with what the options say beside the files.
fn builder(options: &TlsOptions, depth: RevocationDepth, base: &CryptoProvider) -> VerifierBuilder {
    let builder = Verifier::builder(&crypto::client_provider(base))
        .name_check(options.name_check())
        .revocation_depth(depth)
        .security_level(options.security_level());
    match options.target_name() {
        Some(name) => builder.target_name(ReferenceName::new(without_root(name))),
        None => builder,
    }
}

/// What the report says of the trusted CAs. A certificate with a flaw is a warning, because OpenSSL loads it, too.
fn root_notes(roots: &Roots) -> Vec<Note> {
    let mut notes = remarks("trusted-ca", roots.remarks());
    let facts = roots.own().map(|root| {
        let is_anchor = verify::is_anchor(root);
        facts("trusted-ca", root.certificate(), is_anchor)
    });
    notes.push(Note::Trusted(facts.collect()));
    let warning = |flaw: pki::Flaw| format!("`{}`: {flaw}", flaw.origin().option());
    let flaws = roots.own().flat_map(TrustedCertificate::flaws);
    notes.extend(flaws.map(warning).map(Note::Warning));
    notes
}

/// Names the option whose files are missing something.
fn unusable(source: VerifierError) -> Error {
    let option = match source {
        VerifierError::NoList => "tls-crl",
        VerifierError::NoTrustedCertificate => "trusted-ca",
    };
    Error::Verifier { option, source }
}

/// Returns the facts that the report has on a certificate in the files of `option`.
fn facts(option: &'static str, certificate: &Certificate<'_>, is_anchor: bool) -> CertificateFacts {
    CertificateFacts {
        option,
        subject: describe::one_line(certificate.subject_name()),
        issuer: describe::one_line(certificate.issuer_name()),
        not_before: certificate.not_before.valid.unwrap_or(i64::MIN),
        not_after: certificate.not_after.valid.unwrap_or(i64::MIN),
        key: describe::key(certificate),
        is_anchor,
    }
}

fn list_facts(list: &CrlFacts) -> ListFacts {
    ListFacts {
        issuer: list.issuer().to_owned(),
        number: list.number().map(str::to_owned),
        entries: list.entries(),
        this_update: list.this_update(),
        next_update: list.next_update(),
    }
}

/// A file of a folder that could not be read is noted twice: as a warning, and for `watch`.
fn remarks(option: &str, remarks: &[Remark]) -> Vec<Note> {
    let notes = |remark: &Remark| {
        let text = format!("`{option}`: {remark}");
        let is_left_out = matches!(remark.kind(), RemarkKind::Unreadable { .. });
        let left_out = is_left_out.then(|| Note::LeftOut(remark.origin().to_string()));
        [Some(Note::Warning(text)), left_out]
    };
    remarks.iter().flat_map(notes).flatten().collect()
}
