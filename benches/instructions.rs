//! Counts the instructions and allocations of the work that is done most often. Both are the same in every run.
//!
//! `cargo bench --bench instructions` counts the instructions with callgrind, a tool of valgrind, and fails if there
//! are 5 % more than listed here. With another compiler it says so, and compares nothing.

mod pki;

use std::env;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{
    CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom, WebPkiSupportedAlgorithms,
};
use rustls::pki_types::{
    AlgorithmIdentifier, InvalidSignature, PrivateKeyDer, ServerName,
    SignatureVerificationAlgorithm, UnixTime, alg_id,
};
use rustls::sign::SigningKey;
use sip_tls::options::{CipherList, NameCheck};
use sip_tls::pki::{RevocationList, TrustedCertificate};
use sip_tls::verify::{Observer, ServerVerifier, Verifier};

use self::pki::{HOST, Pki};

/// What is measured, and how many instructions it took with [`COMPILER`].
const CASES: &[Case] = &[
    Case {
        name: "verification",
        work: || verification(None),
        instructions: 33_100,
    },
    Case {
        name: "verification with a list of 100,000 entries",
        work: || verification(Some(100_000)),
        instructions: 34_700,
    },
    Case {
        name: "a cipher string",
        work: || Box::new(|| drop(black_box(CIPHERS).parse::<CipherList>())),
        instructions: 33_700,
    },
];

/// How many of the instructions of the second case are the list's: the first case is the same verification without it.
const LOOK_UP: u64 = 1_560;

const COMPILER: &str = "rustc 1.95.0";

/// The most allocations of a verification.
const MOST_ALLOCATIONS: u64 = 12;

struct Case {
    name: &'static str,
    work: fn() -> Box<dyn Fn()>,
    instructions: u64,
}

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    if let [number] = &words[..]
        && let Ok(number) = number.parse::<usize>()
    {
        // This process runs under valgrind.
        let work = (CASES[number].work)();
        work();
        measured(&*work);
        return ExitCode::SUCCESS;
    }
    let mut is_good = true;
    for case in CASES {
        let work = (case.work)();
        work();
        let counted = allocation_counter::measure(&*work);
        println!("{}: {} allocations", case.name, counted.count_total);
        if case.name.starts_with("verification") && counted.count_total > MOST_ALLOCATIONS {
            println!("  more than {MOST_ALLOCATIONS}");
            is_good = false;
        }
    }
    // `cargo bench` passes this argument. A test run only checks that everything still works.
    if words.iter().any(|word| word == "--bench") {
        is_good &= count_instructions();
    }
    match is_good {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    }
}

fn count_instructions() -> bool {
    let is_compiler = compiler().starts_with(&format!("{COMPILER} "));
    if !is_compiler {
        println!("not compared: the figures are those of {COMPILER}");
    }
    let compare = |name, counted, usual| {
        println!("{name}: {counted} instructions, usually {usual}");
        let is_good = !is_compiler || counted * 100 <= usual * 105;
        if !is_good {
            println!("  more than 5 % above");
        }
        is_good
    };
    let counts: Vec<u64> = (0..CASES.len()).map(instructions).collect();
    let mut is_good = compare(
        "the look-up in that list",
        counts[1].saturating_sub(counts[0]),
        LOOK_UP,
    );
    for (case, counted) in CASES.iter().zip(counts) {
        is_good &= compare(case.name, counted, case.instructions);
    }
    is_good
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a case under callgrind, which says how many instructions it collected.
fn instructions(number: usize) -> u64 {
    let output = Command::new("timeout")
        .args(["600", "valgrind"])
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=instructions::measured")
        .arg(env::current_exe().unwrap())
        .arg(number.to_string())
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut lines = said.lines();
    let counted = lines.find_map(|line| line.split_once("Collected : ")?.1.parse().ok());
    counted.filter(|count| *count > 0).expect("a count")
}

#[inline(never)]
fn measured(work: &dyn Fn()) {
    black_box(work)();
}

/// Makes a verification without the signatures: providers that need the newer instructions of a CPU do not run under
/// valgrind.
fn verification(entries: Option<u64>) -> Box<dyn Fn()> {
    let pki = Pki::new();
    let root = TrustedCertificate::from_der(pki.root.clone()).unwrap();
    let builder = Verifier::builder(&provider()).trusted(&[root]);
    let builder = match entries {
        Some(entries) => {
            let list = RevocationList::from_der(Pki::list(entries).into());
            builder.revocation_lists([list.unwrap()])
        }
        None => builder,
    };
    let verifier = builder.name_check(NameCheck::Host).build().unwrap();
    let verifier = ServerVerifier::new(verifier, Observer::default());
    let (host, now) = (ServerName::try_from(HOST).unwrap(), UnixTime::now());
    Box::new(move || {
        let [end_entity, intermediate] = &pki.chain;
        let intermediates = std::slice::from_ref(intermediate);
        let verified = verifier.verify_server_cert(end_entity, intermediates, &host, &[], now);
        black_box(verified.unwrap());
    })
}

fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: Vec::new(),
        kx_groups: Vec::new(),
        signature_verification_algorithms: WebPkiSupportedAlgorithms {
            all: &[&AllGood],
            mapping: &[],
        },
        secure_random: &Nothing,
        key_provider: &Nothing,
    }
}

/// Accepts every signature.
#[derive(Debug)]
struct AllGood;

impl SignatureVerificationAlgorithm for AllGood {
    fn verify_signature(&self, _: &[u8], _: &[u8], _: &[u8]) -> Result<(), InvalidSignature> {
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_P256
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        alg_id::ECDSA_SHA256
    }
}

/// Has neither random numbers nor keys.
#[derive(Debug)]
struct Nothing;

impl SecureRandom for Nothing {
    fn fill(&self, _: &mut [u8]) -> Result<(), GetRandomFailed> {
        Err(GetRandomFailed)
    }
}

impl KeyProvider for Nothing {
    fn load_private_key(
        &self,
        _: PrivateKeyDer<'static>,
    ) -> Result<std::sync::Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General("no keys".to_owned()))
    }
}

const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
     ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:\
     DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-CHACHA20-POLY1305";
