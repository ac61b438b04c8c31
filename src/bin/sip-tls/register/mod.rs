//! `connect --register`: registers lines of the configuration, and keeps them registered.
//!
//! Each line has a task (`registrant`): it connects, registers, answers requests and pings (`flow`,
//! `keep_alive`), and after a failure waits (`backoff`) and begins again. All tasks report to one
//! `board`, which prints changes or draws a table. At the end each task takes its registration
//! back.

mod args;
mod backoff;
mod board;
mod ending;
mod error;
mod flow;
mod keep_alive;
mod lines;
mod password;
mod record;
mod registrant;
mod table;

use std::collections::HashMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sip_tls::profile::Server;
use sip_tls::{Endpoint, EndpointBuilder};
use tokio::task::JoinSet;

pub(crate) use args::RegisterArgs;
use board::{Board, Shown};
use ending::{Ending, Stop};
use lines::Line;
use registrant::Registrant;

use crate::connect::RouteArgs;
use crate::failure::{Exit, Failure};
use crate::output::{self, Printing, Queue, Screen};
use crate::settings::{Settings, tell_json};
use crate::signal;
use crate::sip::{self, Authenticator, Binding, Password, Registration};

/// The settings of one run of `connect --register`.
pub(crate) struct Task<'a> {
    pub(crate) args: &'a RegisterArgs,
    pub(crate) settings: &'a Settings,
    pub(crate) user: Option<&'a str>,
    pub(crate) server: Option<&'a Server>,
    pub(crate) route: &'a RouteArgs,
    pub(crate) timeout: Duration,
    pub(crate) is_json: bool,
    /// Whether steps are printed on stderr, which would break up a table.
    pub(crate) is_verbose: bool,
}

impl Task<'_> {
    pub(crate) fn run(&self) -> Result<Exit, Failure> {
        let (endpoint, lines, password) = tell_json(self.is_json, self.prepare())?;
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().map_err(Failure::unusable)?;
        let exit = runtime.block_on(self.register(endpoint, lines, password));
        // A name look-up that hangs must not keep the program alive.
        runtime.shutdown_background();
        exit
    }

    /// Reads everything before the first connection, so that a mistake is noticed at once.
    fn prepare(&self) -> Result<(Endpoint, Vec<Line>, Option<Password>), Failure> {
        let loaded = self.settings.load()?;
        let lines = lines::choose_all(loaded.profile.as_ref(), self.user, self.server)?;
        let password = password::password(self.args.auth_password_file.as_deref())?;
        if self.args.auth_user.is_some() && password.is_none() {
            let text = "`--auth-user` is given, but no password: give it with `--auth-password-file` or \
                        SIP_TLS_AUTH_PASSWORD";
            return Err(Failure::unusable(text));
        }
        let configure =
            |builder: EndpointBuilder| self.route.configure(builder.timeout(self.timeout));
        let (endpoint, _) = loaded.endpoint(configure)?;
        Ok((endpoint, lines, password))
    }

    /// Runs the tasks until the program is to end, and then gives them a moment to take their
    /// registrations back.
    async fn register(
        &self,
        endpoint: Endpoint,
        lines: Vec<Line>,
        password: Option<Password>,
    ) -> Result<Exit, Failure> {
        let (shown, printing) = self.shown();
        let board = Board::new(&lines, shown);
        let (ending, stop) = Ending::new();
        let mut tasks = JoinSet::new();
        for registrant in self.registrants(&endpoint, lines, password, &board, &stop) {
            tasks.spawn(registrant.run());
        }
        tokio::select! {
            () = self.ended() => {}
            () = board.draw() => {}
        }
        let exit = board.exit();
        ending.request();
        tokio::select! {
            _ = tokio::time::timeout(FAREWELL, all(&mut tasks)) => {}
            // A second signal ends the wait.
            () = signal::ended() => {}
        }
        tasks.shutdown().await;
        board.draw_once();
        finish(board, printing).and(exit)
    }

    /// Makes the task of each line. Lines of the same user at the same server have different
    /// `reg-id`s, so that the registrar keeps them apart (RFC 5626, section 4.2).
    fn registrants<'a>(
        &'a self,
        endpoint: &'a Endpoint,
        lines: Vec<Line>,
        password: Option<Password>,
        board: &'a Arc<Board>,
        stop: &'a Stop,
    ) -> impl Iterator<Item = Registrant> + 'a {
        let instance = sip::uuid(endpoint);
        let mut numbers = HashMap::<_, u32>::new();
        lines
            .into_iter()
            .enumerate()
            .filter_map(move |(row, line)| {
                let Line::Registers(target) = line else {
                    return None;
                };
                let who = (target.user.clone(), target.server.host().to_owned());
                let number = numbers.entry(who).or_default();
                *number += 1;
                let binding = Binding {
                    instance: instance.clone(),
                    number: *number,
                };
                let name = self.args.auth_user.as_ref().unwrap_or(&target.user);
                let pace = self.args.pace(self.timeout);
                Some(Registrant {
                    endpoint: endpoint.clone(),
                    route: self.route.route(),
                    registration: Registration::new(&sip::token(endpoint), binding),
                    authenticator: Authenticator::new(name.clone(), password.clone()),
                    expires: pace.expires,
                    pace,
                    place: board.place(row),
                    stop: stop.clone(),
                    target,
                })
            })
    }

    /// Waits until the program is to end.
    ///
    /// That is a signal, or the end of the time that `--for` gives.
    async fn ended(&self) {
        let time = async {
            match self.args.duration {
                Some(duration) => tokio::time::sleep(duration).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = signal::ended() => {}
            () = time => {}
        }
    }

    /// Chooses the output: a table on a terminal, otherwise lines.
    fn shown(&self) -> (Shown, Option<Printing>) {
        if output::is_terminal() && !self.is_json && !self.is_verbose {
            return (Shown::Table(Screen::start()), None);
        }
        let left_out: fn(u64) -> String = match self.is_json {
            true => |count| format!("{{\"left_out\":{count}}}"),
            false => |count| output::left_out(count, "change"),
        };
        let (queue, printing) = Queue::start(io::stdout(), left_out);
        let shown = match self.is_json {
            true => Shown::Json(queue),
            false => Shown::Lines(queue),
        };
        (shown, Some(printing))
    }
}

/// Waits for the end of all tasks.
async fn all(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

/// Waits a while until the rest is printed.
fn finish(board: Arc<Board>, printing: Option<Printing>) -> Result<(), Failure> {
    if let Some(Shown::Table(screen)) = Arc::into_inner(board).map(Board::into_shown) {
        screen.end();
    }
    printing.map_or(Ok(()), |printing| printing.end().map_err(Failure::unusable))
}

/// The time limit for removing the registrations.
const FAREWELL: Duration = Duration::from_millis(1500);
