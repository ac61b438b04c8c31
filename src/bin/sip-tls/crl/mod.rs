//! `sip-tls crl`: revocation lists in the cache and in files.

mod fetch;
mod list;
mod show;

use clap::Subcommand;

use crate::failure::{Exit, Failure};
pub(crate) use list::Kept;

#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Fetch the lists that a configuration needs into the cache, for cron
    Fetch(fetch::Args),
    /// Show the lists in the cache
    List(list::Args),
    /// Show the contents of files of revocation lists
    Show(show::Args),
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Fetch(args) => fetch::run(args),
        Command::List(args) => list::run(args),
        Command::Show(args) => show::run(args),
    }
}
