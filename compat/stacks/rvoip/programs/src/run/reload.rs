//! A reload while the programs run: the good one is revoked.

use std::path::Path;

use crate::case::{Program, Setup, Version};
use crate::ours::{Programs, configure, lists};
use crate::pki::{Identity, Lists, Pki, replace};
use crate::process::{LIMIT, Process};

/// The server reads that its client is revoked. Who is connected stays; a new connection is refused.
pub(crate) fn of_server(programs: &Programs, pki: &Pki, version: Version) -> Result<(), String> {
    let ends = Ends::start(programs, pki, "reload-server", version)?;
    let mut stays = ends.client(&["options", "--stay"])?;
    stays.wait_for("OPTIONS 200", 1)?;
    replace(&pki.lists(Lists::Stricter), &lists(&ends.server_config))?;
    ends.server.hang_up()?;
    ends.server.wait_for("the files were read again", 1)?;
    stays.write("again")?;
    stays.wait_for("OPTIONS 200", 2)?;
    let mut new = ends.client(&[])?;
    refused(&mut new, "certificate_revoked (44)")?;
    ends.server.wait_for("certificate revoked (23)", 1)?;
    Ok(())
}

/// The client reads that its server is revoked, and that it is not. Its next request takes a new connection each time.
pub(crate) fn of_client(programs: &Programs, pki: &Pki, version: Version) -> Result<(), String> {
    let ends = Ends::start(programs, pki, "reload-client", version)?;
    let mut client = ends.client(&["--stay"])?;
    client.wait_for("BYE 200", 1)?;
    reload(&mut client, &ends.client_config, pki, Lists::Stricter, 1)?;
    client.write("again")?;
    client.wait_for("certificate revoked (23)", 1)?;
    reload(&mut client, &ends.client_config, pki, Lists::Current, 2)?;
    client.write("again")?;
    client.wait_for("BYE 200", 2)?;
    let connected = client.output().matches(version.name()).count();
    match connected {
        2 => Ok(()),
        other => Err(format!(
            "{other} connections in place of 2: {}",
            client.output()
        )),
    }
}

fn reload(
    client: &mut Process,
    config: &Path,
    pki: &Pki,
    to: Lists,
    times: usize,
) -> Result<(), String> {
    replace(&pki.lists(to), &lists(config))?;
    client.write("reload")?;
    client.wait_for("done\n", times).map(|_| ())
}

fn refused(client: &mut Process, words: &str) -> Result<(), String> {
    let succeeded = client.wait(LIMIT)?;
    let output = client.output();
    match !succeeded && output.contains(words) {
        true => Ok(()),
        false => Err(format!("not refused by `{words}`: {output}")),
    }
}

/// A server, and the configuration of its clients.
struct Ends<'a> {
    programs: &'a Programs,
    server: Process,
    server_config: std::path::PathBuf,
    client_config: std::path::PathBuf,
}

impl<'a> Ends<'a> {
    fn start(
        programs: &'a Programs,
        pki: &Pki,
        name: &str,
        version: Version,
    ) -> Result<Self, String> {
        let setup = Setup {
            identity: Some(Identity::Good),
            lists: Lists::Current,
            version,
        };
        let name = format!("{name}-{}", version.name());
        let server_config = configure(pki, &format!("{name}-server"), setup, None)?;
        let (server, port) = programs.serve(Program::Rvoip, &server_config)?;
        let client_config = configure(pki, &format!("{name}-client"), setup, Some(port))?;
        Ok(Self {
            programs,
            server,
            server_config,
            client_config,
        })
    }

    fn client(&self, words: &[&str]) -> Result<Process, String> {
        self.programs
            .call(Program::Rvoip, &self.client_config, words)
    }
}
