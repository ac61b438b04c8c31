//! Runs the SIP client and the SIP server against each other, Kamailio and `sip-tls`, and prints what came of it.
//!
//! `rvoip-run SIP-TLS [STACK...]` is given the program `sip-tls`, and programs on other SIP stacks: `STACK client
//! SipEndpoint.config` and `STACK server SipEndpoint.config ADDRESS:PORT`. A wrong outcome is told on stderr, and makes it
//! fail.

mod case;
mod kamailio;
mod ours;
mod pki;
mod port;
mod process;
mod reload;

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use case::{Case, Expected, Program, Scenario, Version, pairs};
use ours::{Programs, configure};
use pki::Pki;
use process::{LIMIT, Process, says};

fn main() -> ExitCode {
    match run() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("{wrong} wrong outcomes");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<usize, String> {
    let mut arguments = std::env::args().skip(1);
    let sip_tls = arguments
        .next()
        .ok_or("usage: rvoip-run SIP-TLS [STACK...]")?;
    let programs = Programs::find(sip_tls.into())?;
    let stacks: Vec<_> = arguments.map(|path| Program::Stack(path.leak())).collect();
    let pairs = pairs(&stacks);
    let folder = std::env::temp_dir().join(format!("rvoip-run-{}", std::process::id()));
    let pki = Pki::create(folder)?;
    let began = Instant::now();
    let jobs = jobs(&pairs);
    let outcomes = all(&jobs, |job| job.run(&programs, &pki));
    for (job, outcome) in jobs.iter().zip(&outcomes) {
        if let Err(error) = outcome {
            eprintln!("{job:?}: {error}\n");
        }
    }
    print(&pairs, &jobs, &outcomes);
    let wrong = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    println!(
        "\n{} runs, {wrong} of them wrong, in {} seconds",
        jobs.len(),
        began.elapsed().as_secs()
    );
    Ok(wrong)
}

#[derive(Debug)]
enum Job {
    Connect(Case),
    ReloadOfClient(Version),
    ReloadOfServer(Version),
    /// A call through Kamailio.
    Through(Version),
}

fn jobs(pairs: &[(Program, Program)]) -> Vec<Job> {
    let mut jobs = Vec::new();
    for version in Version::ALL {
        for &(client, server) in pairs {
            jobs.extend(Scenario::ALL.map(|scenario| {
                Job::Connect(Case {
                    client,
                    server,
                    scenario,
                    version,
                })
            }));
        }
        jobs.extend([
            Job::ReloadOfClient(version),
            Job::ReloadOfServer(version),
            Job::Through(version),
        ]);
    }
    jobs
}

impl Job {
    /// The cell of the table, or what was wrong.
    fn run(&self, programs: &Programs, pki: &Pki) -> Result<String, String> {
        match self {
            Self::Connect(case) => connect(case, programs, pki),
            Self::ReloadOfClient(version) => {
                reload::of_client(programs, pki, *version).map(|()| "ok".to_owned())
            }
            Self::ReloadOfServer(version) => {
                reload::of_server(programs, pki, *version).map(|()| "ok".to_owned())
            }
            Self::Through(version) => through(*version, programs, pki),
        }
    }
}

fn connect(case: &Case, programs: &Programs, pki: &Pki) -> Result<String, String> {
    let name = format!(
        "{}-{}-{:?}-{}",
        case.client.name(),
        case.server.name(),
        case.scenario,
        case.version.name()
    );
    let expected = case.expected();
    let (server, port) = match case.server {
        Program::Kamailio => kamailio::serve(pki, &name, case.server_setup())?,
        program => {
            let config = configure(pki, &format!("{name}-server"), case.server_setup(), None)?;
            programs.serve(program, &config)?
        }
    };
    if case.client == Program::Kamailio {
        let _client = kamailio::call(pki, &name, case.client_setup(), port)?;
        said(&server, &expected)?;
        return Ok(expected.cell);
    }
    let config = configure(
        pki,
        &format!("{name}-client"),
        case.client_setup(),
        Some(port),
    )?;
    // `sip-tls listen` answers nothing else.
    let words: &[&str] = match case.server.calls() {
        true => &[],
        false => &["options"],
    };
    let mut client = programs.call(case.client, &config, words)?;
    let succeeded = client.wait(LIMIT)?;
    let output = client.output();
    let mut words = expected.client.iter();
    let lacks = words.find(|word| says(&output, word) == 0);
    if let Some(word) = lacks {
        return Err(format!("the client does not say `{word}`: {output}"));
    }
    if succeeded != expected.succeeds {
        return Err(format!("the client's exit code is wrong: {output}"));
    }
    said(&server, &expected)?;
    Ok(expected.cell)
}

/// All that a connection without proxy does, too.
fn through(version: Version, programs: &Programs, pki: &Pki) -> Result<String, String> {
    let case = Case {
        client: Program::Rvoip,
        server: Program::Rvoip,
        scenario: Scenario::Good,
        version,
    };
    let (setup, expected) = (case.client_setup(), case.expected());
    let name = format!("through-{}", version.name());
    let config = configure(pki, &format!("{name}-server"), case.server_setup(), None)?;
    let (server, port) = programs.serve(Program::Rvoip, &config)?;
    let (proxy, port) = kamailio::stand_before(pki, &name, setup, port)?;
    let config = configure(pki, &format!("{name}-client"), setup, Some(port))?;
    let mut client = programs.call(Program::Rvoip, &config, &[])?;
    let succeeded = client.wait(LIMIT)?;
    let output = client.output();
    let lacks = expected.client.iter().any(|word| !output.contains(word));
    if lacks || !succeeded {
        return Err(format!("{output}\nproxy: {}", proxy.output()));
    }
    said(&server, &expected)?;
    Ok(expected.cell)
}

fn said(server: &Process, expected: &Expected) -> Result<(), String> {
    for word in &expected.server {
        server.wait_for(word, 1)?;
    }
    Ok(())
}

/// Does some jobs at once, in order of their results.
fn all<J: Sync, R: Send>(jobs: &[J], run: impl Fn(&J) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while let Some((number, job)) = take(jobs, &next) {
                    let result = run(job);
                    done.lock()
                        .expect("no worker panics")
                        .push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().expect("no worker panics");
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

fn take<'a, J>(jobs: &'a [J], next: &AtomicUsize) -> Option<(usize, &'a J)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, jobs.get(number)?))
}

fn print(pairs: &[(Program, Program)], jobs: &[Job], outcomes: &[Result<String, String>]) {
    let cell = |wanted: &dyn Fn(&Job) -> bool| {
        let number = jobs.iter().position(wanted);
        let outcome = number.and_then(|number| outcomes.get(number));
        match outcome {
            Some(Ok(cell)) => cell.clone(),
            _ => "WRONG".to_owned(),
        }
    };
    for version in Version::ALL {
        println!("{}:\n", version.name());
        let names = Scenario::ALL.map(Scenario::name).join(" | ");
        println!("| client | server | {names} |");
        println!("| --- | --- |{}", " --- |".repeat(Scenario::ALL.len()));
        for &(client, server) in pairs {
            let cells = Scenario::ALL.map(|scenario| {
                cell(&|job| {
                    matches!(job, Job::Connect(case) if case.client == client && case.server == server
                        && case.scenario == scenario && case.version == version)
                })
            });
            let cells = cells.join(" | ");
            println!("| {} | {} | {cells} |", client.name(), server.name());
        }
        println!(
            "\na call through Kamailio: {}; reload of the client: {}, of the server: {}\n",
            cell(&|job| matches!(job, Job::Through(of) if *of == version)),
            cell(&|job| matches!(job, Job::ReloadOfClient(of) if *of == version)),
            cell(&|job| matches!(job, Job::ReloadOfServer(of) if *of == version))
        );
    }
}

/// They wait more than they work.
const WORKERS: usize = 4;
