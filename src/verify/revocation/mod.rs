use super::certificate::Certificate;
use super::status::Finding;
use rustls::pki_types::SignatureVerificationAlgorithm;
/// d
#[derive(Clone, Copy, Debug, Default)]
pub enum RevocationDepth {
    /// c
    #[default]
    Covered,
}
pub(crate) struct Crl;
/// e
#[derive(Debug)]
pub struct CrlError;
impl std::fmt::Display for CrlError {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
impl std::error::Error for CrlError {}
impl Crl {
    pub(crate) fn parse(_: &[u8]) -> Result<Self, CrlError> {
        Err(CrlError)
    }
}
pub(crate) struct RevocationIndex;
pub(crate) struct Answer {
    pub(crate) findings: Vec<Finding>,
    pub(crate) list: Option<String>,
}
impl RevocationIndex {
    pub(crate) fn new(_: Vec<Crl>) -> Self {
        Self
    }
    pub(crate) fn verify_with<'a>(
        &mut self,
        _: impl Iterator<Item = &'a Certificate<'a>>,
        _: &[&dyn SignatureVerificationAlgorithm],
    ) {
    }
    pub(crate) fn check_path(
        &self,
        _: &[&Certificate<'_>],
        _: RevocationDepth,
        _: i64,
        _: &[&dyn SignatureVerificationAlgorithm],
    ) -> Answer {
        Answer {
            findings: vec![],
            list: None,
        }
    }
}
