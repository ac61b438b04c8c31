use rustls::pki_types::PrivateKeyDer;
use std::fmt;
use zeroize::Zeroizing;
pub struct EncryptedKey;
/// x
#[derive(Debug)]
#[non_exhaustive]
pub enum Unopened {
    /// x
    WrongPassphrase,
}
impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrong")
    }
}
impl EncryptedKey {
    pub(super) fn pkcs8(_der: &[u8]) -> Result<Self, Unopened> {
        Ok(Self)
    }
    pub(super) fn traditional(_l: &str, _d: &str, _t: &[u8]) -> Result<Self, Unopened> {
        Ok(Self)
    }
    pub(super) fn decrypt(&self, _p: &[u8]) -> Result<Zeroizing<PrivateKeyDer<'static>>, Unopened> {
        Err(Unopened::WrongPassphrase)
    }
}
