//! From the files that the options name to credentials and a verifier.

use rustls::crypto::CryptoProvider;

use crate::crypto;
use crate::error::Error;
use crate::options::{FileList, TlsOptions, TrustedCa};
use crate::pki::{self, Credentials, RevocationList, UnusedBlock};
use crate::report::{ListFacts, Note};
use crate::verify::{
    self, CrlFacts, ReferenceName, RevocationDepth, Verifier, VerifierBuilder, VerifierError,
};

/// Reads our own certificate and its key.
pub(super) fn credentials(
    options: &TlsOptions,
    base: &CryptoProvider,
) -> (Result<Option<Credentials>, Error>, Vec<Note>) {
    let provider = crypto::client_provider(base).key_provider;
    let loaded = match (options.certificate(), options.certificate_key()) {
        (Some(certificate), key) => pki::credentials::load(certificate, key, provider),
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
    let facts = |der| verify::certificate_facts("certificate", der, None);
    let mut notes = unused("certificate", credentials.unused());
    notes.extend(
        credentials
            .chain()
            .iter()
            .filter_map(facts)
            .map(Note::Certificate),
    );
    notes
}

/// OpenSSL refuses to load a certificate of ours that is below the security level.
fn strong_enough(credentials: Credentials, options: &TlsOptions) -> Result<Credentials, Error> {
    match verify::own_strength(credentials.chain(), options.security_level()) {
        Some(weakness) => Err(Error::WeakCertificate(weakness)),
        None => Ok(credentials),
    }
}

/// Reads the trusted CAs and the revocation lists.
pub(super) fn verifier(
    options: &TlsOptions,
    depth: RevocationDepth,
    base: &CryptoProvider,
) -> (Result<Verifier, Error>, Vec<Note>) {
    let builder = builder(options, depth, base);
    let mut notes = Vec::new();
    let verifier = trust(builder, options).and_then(|trusting| {
        notes.extend(trusting.notes);
        let Some(files) = options.tls_crl() else {
            return trusting
                .builder
                .build()
                .map_err(|source| unusable(source, 0));
        };
        let revoking = revocation(trusting.builder, files, trusting.lists)?;
        notes.extend(revoking.notes);
        let own_lists = revoking.own_lists;
        (revoking.builder.build()).map_err(|source| unusable(source, own_lists))
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
        Some(name) => builder.target_name(ReferenceName::new(name)),
        None => builder,
    }
}

/// A verifier to be, with the trusted CAs.
struct Trusting {
    builder: VerifierBuilder,
    /// The revocation lists among the trusted CAs.
    lists: Vec<RevocationList>,
    notes: Vec<Note>,
}

fn trust(builder: VerifierBuilder, options: &TlsOptions) -> Result<Trusting, Error> {
    match options.trusted_ca() {
        Some(TrustedCa::WebpkiRoots) => Ok(Trusting {
            builder: builder.webpki_roots(),
            lists: Vec::new(),
            notes: Vec::new(),
        }),
        Some(TrustedCa::Files(files)) => {
            let roots = pki::roots::load(files)?;
            let mut notes = unused("trusted-ca", roots.unused());
            notes.extend(roots.certificates().iter().filter_map(|root| {
                let facts = verify::certificate_facts("trusted-ca", root.der(), Some(root.trust()));
                facts.map(Note::Certificate)
            }));
            Ok(Trusting {
                builder: builder.trusted(roots.certificates()),
                lists: roots.revocation_lists().to_vec(),
                notes,
            })
        }
        None => Err(Error::Missing {
            option: "trusted-ca",
            purpose: "without it no peer can be verified",
        }),
    }
}

/// A verifier to be, with the revocation lists.
struct Revoking {
    builder: VerifierBuilder,
    /// How many of the lists are from `tls-crl`; these come first.
    own_lists: usize,
    notes: Vec<Note>,
}

/// Adds the lists of `tls-crl`, and those that stand among the trusted CAs: OpenSSL uses them too once revocation is
/// checked.
fn revocation(
    builder: VerifierBuilder,
    files: &FileList,
    among_roots: Vec<RevocationList>,
) -> Result<Revoking, Error> {
    let found = pki::crls::load(files)?;
    let notes = unused("tls-crl", found.unused());
    let lists = found.into_lists();
    let own_lists = lists.len();
    let lists = lists.into_iter().chain(among_roots);
    Ok(Revoking {
        builder: builder.crls(lists.map(RevocationList::into_der)),
        own_lists,
        notes,
    })
}

fn unusable(source: VerifierError, own_lists: usize) -> Error {
    let option = match source {
        VerifierError::List { number, .. } if number < own_lists => "tls-crl",
        VerifierError::NoList => "tls-crl",
        _ => "trusted-ca",
    };
    Error::Verifier { option, source }
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

/// OpenSSL passes over such blocks in silence.
fn unused(option: &str, blocks: &[UnusedBlock]) -> Vec<Note> {
    let warning = |block| Note::Warning(format!("`{option}`: {block}"));
    blocks.iter().map(warning).collect()
}
