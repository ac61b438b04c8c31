//! `http:` URLs, and the resolution of redirects.
//!
//! Only `http:` is accepted. To verify the server of an `https:` URL, a list may be needed that
//! only this server has; and a list is signed, so that nothing is gained (RFC 5280, section 8,
//! warns of such loops). `ldap:` and `file:` are refused as well.

use std::fmt;
use std::str::FromStr;

use ureq::http::Uri;
use ureq::http::uri::Scheme;

use crate::fetch::FetchError;

/// An `http:` URL with a host, and without a user.
///
/// A user in a URL is refused, because it can make one host look like another.
#[derive(Clone, Debug)]
pub(super) struct HttpUrl(Uri);

impl HttpUrl {
    /// Returns the host. An IPv6 address comes without its brackets.
    pub(super) fn host(&self) -> &str {
        let host = self.0.host().unwrap_or_default();
        let address = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        address.unwrap_or(host)
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(80)
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }

    /// Resolves the location of a redirect: RFC 3986, section 5.2.
    ///
    /// A location with another scheme than `http` is an error, whatever it points to.
    pub(super) fn join(&self, location: &str) -> Result<Self, FetchError> {
        let location = location.trim();
        let authority = self
            .0
            .authority()
            .map_or("", |authority| authority.as_str());
        let absolute = match location {
            _ if has_scheme(location) => location.to_owned(),
            _ if location.starts_with("//") => format!("http:{location}"),
            _ if location.starts_with('/') => format!("http://{authority}{location}"),
            _ => format!("http://{authority}{}", self.relative(location)),
        };
        absolute.parse().map_err(|_| FetchError::Redirected {
            to: absolute.clone(),
        })
    }

    /// Returns the path and query for a location without a leading slash.
    fn relative(&self, location: &str) -> String {
        let path = self.0.path();
        if location.is_empty() || location.starts_with(['?', '#']) {
            return format!("{path}{location}");
        }
        let folder = path.rfind('/').map_or("/", |slash| &path[..=slash]);
        let (more, query) = location.split_at(location.find(['?', '#']).unwrap_or(location.len()));
        format!("{}{query}", without_dots(&format!("{folder}{more}")))
    }
}

impl FromStr for HttpUrl {
    type Err = FetchError;

    /// The scheme is compared without regard to case.
    fn from_str(text: &str) -> Result<Self, FetchError> {
        let unusable = || FetchError::Url {
            url: text.to_owned(),
        };
        let uri: Uri = text.parse().map_err(|_| unusable())?;
        let has_user = uri.authority().is_some_and(|it| it.as_str().contains('@'));
        let is_usable = uri.scheme() == Some(&Scheme::HTTP)
            && uri.host().is_some_and(|host| !host.is_empty())
            && has_good_port(&uri)
            && !has_user;
        is_usable.then_some(Self(uri)).ok_or_else(unusable)
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Checks the port, because `host:` and `host:65536` parse.
fn has_good_port(uri: &Uri) -> bool {
    let after_host = uri.authority().and_then(|authority| {
        let host = authority.host();
        authority.as_str().strip_prefix(host)
    });
    after_host.is_none_or(str::is_empty) || uri.port_u16().is_some_and(|port| port != 0)
}

/// Returns whether a location has a scheme: RFC 3986, section 3.1.
fn has_scheme(location: &str) -> bool {
    let end = location.find([':', '/', '?', '#']);
    let Some(end) = end.filter(|end| location[*end..].starts_with(':')) else {
        return false;
    };
    let scheme = &location[..end];
    let is_part = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.chars().all(is_part)
}

/// Removes dot segments (RFC 3986, section 5.2.4) from a path that begins with a slash.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            _ => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_urls_of_http_with_a_host_and_without_a_user_are_fetched() {
        for (text, host, port) in [
            ("http://crl.example.com/a.crl", "crl.example.com", 80),
            ("HTTP://crl.example.com", "crl.example.com", 80),
            ("http://192.0.2.1:8080/a?b=c#d", "192.0.2.1", 8080),
            ("http://[2001:db8::1]/", "2001:db8::1", 80),
            ("http://[2001:db8::1]:81/", "2001:db8::1", 81),
        ] {
            let url: HttpUrl = text.parse().unwrap();
            assert_eq!((url.host(), url.port()), (host, port), "{text}");
        }
        for text in [
            "",
            "crl.example.com/a.crl",
            "/a.crl",
            "https://crl.example.com/a.crl",
            "ldap:///CN=a",
            "file:///etc/passwd",
            "http:",
            "http://",
            "http:///a.crl",
            "http://:80/",
            "http://host:/",
            "http://host:0/",
            "http://host:65536/",
            "http://user:password@host/",
            "http://user@host/",
            "http://host/a b",
            "http://host/a\r\nb",
        ] {
            let error = text.parse::<HttpUrl>().unwrap_err();
            assert!(
                matches!(&error, FetchError::Url { url } if url == text),
                "{text:?}: {error}"
            );
        }
    }

    #[test]
    fn a_location_is_relative_to_the_url_that_redirects() {
        let base: HttpUrl = "http://host:81/a/b/c.crl?q".parse().unwrap();
        for (location, expected) in [
            ("http://other/d", "http://other/d"),
            ("//other/d", "http://other/d"),
            ("/d", "http://host:81/d"),
            ("d", "http://host:81/a/b/d"),
            ("./d", "http://host:81/a/b/d"),
            ("../d", "http://host:81/a/d"),
            ("../../../d", "http://host:81/d"),
            ("..", "http://host:81/a/"),
            ("d/?e=../f", "http://host:81/a/b/d/?e=../f"),
            ("?e", "http://host:81/a/b/c.crl?e"),
            ("#e", "http://host:81/a/b/c.crl"),
            ("d:e/f", ""),
            ("./d:e/f", "http://host:81/a/b/d:e/f"),
            (" /d ", "http://host:81/d"),
        ] {
            let joined = base.join(location).map(|url| url.to_string());
            assert_eq!(joined.unwrap_or_default(), expected, "{location}");
        }
    }

    #[test]
    fn a_redirect_to_another_scheme_is_an_error_that_names_the_url() {
        let base: HttpUrl = "http://host/a".parse().unwrap();
        for location in [
            "https://host/a",
            "ftp://host/a",
            "file:///a",
            "http://u@host/",
        ] {
            let error = base.join(location).unwrap_err();
            assert!(
                matches!(&error, FetchError::Redirected { to } if to == location),
                "{error}"
            );
        }
    }
}
