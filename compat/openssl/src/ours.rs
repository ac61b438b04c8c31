//! The answers of sip-tls to a case.

use std::{error::Error, sync::LazyLock, time::Duration};

use sip_tls::{
    crypto,
    options::{FileList, NameCheck, SecurityLevel},
    pki,
    verify::{self, ReferenceName, RevocationDepth, Verifier, VerifyCode, VerifyStatus},
};

use rustls::{
    crypto::CryptoProvider,
    pki_types::{CertificateDer, UnixTime},
};

use crate::{
    answer::Answer,
    build::Built,
    oracle::Scratch,
    plan::{Purpose, Revocation},
};

/// Answers as our verifier does with the same files and options.
pub fn ask(case: &Built) -> Answer {
    match verifier(case) {
        Ok(verifier) => answer(&verify(&verifier, case)),
        Err(_) => Answer::Load,
    }
}

/// What our verifier found, in words.
pub fn explain(case: &Built) -> String {
    let status = match verifier(case) {
        Ok(verifier) => verify(&verifier, case),
        Err(error) => {
            let causes = std::iter::successors(error.source(), |cause| (*cause).source());
            return causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
        }
    };
    let findings: Vec<_> = status
        .findings()
        .iter()
        .map(|f| format!("         {f}"))
        .collect();
    format!("path:    {:?}\n{}", status.path(), findings.join("\n"))
}

/// A verifier of the files, as an endpoint makes one.
///
/// # Errors
///
/// A file cannot be loaded.
pub fn verifier(case: &Built) -> Result<Verifier, Box<dyn Error>> {
    let question = &case.question;
    let trusted = Scratch::new(&case.trusted_file());
    let roots = pki::roots::load(files(&trusted))?;
    let level = SecurityLevel::new(question.level).ok_or("no such level")?;
    let mut builder = Verifier::builder(&PROVIDER)
        .trusted(roots.certificates())
        .name_check(NameCheck::Host)
        .security_level(level);
    let lists = match &case.crls {
        Some(text) => pki::crls::load(files(&Scratch::new(text.as_bytes())))?.into_lists(),
        None => Vec::new(),
    };
    if let Some(depth) = depth(question.revocation) {
        builder = builder
            .revocation_lists(lists)
            .revocation_lists(roots.into_revocation_lists()?)
            .revocation_depth(depth);
    }
    Ok(builder.build()?)
}

/// Asks the verifier about a case.
pub fn verify(verifier: &Verifier, case: &Built) -> VerifyStatus {
    let question = &case.question;
    let chain: Vec<CertificateDer<'_>> =
        case.chain.iter().map(|der| der.as_slice().into()).collect();
    let purpose = match question.purpose {
        Purpose::Client => verify::Purpose::Client,
        Purpose::Server => verify::Purpose::Server,
    };
    let name = question.ip.map(ReferenceName::Ip);
    let name = name.or_else(|| {
        question
            .host
            .as_deref()
            .map(|host| ReferenceName::Dns(host.into()))
    });
    let now = UnixTime::since_unix_epoch(Duration::from_secs(question.time.max(0) as u64));
    verifier.verify(&chain, purpose, name.as_ref(), now)
}

/// Converts a status to an answer.
pub fn answer(status: &VerifyStatus) -> Answer {
    match status.error() {
        None => Answer::Accepted,
        Some(error) if error.code() == VerifyCode::Unspecified && error.detail().is_some() => {
            Answer::Unreadable
        }
        Some(error) => Answer::Refused {
            code: error.code().number() as i32,
            depth: error.depth() as i32,
        },
    }
}

fn depth(revocation: Revocation) -> Option<RevocationDepth> {
    match revocation {
        Revocation::Chain => Some(RevocationDepth::Chain),
        Revocation::Covered => Some(RevocationDepth::Covered),
        Revocation::EndEntity => Some(RevocationDepth::EndEntity),
        Revocation::Off => None,
    }
}

fn files(file: &Scratch) -> FileList {
    FileList::new(file.0.to_str().expect("made of ASCII"), None)
}

static PROVIDER: LazyLock<CryptoProvider> = LazyLock::new(|| {
    let base = crypto::default_base().expect("this CPU runs graviola");
    crypto::client_provider(&base)
});
