//! `differential`: asks OpenSSL and sip-tls the same questions.

use std::{env, fs, path::Path, process::ExitCode};

use compat_openssl::{
    answer::Answer, build::Built, cases, compare, der, divergence::Divergences, fixed, handshake,
    limbo, oracle, ours, random, seeds,
};
use lexopt::prelude::*;
use openssl::ssl::SslVersion;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

const USAGE: &str = "\
differential fixed [PREFIX]              the cases by name
differential random [--seed N] [--cases N]
differential limbo                       the x509-limbo suite
differential handshakes                  OpenSSL's answers again, by handshakes in memory
differential seeds DIR                   the cases as seeds for the fuzz targets
differential show CASE [DIR]             one case: both answers, and its files";

#[derive(Default)]
struct Arguments {
    words: Vec<String>,
    seed: u64,
    cases: Option<usize>,
}

fn run() -> Result<bool, String> {
    let arguments = arguments().map_err(|e| e.to_string())?;
    let words: Vec<&str> = arguments.words.iter().map(String::as_str).collect();
    match words[..] {
        ["fixed"] => Ok(print(&fixed::run(
            "",
            &Divergences::read(&fixed::list_path())?,
        ))),
        ["fixed", prefix] => Ok(print(&fixed::run(
            prefix,
            &Divergences::read(&fixed::list_path())?,
        ))),
        ["limbo"] => Ok(print(&fixed::run_limbo(&Divergences::read(
            &fixed::list_path(),
        )?)?)),
        ["random"] => search(arguments.seed, arguments.cases.unwrap_or(2000)),
        ["handshakes"] => Ok(handshakes()),
        ["seeds", dir] => write_seeds(Path::new(dir)),
        ["show", name] => show(name, None),
        ["show", name, dir] => show(name, Some(Path::new(dir))),
        _ => Err(USAGE.into()),
    }
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    let mut arguments = Arguments::default();
    let mut parser = lexopt::Parser::from_args(env::args_os().skip(1));
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seed") => arguments.seed = parser.value()?.parse()?,
            Long("cases") => arguments.cases = Some(parser.value()?.parse()?),
            Value(word) => arguments.words.push(word.string()?),
            other => return Err(other.unexpected()),
        }
    }
    Ok(arguments)
}

fn print(report: &compare::Report) -> bool {
    report
        .failures
        .iter()
        .for_each(|failure| println!("{failure}"));
    println!(
        "{} cases: {} accepted by both, {} refused alike, {} listed as different, {} failures",
        report.cases,
        report.accepted_by_both,
        report.refused_alike,
        report.listed,
        report.failures.len()
    );
    report.failures.is_empty()
}

fn search(seed: u64, count: usize) -> Result<bool, String> {
    let list = Divergences::read(&fixed::list_path())?;
    let found = random::search(seed, count, &list, ours::ask);
    found
        .failures
        .iter()
        .for_each(|failure| println!("{failure}"));
    for (case, count) in &found.explained {
        println!("{count:6} explained by {case}");
    }
    println!(
        "{} cases: {} accepted by both, {} refused alike, {} explained, {} by another path, {} failures",
        found.cases,
        found.accepted_by_both,
        found.refused_alike,
        found.explained.values().sum::<usize>(),
        found.other_paths,
        found.failures.len()
    );
    Ok(found.failures.is_empty())
}

fn handshakes() -> bool {
    let mut is_same = true;
    let (mut compared, mut apart) = (0, 0);
    for case in cases::all() {
        let built = case.plan().build();
        let answer = oracle::ask(&built);
        for version in [SslVersion::TLS1_2, SslVersion::TLS1_3] {
            let outcome = handshake::run(&built, version);
            match outcome.agrees(answer) {
                Some(true) => compared += 1,
                Some(false) => {
                    is_same = false;
                    println!(
                        "{}: {answer} by itself, {outcome:?} by handshake",
                        case.name
                    );
                }
                None => apart += 1,
            }
        }
    }
    println!("{compared} handshakes agree; in {apart} the certificates could not be presented");
    is_same
}

fn write_seeds(dir: &Path) -> Result<bool, String> {
    let count = seeds::write(dir).map_err(|e| format!("cannot write to {}: {e}", dir.display()))?;
    println!("{count} seeds");
    Ok(true)
}

fn show(name: &str, dir: Option<&Path>) -> Result<bool, String> {
    let case = find(name)?;
    let (openssl, all) = (oracle::ask(&case), oracle::ask_for_all(&case));
    let ours = compare::guarded(&case, ours::ask);
    println!("{:?}", case.question);
    println!(
        "openssl: {openssl}, all errors: {}",
        all.iter()
            .map(Answer::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    );
    println!(
        "ours:    {}",
        ours.as_ref()
            .map_or_else(|panic| format!("panic: {panic}"), Answer::to_string)
    );
    if let Ok(ours) = ours {
        println!("verdict: {:?}", compare::judge(&case, openssl, ours));
    }
    println!("{}", ours::explain(&case));
    if let Some(dir) = dir {
        write(&case, dir).map_err(|e| format!("cannot write to {}: {e}", dir.display()))?;
    }
    Ok(ours == Ok(openssl))
}

fn find(name: &str) -> Result<Built, String> {
    if name.starts_with("limbo/") {
        let found = limbo::cases()?.into_iter().find(|(n, _)| n == name);
        return found
            .map(|(_, case)| case)
            .ok_or_else(|| format!("there is no case `{name}`"));
    }
    Ok(random::build(&random::by_name(name)?))
}

fn write(case: &Built, dir: &Path) -> std::io::Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(
        dir.join("leaf.pem"),
        der::pem("CERTIFICATE", &case.chain[0]),
    )?;
    let rest: String = case.chain[1..]
        .iter()
        .map(|der| der::pem("CERTIFICATE", der))
        .collect();
    fs::write(dir.join("untrusted.pem"), rest)?;
    fs::write(dir.join("trusted.pem"), case.trusted.concat())?;
    case.crls
        .iter()
        .try_for_each(|text| fs::write(dir.join("crls.pem"), text))
}
