use super::encrypted::Unopened;
use super::error::FileProblem;
use rustls::pki_types::*;
pub(super) struct Contents {
    pub(super) certificates: Vec<CertificateDer<'static>>,
    pub(super) lists: Vec<CertificateRevocationListDer<'static>>,
}
pub(super) fn contents(_: &[u8]) -> Result<Contents, FileProblem> {
    Err(FileProblem::Unopened(Unopened::WrongPassphrase))
}
