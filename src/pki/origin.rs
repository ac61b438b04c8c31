//! Where something was found. It goes along with each certificate, list and key, up to the finding of a verification.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where an object comes from: the option, the file, and the place in the file.
///
/// # Examples
///
/// ```
/// use sip_tls::options::Source;
/// use sip_tls::pki::roots;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let ca = std::fs::read("tests/testdata/crl/root.pem")?;
/// # let text = [&b"# our CA\n\n"[..], &ca].concat();
/// let roots = roots::load(Source::bytes("ca.pem", text))?;
/// let origin = roots.certificates()[0].origin();
/// assert_eq!((origin.option(), origin.block(), origin.line()), ("trusted-ca", Some(1), Some(3)));
/// assert!(origin.path().is_none(), "it is not from a file");
/// assert_eq!(origin.to_string(), "block 1 (line 3) of ca.pem");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    option: &'static str,
    carrier: Carrier,
    block: Option<BlockPlace>,
    member: Option<usize>,
}

/// What holds an object.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Carrier {
    /// A value that was given in code, without a name.
    Code,
    File(Arc<Path>),
    /// Bytes that were given in code, by the name that was given with them.
    Memory(Arc<str>),
    /// The URL from which a revocation list was fetched.
    #[cfg(feature = "crl-fetch")]
    Url(Arc<str>),
    /// The certificates that the system trusts.
    #[cfg(feature = "native-certs")]
    System,
}

impl Origin {
    pub(super) fn of_file(option: &'static str, path: &Arc<Path>) -> Self {
        Self::new(option, Carrier::File(path.clone()))
    }

    pub(super) fn of_memory(option: &'static str, name: &Arc<str>) -> Self {
        Self::new(option, Carrier::Memory(name.clone()))
    }

    #[cfg(feature = "native-certs")]
    pub(super) fn of_system(option: &'static str) -> Self {
        Self::new(option, Carrier::System)
    }

    #[cfg(feature = "crl-fetch")]
    pub(super) fn of_url(option: &'static str, url: &str) -> Self {
        Self::new(option, Carrier::Url(url.into()))
    }

    pub(super) fn of_code(option: &'static str) -> Self {
        Self::new(option, Carrier::Code)
    }

    fn new(option: &'static str, carrier: Carrier) -> Self {
        Self {
            option,
            carrier,
            block: None,
            member: None,
        }
    }

    /// Returns the file as a whole.
    pub(super) fn file(&self) -> Self {
        Self::new(self.option, self.carrier.clone())
    }

    /// Returns the origin of a block in this file.
    pub(super) fn at(&self, block: BlockPlace) -> Self {
        Self {
            block: Some(block),
            ..self.clone()
        }
    }

    /// Returns the origin of an object within this one, by its number from 1.
    pub(super) fn within(&self, member: usize) -> Self {
        Self {
            member: Some(member),
            ..self.clone()
        }
    }

    /// Returns the name of the option, such as `trusted-ca`. For a value that was given in code, this is the option
    /// that names files of such objects.
    pub fn option(&self) -> &'static str {
        self.option
    }

    /// Returns the path of the file. A value that was given in code has none.
    pub fn path(&self) -> Option<&Path> {
        match &self.carrier {
            Carrier::File(path) => Some(path),
            _ => None,
        }
    }

    /// Whether the value was given in code, without a name.
    pub(crate) fn is_of_code(&self) -> bool {
        self.carrier == Carrier::Code
    }

    /// Returns the number of the PEM block in its file, from 1; a DER file has none.
    pub fn block(&self) -> Option<usize> {
        self.block.map(|block| block.number)
    }

    /// Returns the line of the block's BEGIN, from 1; a DER file has none.
    pub fn line(&self) -> Option<usize> {
        self.block.map(|block| block.line)
    }

    /// Returns the number of the object in a PKCS#12 or PKCS#7 container, from 1; another object has none.
    pub fn member(&self) -> Option<usize> {
        self.member
    }

    /// Whether the object is one of the certificates that the system trusts. The system takes care of these.
    pub(crate) fn is_of_system(&self) -> bool {
        #[cfg(feature = "native-certs")]
        return self.carrier == Carrier::System;
        #[cfg(not(feature = "native-certs"))]
        false
    }

    /// Returns the URL from which the list was fetched, with `tls-crl` = `fetch`.
    #[cfg(feature = "crl-fetch")]
    pub fn url(&self) -> Option<&str> {
        match &self.carrier {
            Carrier::Url(url) => Some(url),
            _ => None,
        }
    }

    /// Names the file, or the bytes, without the place in it.
    pub fn name(&self) -> impl fmt::Display + '_ {
        &self.carrier
    }

    /// Returns whether both are the same place and print alike: equal paths may be spelt differently.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self == other && self.path().map(Path::as_os_str) == other.path().map(Path::as_os_str)
    }

    /// Returns whether both are in the same file.
    pub(super) fn is_beside(&self, other: &Self) -> bool {
        self.carrier == other.carrier
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(member) = self.member {
            write!(f, "object {member} of ")?;
        }
        if let Some(BlockPlace { number, line }) = self.block {
            write!(f, "block {number} (line {line}) of ")?;
        }
        self.carrier.fmt(f)
    }
}

impl fmt::Display for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code => f.write_str("a value given in code"),
            Self::File(path) => path.display().fmt(f),
            Self::Memory(name) => f.write_str(name),
            #[cfg(feature = "crl-fetch")]
            Self::Url(url) => f.write_str(url),
            #[cfg(feature = "native-certs")]
            Self::System => f.write_str("the certificate store of the system"),
        }
    }
}

/// The place of a block in its file; both count from 1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BlockPlace {
    pub(super) number: usize,
    pub(super) line: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_file(path: &str) -> Origin {
        Origin::of_file("trusted-ca", &Arc::from(Path::new(path)))
    }

    #[test]
    fn places_are_the_same_if_nothing_in_them_differs() {
        let place = |number, line| BlockPlace { number, line };
        let one = of_file("ca/a.pem").at(place(2, 20));
        assert!(one.is_same(&one.clone()));
        for (other, is_equal, is_beside) in [
            // Another spelling of the path is printed differently.
            (of_file("ca//a.pem").at(place(2, 20)), true, true),
            (of_file("ca/a.pem").at(place(1, 20)), false, true),
            (of_file("ca/a.pem").at(place(2, 21)), false, true),
            (of_file("ca/a.pem"), false, true),
            (one.within(1), false, true),
            (of_file("ca/b.pem").at(place(2, 20)), false, false),
            (
                Origin::of_memory("trusted-ca", &"ca/a.pem".into()),
                false,
                false,
            ),
            (Origin::of_code("trusted-ca"), false, false),
        ] {
            assert!(!one.is_same(&other), "{other:?}");
            assert_eq!(one == other, is_equal, "{other:?}");
            assert_eq!(one.is_beside(&other), is_beside, "{other:?}");
        }
        let of_other_option = Origin::of_code("tls-crl");
        assert!(!of_other_option.is_same(&Origin::of_code("trusted-ca")));
        assert!(of_other_option.is_same(&of_other_option));
    }

    #[test]
    fn an_origin_says_what_holds_the_object() {
        let origins = [
            (of_file("ca.pem"), "ca.pem"),
            (Origin::of_memory("trusted-ca", &"our CA".into()), "our CA"),
            (Origin::of_code("trusted-ca"), "a value given in code"),
            #[cfg(feature = "crl-fetch")]
            (
                Origin::of_url("tls-crl", "http://a.example/"),
                "http://a.example/",
            ),
            #[cfg(feature = "native-certs")]
            (
                Origin::of_system("trusted-ca"),
                "the certificate store of the system",
            ),
        ];
        for (origin, text) in origins {
            let place = BlockPlace {
                number: 3,
                line: 40,
            };
            assert_eq!(origin.to_string(), text);
            assert_eq!(
                origin.at(place).to_string(),
                format!("block 3 (line 40) of {text}")
            );
            assert_eq!(origin.within(5).to_string(), format!("object 5 of {text}"));
            assert_eq!(origin.name().to_string(), text);
            let path = (text == "ca.pem").then(|| Path::new(text));
            assert_eq!(origin.path(), path, "{text}");
            assert_eq!(
                origin.is_of_code(),
                text == "a value given in code",
                "{text}"
            );
            assert_eq!(
                origin.is_of_system(),
                text.ends_with("of the system"),
                "{text}"
            );
            #[cfg(feature = "crl-fetch")]
            assert_eq!(
                origin.url(),
                Some(text).filter(|text| text.starts_with("http:"))
            );
        }
    }
}
