//! The answers to challenges, by digests of a password.
//!
//! The crate http-auth computes the digests. What it lacks for SIP is here: which of several challenges to answer, when
//! an answer is wrong and when only old, and spellings that registrars use.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use ezk_sip_types::{Name, StatusCode};
use http_auth::digest::Algorithm;
use http_auth::{ChallengeParser, ChallengeRef, DigestClient, ParamValue, PasswordParams};
use zeroize::Zeroizing;

use super::head::Head;
use crate::output;

/// A password, which is wiped when the last clone is dropped, and never printed.
#[derive(Clone)]
pub(crate) struct Password(Arc<Zeroizing<String>>);

impl Password {
    pub(crate) fn new(text: Zeroizing<String>) -> Self {
        Self(Arc::new(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Password").finish_non_exhaustive()
    }
}

/// Answers the challenges of a registrar and of a proxy in front of it with digests
/// ([RFC 3261](https://www.rfc-editor.org/rfc/rfc3261#section-22), [RFC 8760](https://www.rfc-editor.org/rfc/rfc8760)).
///
/// The last challenge of each is kept, so that the next REGISTER is not refused first.
pub(crate) struct Authenticator {
    user: String,
    password: Option<Password>,
    of_server: Option<Known>,
    of_proxy: Option<Known>,
}

impl Authenticator {
    pub(crate) fn new(user: String, password: Option<Password>) -> Self {
        Self {
            user,
            password,
            of_server: None,
            of_proxy: None,
        }
    }

    /// Begins a new request: the challenges of earlier requests may be outdated by now.
    pub(crate) fn begin(&mut self) {
        let known = [&mut self.of_server, &mut self.of_proxy];
        for known in known.into_iter().flatten() {
            known.age = Age::Earlier;
        }
    }

    /// Makes the headers that answer the challenges so far.
    pub(crate) fn headers(
        &mut self,
        method: &str,
        uri: &str,
    ) -> Result<Vec<(Name, String)>, AuthError> {
        let Some(password) = &self.password else {
            return Ok(Vec::new());
        };
        let mut headers = Vec::new();
        for (name, known) in [
            (Name::AUTHORIZATION, &mut self.of_server),
            (Name::PROXY_AUTHORIZATION, &mut self.of_proxy),
        ] {
            if let Some(known) = known {
                let answer = known.answer(&self.user, password, method, uri);
                headers.push((name, answer.map_err(AuthError::Unknown)?));
            }
        }
        Ok(headers)
    }

    /// Takes the challenge of an answer 401 or 407. Afterwards the request may be sent again.
    pub(crate) fn challenged(&mut self, code: StatusCode, head: &Head) -> Result<(), AuthError> {
        let (name, known) = match code == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            true => (Name::PROXY_AUTHENTICATE, &mut self.of_proxy),
            false => (Name::WWW_AUTHENTICATE, &mut self.of_server),
        };
        let mut new = strongest(head.values(&name)).map_err(AuthError::Unknown)?;
        let realm = output::short(new.client.realm());
        if self.password.is_none() {
            return Err(AuthError::NoPassword { realm });
        }
        if let Some(old) = known {
            let is_same = old.client.nonce() == new.client.nonce();
            new.age = match (old.age, new.client.stale()) {
                // The server may have forgotten the nonce without saying so.
                (Age::Earlier, _) if !is_same => Age::New,
                (Age::New, true) if !is_same => Age::Renewed,
                _ => {
                    let user = self.user.clone();
                    return Err(AuthError::Wrong { user, realm });
                }
            };
        }
        *known = Some(new);
        Ok(())
    }

    /// Takes the nonce for the next request, if an answer names one.
    pub(crate) fn accepted(&mut self, head: &Head) {
        let Some(next) = next_nonce(head) else { return };
        if let Some(known) = &mut self.of_server
            && let Ok(renewed) = known.challenge.with_nonce(&next)
        {
            *known = renewed;
        }
    }
}

/// A challenge, and the client that answers it.
struct Known {
    challenge: Challenge,
    client: DigestClient,
    age: Age,
}

/// When a challenge came.
#[derive(Clone, Copy, PartialEq)]
enum Age {
    /// For an earlier request.
    Earlier,
    /// For this request.
    New,
    /// For this request, because the server called a new challenge stale.
    Renewed,
}

impl Known {
    /// Answers the challenge. Only the digest of the password leaves this function. The crate does not wipe the data
    /// that it hashes, and neither do other crates.
    fn answer(
        &mut self,
        user: &str,
        password: &Password,
        method: &str,
        uri: &str,
    ) -> Result<String, String> {
        let mut params = PasswordParams {
            username: user,
            password: password.0.as_str(),
            uri,
            method,
            body: None,
        };
        let mut answer = self.client.respond(&params).or_else(|_| {
            // The server accepts only `auth-int`, which is `auth` with the body.
            params.body = Some(&[]);
            self.client.respond(&params)
        })?;
        let algorithm = self.client.algorithm();
        if self.client.rfc2069_compat() && algorithm != Algorithm::Md5 {
            // Without `qop` the crate leaves out `algorithm`, which would mean MD5.
            let name = self.challenge.get("algorithm").unwrap_or_default();
            answer.push_str(&format!(", algorithm={name}"));
        }
        Ok(answer)
    }
}

/// The parameters of a challenge by digest, without quotes.
struct Challenge(Vec<(String, String)>);

impl Challenge {
    fn new(found: &ChallengeRef<'_>) -> Self {
        let parameters = found.params.iter().map(|(name, value)| {
            let name = name.to_ascii_lowercase();
            let value = value.to_unescaped();
            match name == "algorithm" {
                true => (name, known_algorithm(value)),
                false => (name, value),
            }
        });
        Self(parameters.collect())
    }

    /// A parameter by its name in lower case.
    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The same challenge with the nonce that the server wants to see next.
    fn with_nonce(&self, nonce: &str) -> Result<Known, String> {
        let replaced = self.0.iter().map(|(name, value)| {
            let value = match name == "nonce" {
                true => nonce,
                false => value,
            };
            (name.clone(), value.to_owned())
        });
        Self(replaced.collect()).known()
    }

    /// Makes a client that answers the challenge, or says what in it is unknown.
    fn known(self) -> Result<Known, String> {
        let escape = |(name, value): &(String, String)| {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"");
            (name.clone(), value)
        };
        let escaped: Vec<_> = self.0.iter().map(escape).collect();
        let mut challenge = ChallengeRef::new("Digest");
        for (name, value) in &escaped {
            let value = ParamValue::try_from_escaped(value)?;
            challenge.params.push((name, value));
        }
        Ok(Known {
            client: DigestClient::try_from(&challenge)?,
            challenge: self,
            age: Age::New,
        })
    }
}

/// Finds the challenge with the strongest known algorithm; among equals, the first.
fn strongest<'a>(values: impl Iterator<Item = &'a str>) -> Result<Known, String> {
    let mut best: Option<Known> = None;
    let mut reason = "it sent no challenge".to_owned();
    for value in values {
        // The crate accepts only one blank there.
        let value = match value.split_once([' ', '\t']) {
            Some((scheme, rest)) => format!("{scheme} {}", rest.trim_start()),
            None => value.to_owned(),
        };
        for found in ChallengeParser::new(&value) {
            let known = match found {
                Ok(found) if found.scheme.eq_ignore_ascii_case("Digest") => {
                    Challenge::new(&found).known()
                }
                Ok(found) => Err(format!(
                    "`{}` is not supported, only Digest",
                    output::short(found.scheme)
                )),
                Err(error) => Err(error.to_string()),
            };
            match known {
                Ok(known) if best.as_ref().is_none_or(|best| is_stronger(&known, best)) => {
                    best = Some(known);
                }
                Ok(_) => {}
                Err(error) => reason = error,
            }
        }
    }
    best.ok_or_else(|| output::short(&reason))
}

/// Whether a challenge is to be answered instead of another one.
fn is_stronger(known: &Known, than: &Known) -> bool {
    strength(known.client.algorithm()) > strength(than.client.algorithm())
}

/// SHA-512/256 before SHA-256 (RFC 8760) before MD5.
fn strength(algorithm: Algorithm) -> u8 {
    match algorithm {
        Algorithm::Md5 => 1,
        Algorithm::Sha256 => 2,
        Algorithm::Sha512Trunc256 => 3,
        _ => 0,
    }
}

/// Returns the crate's spelling of an algorithm: the crate compares letter by letter.
fn known_algorithm(found: String) -> String {
    let known = ALGORITHMS
        .iter()
        .find(|known| known.eq_ignore_ascii_case(&found));
    known.map_or(found, |known| (*known).to_owned())
}

/// The `nextnonce` of Authentication-Info (RFC 7616, section 3.5).
fn next_nonce(head: &Head) -> Option<String> {
    let text = format!("Info {}", head.value(&Name::AUTHENTICATION_INFO)?);
    let info = ChallengeParser::new(&text).next()?.ok()?;
    let is_next = |name: &str| name.eq_ignore_ascii_case("nextnonce");
    let next = info.params.iter().find(|(name, _)| is_next(name));
    next.map(|(_, value)| value.to_unescaped())
}

/// Why a challenge is not answered, or its answer not accepted.
#[derive(Debug)]
pub(crate) enum AuthError {
    /// There is no password.
    NoPassword { realm: String },
    /// The challenge cannot be read, or asks for something unknown.
    Unknown(String),
    /// The registrar does not accept our answer.
    Wrong { user: String, realm: String },
}

impl fmt::Display for AuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPassword { realm } => write!(
                f,
                "the registrar asks for a password (realm `{realm}`): give the name with `--auth-user`, and the password \
                 with `--auth-password-file` or SIP_TLS_AUTH_PASSWORD"
            ),
            Self::Unknown(reason) => write!(
                f,
                "the registrar asks for a password in a way that is not supported: {reason}"
            ),
            Self::Wrong { user, realm } => write!(
                f,
                "the registrar refused the user name `{user}` or the password (realm `{realm}`)"
            ),
        }
    }
}

impl Error for AuthError {}

const ALGORITHMS: [&str; 6] = [
    "MD5",
    "MD5-sess",
    "SHA-256",
    "SHA-256-sess",
    "SHA-512-256",
    "SHA-512-256-sess",
];

#[cfg(test)]
mod tests;
