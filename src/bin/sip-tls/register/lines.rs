//! Which lines of the configuration are registered. A line that cannot be is shown, too, with the reason.

use sip_tls::profile::{Connectivity, Profile, Server, Transport};

use crate::connect::{Target, choose, in_file};
use crate::failure::{Failure, chain};

/// A line of the configuration.
pub(super) enum Line {
    /// A line that is registered.
    Registers(Target),
    /// A line that cannot be registered.
    Unusable(Unusable),
}

/// A line that is shown beside the others, and not registered.
pub(super) struct Unusable {
    pub(super) user: String,
    pub(super) server: Option<String>,
    pub(super) error: String,
    /// Whether it should have been registered: a line for another transport should not.
    pub(super) is_failure: bool,
}

/// Picks the lines of the configuration: all that use TLS, or those of a user or a server. Without a configuration,
/// `server` and `user` are registered as they are given.
pub(super) fn choose_all(
    profile: Option<&Profile>,
    user: Option<&str>,
    server: Option<&Server>,
) -> Result<Vec<Line>, Failure> {
    let Some(profile) = profile else {
        return by_hand(user, server);
    };
    let mut lines: Vec<_> = profile
        .connectivities()
        .iter()
        .filter(|line| user.is_none_or(|user| line.user() == user))
        .filter(|line| server.is_none_or(|server| line.server() == server))
        .map(Line::from)
        .collect();
    if !lines.iter().any(|line| matches!(line, Line::Registers(_))) {
        return match server {
            Some(_) => by_hand(user, server),
            None => Err(none(profile, user)),
        };
    }
    let unusable = profile.unusable_connectivities().iter();
    let unusable =
        unusable.filter(|line| server.is_none() && user.is_none_or(|user| line.user() == user));
    lines.extend(unusable.map(|line| {
        Line::Unusable(Unusable {
            user: line.user().to_owned(),
            server: None,
            error: in_file(profile, &chain(line)),
            is_failure: true,
        })
    }));
    Ok(lines)
}

impl From<&Connectivity> for Line {
    fn from(line: &Connectivity) -> Self {
        let error = match line.transport() {
            Transport::Tls if line.user().is_empty() => NO_USER.to_owned(),
            Transport::Tls => return Self::Registers(line.into()),
            transport => format!("the protocol is {transport}, not tls"),
        };
        Self::Unusable(Unusable {
            user: line.user().to_owned(),
            server: Some(line.server().to_string()),
            error,
            is_failure: line.transport() == Transport::Tls,
        })
    }
}

/// The line that the command line gives.
fn by_hand(user: Option<&str>, server: Option<&Server>) -> Result<Vec<Line>, Failure> {
    let Some(server) = server else {
        let text = "neither a configuration nor `--server HOST:PORT` is given";
        return Err(Failure::unusable(text));
    };
    match user.filter(|user| !user.is_empty()) {
        Some(user) => Ok(vec![Line::Registers(Target::new(server.clone(), user))]),
        None => Err(Failure::unusable(
            "`--register` needs a user: give it with `--user`",
        )),
    }
}

/// Returns the reason why there is no line to register.
fn none(profile: &Profile, user: Option<&str>) -> Failure {
    match choose(profile, user) {
        Err(failure) => failure,
        Ok(target) => {
            let error = format!("the line for {}: {NO_USER}", target.server);
            Failure::unusable(in_file(profile, &error))
        }
    }
}

const NO_USER: &str = "it has no `user`, so nobody can be registered";
