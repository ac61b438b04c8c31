//! A SIP server that many phones talk to.

use std::env;
use std::time::Duration;

use super::Topic;
use super::handshakes::base;
use crate::load::cores::Cores;
use crate::load::generator::Load;
use crate::load::server::settings;
use crate::measure::{Effort, Race};
use crate::pki::{End, Files};
use crate::program::{self, Listener};
use crate::row::{Figure, Row};
use crate::side::ours;
use crate::{bounded, limits, tokio_ends};

pub static TOPIC: Topic = Topic {
    name: "load",
    title: "A SIP server under load",
    choices: "`sip-tls listen`, and a *small* server over `Endpoint::serve`, beside the same small server over `tokio-openssl`, each in a process of its own on one core, and a generator on \
              the other core: connections of TLS 1.3 (P-256, AES-256-GCM, server authentication), each of which sends an \
              OPTIONS request of 387 bytes a second and reads the answer. Three turns of ten seconds each, in turn. The CPU \
              time is that of the server's process, its kernel work included, while the requests are sent; *messages* are requests. \
              *Answer* is the time from a request to the whole answer. *Memory* is what the resident memory has grown by for each connection. \
              `listen` reads and checks requests as a SIP stack does; the small ones look for the end of a head, and copy five \
              lines. OpenSSL has `SSL_MODE_RELEASE_BUFFERS` on. Tickets are off on both sides. \
              Nothing else may run beside it: a server that gets less of its core than it needs answers late.",
    avx512: &[],
    rows,
};

/// Which server it is.
#[derive(Clone, Copy)]
enum Server {
    /// `sip-tls listen`.
    Listen,
    /// Our server, as small as that of OpenSSL.
    Small,
    OpenSsl,
}

/// The results of one turn of one server.
struct Turn {
    /// Messages in a second.
    rate: f64,
    /// CPU seconds for a message.
    work: f64,
    median: f64,
    slowest: f64,
    /// Bytes for a connection.
    memory: f64,
}

fn rows(effort: &Effort) -> Vec<Row> {
    let loads = effort.pick(vec![Load::of(2_000), Load::of(10_000)], vec![SMOKE]);
    loads.iter().flat_map(|load| under(effort, load)).collect()
}

fn under(effort: &Effort, load: &Load) -> Vec<Row> {
    limits::raise_descriptors(load.connections);
    let files = settings().pki().files();
    let servers = [Server::Listen, Server::Small, Server::OpenSsl];
    let mut turns = servers.map(|_| Vec::new());
    for turn in 0..effort.pick(3, 1) {
        for place in 0..servers.len() {
            let lane = (turn + place) % servers.len();
            turns[lane].push(servers[lane].measure(&files, load));
        }
    }
    let [listen, small, other] = turns;
    let named = |name: &str| format!("{name}, {} connections", load.connections);
    let mut rows = beside(&named("listen"), &listen, &other);
    rows.extend(beside(&named("small"), &small, &other));
    rows
}

/// The rows of one of our servers.
fn beside(who: &str, ours: &[Turn], other: &[Turn]) -> Vec<Row> {
    let race = |value: fn(&Turn) -> f64| {
        let values = |turns: &[Turn]| turns.iter().map(value).collect();
        Race::of(vec![values(ours), values(other)])
    };
    let (memory, rate) = (race(|turn| turn.memory), race(|turn| turn.rate));
    let work = race(|turn| turn.work);
    let name = |what: &str| format!("{who}: {what}");
    let timed = |what: &str, value| Row::of_race(name(what), &race(value), 0, (OPENSSL, 1));
    let exact = |what: &str, figure: &dyn Fn(usize) -> Figure| {
        Row::exact(name(what), figure(0), OPENSSL, figure(1))
    };
    vec![
        exact("messages in a second", &|lane| {
            Figure::Count(rate.time(lane))
        }),
        timed("CPU time of a message", |turn| turn.work),
        exact("messages in a CPU second", &|lane| {
            Figure::Count(1.0 / work.time(lane))
        }),
        timed("answer, median", |turn| turn.median),
        timed("answer, 99 of 100", |turn| turn.slowest),
        exact("memory of each", &|lane| Figure::Bytes(memory.time(lane))),
    ]
}

impl Server {
    fn start(self, files: &Files) -> Listener {
        match self {
            Self::Listen => Listener::start(files),
            Self::Small => small("ours", files),
            Self::OpenSsl => small("openssl", files),
        }
    }

    fn measure(self, files: &Files, load: &Load) -> Turn {
        // Builds the program, if necessary: this is not part of the turn.
        program::path();
        let cores = Cores::of_this_thread();
        let server = cores.on_first(|| self.start(files));
        cores.on_last(|| turn(&server, files, load))
    }
}

fn small(side: &str, files: &Files) -> Listener {
    let mut command = bounded::command(env::current_exe().expect("running"));
    command.args(["serve", side]).arg(files.folder());
    Listener::of(command)
}

fn turn(server: &Listener, files: &Files, load: &Load) -> Turn {
    let client = ours::endpoint(&base(), &settings(), files, End::Client);
    let (before, mut works) = (server.resident(), Vec::new());
    let mut times = tokio_ends::runtime().block_on(async {
        let clients = load.connect(&client, server.address).await;
        let mark = || works.push((server.work(), server.resident()));
        clients.send(load, mark).await
    });
    let [(began, _), (ended, resident)] = works[..] else {
        panic!("two marks");
    };
    times.sort_unstable();
    let at = |part: usize| times[(times.len() - 1) * part / 100].as_secs_f64();
    Turn {
        rate: times.len() as f64 / load.length.as_secs_f64(),
        work: (ended - began).as_secs_f64() / times.len() as f64,
        median: at(50),
        slowest: at(99),
        memory: resident.saturating_sub(before) as f64 / load.connections as f64,
    }
}

const OPENSSL: &str = "tokio-openssl";

impl Load {
    fn of(connections: usize) -> Self {
        Self {
            connections,
            period: Duration::from_secs(1),
            length: Duration::from_secs(10),
        }
    }
}

const SMOKE: Load = Load {
    connections: 10,
    period: Duration::from_millis(20),
    length: Duration::from_millis(400),
};
