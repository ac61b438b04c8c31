//! The programs in the README.

use std::fs;

use crate::case::{Case, Role, Version};
use crate::process::free_port;
use crate::program::{LIMIT, Program, configure};
use stack_pki::Pki;

/// Connects to a server with a good certificate, and to one with a revoked certificate.
pub(crate) fn run(program: Program, version: Version, pki: &Pki) -> Result<&'static str, String> {
    for (case, expected) in [
        (Case::Good, "connected"),
        (Case::ServerRevoked, "certificate revoked"),
    ] {
        let port = free_port();
        let server = configure(pki, case.setup(Role::Server, version), port)?;
        let _server = program.serve(&server, port)?;
        let client = configure(pki, case.setup(Role::Client, version), port)?;
        let folder = pki.file(&format!("readme-{port}"));
        fs::create_dir_all(&folder)
            .and_then(|()| fs::copy(client, folder.join("SipEndpoint.config")))
            .map_err(|error| error.to_string())?;
        let mut process = program.readme(&folder, port)?;
        process.wait(LIMIT)?;
        let output = process.output();
        if !output.contains(expected) {
            return Err(format!("it does not print `{expected}`: {output}"));
        }
    }
    Ok("connected, refused")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_programs_that_are_run() {
        let stacks = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let readme = fs::read_to_string(format!("{stacks}/../../README.md")).unwrap();
        for path in [
            "ezk/examples/readme_ezk.rs",
            "rsipstack/examples/readme_rsipstack.rs",
            "rvoip/programs/examples/readme_rvoip.rs",
        ] {
            let program = fs::read_to_string(format!("{stacks}/{path}")).unwrap();
            let block = format!("```rust,ignore\n{program}```\n");
            assert!(readme.contains(&block), "{path}");
        }
    }
}
