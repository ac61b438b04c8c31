//! `differential`: asks OpenSSL and sip-tls the same questions.

use std::{collections::BTreeMap, env, fs, path::Path, process::ExitCode};

use compat_openssl::{
    answer::Answer, build::Built, cases, compare, der, divergence::Divergences, fixed, handshake,
    limbo, oracle, ours, policy, protocol, random, seeds, tls,
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
differential random [--seeds N,N,...] [--cases N]
differential differences                 what is not listed, of the cases by name and the x509-limbo suite
differential mutations [--cases N]       OpenSSL's answers to each random change alone
differential limbo                       the x509-limbo suite
differential handshakes                  OpenSSL's answers again, by handshakes in memory
differential tls                         what only a handshake decides
differential protocol                    what a connection decides besides certificates, over sockets
differential seeds DIR                   the cases as seeds for the fuzz targets
differential show CASE [DIR]             one case: both answers, and its files";

#[derive(Default)]
struct Arguments {
    words: Vec<String>,
    seeds: Vec<u64>,
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
        ["random"] => search(&arguments.seeds, arguments.cases.unwrap_or(2000)),
        ["differences"] => differences(),
        ["mutations"] => Ok(mutations(arguments.cases.unwrap_or(300))),
        ["handshakes"] => Ok(handshakes()),
        ["tls"] => Ok(transport()),
        ["protocol"] => Ok(connections(&Divergences::read(&fixed::list_path())?)),
        ["seeds", dir] => write_seeds(Path::new(dir)),
        ["show", name] => show(name, None),
        ["show", name, dir] => show(name, Some(Path::new(dir))),
        _ => Err(USAGE.into()),
    }
}

/// Numbers between commas.
fn numbers(text: &str) -> Result<Vec<u64>, lexopt::Error> {
    let number = |word: &str| {
        let value = word.trim().parse();
        value.map_err(|_| format!("`{word}` is no number").into())
    };
    text.split(',').map(number).collect()
}

fn arguments() -> Result<Arguments, lexopt::Error> {
    let mut arguments = Arguments {
        seeds: vec![0],
        ..Arguments::default()
    };
    let mut parser = lexopt::Parser::from_args(env::args_os().skip(1));
    while let Some(argument) = parser.next()? {
        match argument {
            Long("seed" | "seeds") => arguments.seeds = numbers(&parser.value()?.string()?)?,
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

fn search(seeds: &[u64], count: usize) -> Result<bool, String> {
    let list = Divergences::read(&fixed::list_path())?;
    let mut is_good = true;
    for seed in seeds {
        let found = random::search(*seed, count, &list, ours::ask);
        print_found(*seed, &found);
        is_good &= found.failures.is_empty();
    }
    Ok(is_good)
}

fn print_found(seed: u64, found: &random::Found) {
    found.failures.values().for_each(|line| println!("{line}"));
    for (why, count) in &found.explained {
        println!("{count:6} explained by {why}");
    }
    println!(
        "seed {seed}, {} cases: {} accepted by both, {} refused alike, {} explained, {} failures",
        found.cases,
        found.accepted_by_both,
        found.refused_alike,
        found.explained.values().sum::<usize>(),
        found.failures.len()
    );
}

/// Prints the differences that are not listed, in the form of the list: an entry needs no more than a reason.
fn differences() -> Result<bool, String> {
    let list = Divergences::read(&fixed::list_path())?;
    let reports = [fixed::run("", &list), fixed::run_limbo(&list)?];
    let mut unlisted = BTreeMap::<_, Vec<&String>>::new();
    for (answers, cases) in reports.iter().flat_map(|r| &r.unlisted) {
        unlisted.entry(*answers).or_default().extend(cases);
    }
    for ((openssl, ours), cases) in &unlisted {
        println!("[[divergence]]\ncase = [");
        cases.iter().for_each(|case| println!("    \"{case}\","));
        println!("]\nopenssl = \"{openssl}\"\nours = \"{ours}\"\nreason = \"\"\n");
    }
    let laxer = unlisted
        .keys()
        .filter(|(openssl, ours)| compare::judge(*openssl, *ours) == compare::Judgement::Laxer);
    println!(
        "# {} listed, {} not listed, {} ways to be laxer",
        list.cases().count(),
        unlisted.values().map(Vec::len).sum::<usize>(),
        laxer.count()
    );
    // A listed case that no longer exists is not a difference, but a fault of the list.
    let gone = reports.iter().flat_map(|r| &r.failures);
    let gone: Vec<_> = gone.filter(|f| f.contains(": listed, but ")).collect();
    gone.iter().for_each(|line| println!("# {line}"));
    Ok(unlisted.is_empty() && gone.is_empty())
}

/// Prints how often OpenSSL accepts what each mutation makes.
fn mutations(count: usize) -> bool {
    let mut is_good = true;
    for of_one in random::mix(count) {
        let mut answers: Vec<_> = of_one.answers.iter().collect();
        answers.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let answers: Vec<_> = answers.iter().map(|(a, n)| format!("{a} {n}")).collect();
        println!("{:20} {}", of_one.name, answers.join(", "));
        if let Some(panic) = &of_one.panic {
            println!("{panic}");
            is_good = false;
        }
    }
    is_good
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

/// Runs the handshakes that are compared with OpenSSL's.
fn transport() -> bool {
    let failures = tls::run();
    failures.iter().for_each(|line| println!("{line}"));
    println!(
        "{} handshakes, {} failures",
        tls::cases().len(),
        failures.len()
    );
    failures.is_empty()
}

/// Makes the connections that are compared with OpenSSL's.
fn connections(list: &Divergences) -> bool {
    let met = protocol::run(list);
    met.iter().for_each(|met| println!("{}", met.text));
    let failures: Vec<_> = met.iter().filter(|met| !met.is_as_listed).collect();
    println!(
        "{} connections, {} of them listed as different, {} failures",
        met.len(),
        list.protocol_cases().count(),
        failures.len()
    );
    failures
        .iter()
        .for_each(|met| println!("not as listed: {}", met.text));
    failures.is_empty()
}

fn write_seeds(dir: &Path) -> Result<bool, String> {
    let count = seeds::write(dir).map_err(|e| format!("cannot write to {}: {e}", dir.display()))?;
    println!("{count} seeds");
    Ok(true)
}

fn show(name: &str, dir: Option<&Path>) -> Result<bool, String> {
    let case = find(name)?;
    let is_same = show_case(&case);
    let write = |case: &Built, dir: &Path| {
        write(case, dir).map_err(|e| format!("cannot write to {}: {e}", dir.display()))
    };
    if let Some(rest) = rest(name)? {
        println!("\nwithout what our policies refuse:");
        show_case(&rest);
        if let Some(dir) = dir {
            write(&rest, &dir.join("rest"))?;
        }
    }
    if let Some(dir) = dir {
        write(&case, dir)?;
    }
    Ok(is_same)
}

fn show_case(case: &Built) -> bool {
    let (openssl, all) = (oracle::ask(case), oracle::ask_for_all(case));
    let ours = compare::guarded(case, ours::ask);
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
        println!("verdict: {:?}", compare::judge(openssl, ours));
    }
    println!("{}", ours::explain(case));
    ours == Ok(openssl)
}

/// The case without what our policies refuse, if they refuse something of it.
fn rest(name: &str) -> Result<Option<Built>, String> {
    if name.starts_with("limbo/") {
        return Ok(None);
    }
    let list = Divergences::read(&fixed::list_path())?;
    let plan = random::plan(&random::by_name(name)?);
    Ok(policy::rest(&plan, list.policies()).map(|rest| rest.case))
}

fn find(name: &str) -> Result<Built, String> {
    if name.starts_with("limbo/") {
        let found = limbo::cases()?.into_iter().find(|(n, _)| n == name);
        return found
            .map(|(_, case)| case)
            .ok_or_else(|| format!("there is no case `{name}`"));
    }
    Ok(random::plan(&random::by_name(name)?).build())
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
    fs::write(dir.join("trusted.pem"), case.trusted_file())?;
    case.crls
        .iter()
        .try_for_each(|text| fs::write(dir.join("crls.pem"), text))
}
