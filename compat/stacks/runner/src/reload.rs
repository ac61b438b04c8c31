//! Changes of files while the programs run.

use std::fs;
use std::path::{Path, PathBuf};

use crate::case::{Case, REVOKED, REVOKED_ALERT, Role, Version};
use crate::process::free_port;
use crate::program::{LIMIT, Program, configure, configure_with};
use stack_pki::{Lists, Pki};

/// Makes a call, revokes the certificate of one side in the lists of the other, has this other side read its files
/// again, calls again, and reverses the revocation.
pub(crate) fn run(
    client: Program,
    server: Program,
    by: Role,
    version: Version,
    pki: &Pki,
) -> Result<&'static str, String> {
    let port = free_port();
    let lists = pki.file(&format!("lists-{port}.crl"));
    copy(&pki.lists(Lists::Current), &lists)?;
    let config = |role: Role| -> Result<PathBuf, String> {
        let setup = Case::Good.setup(role, version);
        match role == by {
            true => configure_with(pki, setup, port, &lists),
            false => configure(pki, setup, port),
        }
    };
    let mut server = server.serve(&config(Role::Server)?, port)?;
    let mut client = client.call_again(&config(Role::Client)?)?;
    client.wait_for("done", 1, LIMIT)?;
    for (content, outcome, count) in [(Lists::All, "failed: ", 1), (Lists::Current, "done", 2)] {
        copy(&pki.lists(content), &lists)?;
        if by == Role::Server {
            server.write_line()?;
            server.wait_for("reloaded", count, LIMIT)?;
        }
        client.write_line()?;
        client.wait_for(outcome, count, LIMIT)?;
    }
    let (refuser, refused) = match by {
        Role::Client => (client.output(), server.output()),
        Role::Server => (server.output(), client.output()),
    };
    let names_alert = REVOKED_ALERT.iter().any(|alert| refused.contains(alert));
    match refuser.contains(REVOKED[0]) && names_alert {
        true => Ok("called, refused, called"),
        false => Err(format!("the reason is not told: {refuser}\n{refused}")),
    }
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let copied = fs::copy(from, to).map(|_| ());
    copied.map_err(|error| format!("cannot write {}: {error}", to.display()))
}
