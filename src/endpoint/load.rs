//! From the files that the options name to credentials and a verifier.

use rustls::crypto::CryptoProvider;

use super::without_root;
use crate::crypto;
use crate::error::Error;
use crate::options::{TlsOptions, TrustedCa};
use crate::pki::{self, Credentials, CrlFacts, Opener, Remark, RemarkKind, Roots};
use crate::report::{CertificateFacts, ListFacts, Note};
use crate::verify::{
    self, ReferenceName, RevocationDepth, Verifier, VerifierBuilder, VerifierError,
};
use crate::x509::{Certificate, describe};

/// Reads our own certificate and its key.
pub(super) fn credentials(
    options: &TlsOptions,
    base: &CryptoProvider,
    opener: &Opener,
) -> (Result<Option<Credentials>, Error>, Vec<Note>) {
    let provider = crypto::client_provider(base).key_provider;
    let loaded = match (options.certificate(), options.certificate_key()) {
        (Some(certificate), key) => pki::credentials::load_with(certificate, key, provider, opener),
        (None, Some(_)) => {
            let error = Error::Missing {
                option: "certificate",
                purpose: "`certificate-key` is of no use without it",
            };
            return (Err(error), Vec::new());
        }
        (None, None) => return (Ok(None), Vec::new()),
    };
    match loaded {
        Ok(credentials) => {
            let notes = own_notes(&credentials);
            (strong_enough(credentials, options).map(Some), notes)
        }
        Err(error) => (Err(error.into()), Vec::new()),
    }
}

fn own_notes(credentials: &Credentials) -> Vec<Note> {
    let note = |certificate| Note::Certificate(facts("certificate", certificate, false));
    let mut notes = remarks("certificate", credentials.remarks());
    notes.extend(credentials.certificates().iter().map(note));
    notes
}

/// OpenSSL refuses to load a certificate of ours that is below the security level.
fn strong_enough(credentials: Credentials, options: &TlsOptions) -> Result<Credentials, Error> {
    match verify::own_strength(credentials.certificates(), options.security_level()) {
        Some(weakness) => Err(Error::WeakCertificate(weakness)),
        None => Ok(credentials),
    }
}

/// Reads the trusted CAs and the revocation lists.
pub(super) fn verifier(
    options: &TlsOptions,
    depth: RevocationDepth,
    base: &CryptoProvider,
    opener: &Opener,
) -> (Result<Verifier, Error>, Vec<Note>) {
    let mut notes = Vec::new();
    let verifier = trust(builder(options, depth, base), options, opener).and_then(|trusting| {
        notes.extend(trusting.notes);
        let (builder, found) = revocation(trusting.builder, options, trusting.roots, opener)?;
        notes.extend(found);
        builder.build().map_err(unusable)
    });
    if let Ok(verifier) = &verifier {
        notes.extend(verifier.revocation_lists().map(list_facts).map(Note::List));
    }
    (verifier, notes)
}

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

/// A verifier to be, with the trusted CAs.
struct Trusting {
    builder: VerifierBuilder,
    /// What the files of `trusted-ca` hold, if they are files.
    roots: Option<Roots>,
    notes: Vec<Note>,
}

fn trust(
    builder: VerifierBuilder,
    options: &TlsOptions,
    opener: &Opener,
) -> Result<Trusting, Error> {
    match options.trusted_ca() {
        Some(TrustedCa::WebpkiRoots) => Ok(Trusting {
            builder: builder.webpki_roots(),
            roots: None,
            notes: Vec::new(),
        }),
        Some(TrustedCa::Sources(sources)) => {
            let roots = pki::roots::load_with(sources, opener)?;
            Ok(Trusting {
                builder: builder
                    .trusted(roots.certificates())
                    .trusted(roots.anchors()),
                notes: root_notes(&roots),
                roots: Some(roots),
            })
        }
        None => Err(Error::Missing {
            option: "trusted-ca",
            purpose: "without it no peer can be verified",
        }),
    }
}

fn root_notes(roots: &Roots) -> Vec<Note> {
    let mut notes = remarks("trusted-ca", roots.remarks());
    notes.extend(roots.certificates().iter().map(|root| {
        let is_anchor = verify::is_anchor(root);
        Note::Certificate(facts("trusted-ca", root.certificate(), is_anchor))
    }));
    let warning = |flaw: pki::Flaw| format!("`{}`: {flaw}", flaw.origin().option());
    notes.extend(roots.flaws().map(warning).map(Note::Warning));
    notes
}

/// Adds the lists of `tls-crl`, and those that stand among the trusted CAs: OpenSSL uses them too once revocation is
/// checked.
fn revocation(
    builder: VerifierBuilder,
    options: &TlsOptions,
    roots: Option<Roots>,
    opener: &Opener,
) -> Result<(VerifierBuilder, Vec<Note>), Error> {
    let Some(sources) = options.tls_crl() else {
        return Ok((builder, Vec::new()));
    };
    let found = pki::crls::load_with(sources, opener)?;
    let notes = remarks("tls-crl", found.remarks());
    let builder = builder.revocation_lists(found.into_lists());
    let builder = match roots {
        Some(roots) => builder.revocation_lists(roots.into_revocation_lists()?),
        None => builder,
    };
    Ok((builder, notes))
}

fn unusable(source: VerifierError) -> Error {
    let option = match source {
        VerifierError::NoList => "tls-crl",
        VerifierError::NoTrustedCertificate => "trusted-ca",
    };
    Error::Verifier { option, source }
}

/// What the report says of a certificate in the files of `option`.
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

fn remarks(option: &str, remarks: &[Remark]) -> Vec<Note> {
    let notes = |remark: &Remark| {
        let text = format!("`{option}`: {remark}");
        let is_left_out = matches!(remark.kind(), RemarkKind::Unreadable { .. });
        let left_out = is_left_out.then(|| Note::LeftOut(remark.origin().to_string()));
        [Some(Note::Warning(text)), left_out]
    };
    remarks.iter().flat_map(notes).flatten().collect()
}
