//! Which server to connect to.

use sip_tls::profile::{Connectivity, Profile, Server, Transport};

use crate::failure::{Failure, chain};

/// The server to connect to, and the user.
pub(crate) struct Target {
    pub(crate) server: Server,
    pub(crate) user: String,
    /// A note to the user about the choice of the server.
    pub(super) note: Option<String>,
}

impl Target {
    /// Makes a target from the server and the user of the command line.
    pub(crate) fn new(server: Server, user: &str) -> Self {
        Self {
            server,
            user: user.to_owned(),
            note: None,
        }
    }
}

impl From<&Connectivity> for Target {
    fn from(line: &Connectivity) -> Self {
        Self::new(line.server().clone(), line.user())
    }
}

/// Picks the first line of the configuration that uses TLS; with `user`, the first such line of that user.
pub(crate) fn choose(profile: &Profile, user: Option<&str>) -> Result<Target, Failure> {
    let lines = profile.connectivities();
    let of_user: Vec<_> = lines
        .iter()
        .filter(|line| user.is_none_or(|user| line.user() == user))
        .collect();
    let mut tls = of_user
        .iter()
        .filter(|line| line.transport() == Transport::Tls);
    let Some(line) = tls.next() else {
        let unusable = profile.unusable_connectivities().iter();
        let mut unusable = unusable.filter(|line| user.is_none_or(|user| line.user() == user));
        let error = match unusable.next() {
            Some(line) => chain(line),
            None => no_line(lines, &of_user, user),
        };
        return Err(Failure::unusable(in_file(profile, &error)));
    };
    let note = match tls.count() {
        0 => None,
        others => Some(format!(
            "{} lines of the configuration use TLS; using the first, `{}` at {} (`--user` and `--server` select \
             another one)",
            others + 1,
            line.user(),
            line.server()
        )),
    };
    Ok(Target {
        note,
        ..Target::from(*line)
    })
}

/// Puts the path of the configuration file in front of an error about its lines.
pub(crate) fn in_file(profile: &Profile, error: &str) -> String {
    match profile.path() {
        Some(path) => format!("{}: {error}", path.display()),
        None => error.to_owned(),
    }
}

/// Says why no line fits: there is none at all, none of this user, or none that uses TLS.
fn no_line(lines: &[Connectivity], of_user: &[&Connectivity], user: Option<&str>) -> String {
    let whose = user.map_or_else(String::new, |user| format!(" of user `{user}`"));
    match (lines, of_user) {
        ([], _) => "there is no `Connectivity`; give the server with `--server`".to_owned(),
        (_, []) => {
            let mut users: Vec<_> = lines.iter().map(Connectivity::user).collect();
            users.dedup();
            format!(
                "no `Connectivity`{whose}; the users are `{}`",
                users.join("`, `")
            )
        }
        (_, [first, ..]) => format!(
            "no `Connectivity`{whose} uses TLS: the protocol to {} is {}",
            first.server(),
            first.transport()
        ),
    }
}
