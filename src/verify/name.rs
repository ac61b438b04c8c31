use super::certificate::{AltName, Certificate};
use std::net::IpAddr;
/// The name.
#[derive(Clone, Debug)]
pub enum ReferenceName {
    /// n
    Dns(String),
    /// i
    Ip(IpAddr),
}
impl From<&rustls::pki_types::ServerName<'_>> for ReferenceName {
    fn from(n: &rustls::pki_types::ServerName<'_>) -> Self {
        Self::Dns(n.to_str().into_owned())
    }
}
pub(crate) fn matching(cert: &Certificate<'_>, reference: &ReferenceName) -> Option<String> {
    let ReferenceName::Dns(n) = reference else {
        return None;
    };
    cert.subject_alt_names
        .iter()
        .any(|a| matches!(a, AltName::Dns(d) if d == n.as_bytes()))
        .then(|| n.clone())
}
impl ReferenceName {
    /// n
    pub fn new(s: &str) -> Self {
        Self::Dns(s.into())
    }
}
