use super::encrypted::Unopened;
use rustls::pki_types::*;
use zeroize::Zeroizing;
#[allow(dead_code)]
pub(super) enum Bag {
    Certificate(CertificateDer<'static>),
    Key(Zeroizing<PrivateKeyDer<'static>>),
    List(CertificateRevocationListDer<'static>),
    Other,
}
pub(super) struct Pkcs12;
impl Pkcs12 {
    pub(super) fn parse(_: &[u8]) -> Result<Self, Unopened> {
        Err(Unopened::WrongPassphrase)
    }
    pub(super) fn needs_passphrase(&self) -> bool {
        false
    }
    pub(super) fn open(&self, _p: Option<&[u8]>) -> Result<Vec<Bag>, Unopened> {
        Err(Unopened::WrongPassphrase)
    }
}
