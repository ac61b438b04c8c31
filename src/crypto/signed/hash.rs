use sha2::Digest;

/// A hash of a signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::crypto) enum Hash {
    /// Used for the mask of RSA-PSS only, where its weakness does no harm.
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// Returns the hash of this OBJECT IDENTIFIER, given by its contents.
    pub(super) fn of_oid(oid: &[u8]) -> Option<Self> {
        match oid {
            [0x2b, 14, 3, 2, 26] => Some(Self::Sha1),
            [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, last] => match last {
                1 => Some(Self::Sha256),
                2 => Some(Self::Sha384),
                3 => Some(Self::Sha512),
                4 => Some(Self::Sha224),
                _ => None,
            },
            _ => None,
        }
    }

    /// Returns the DigestInfo of RSASSA-PKCS1-v1_5 up to the hash, which follows it.
    pub(super) fn digest_info(self) -> Option<[u8; 19]> {
        let (last, len) = match self {
            Self::Sha1 => return None,
            Self::Sha224 => (4, 28),
            Self::Sha256 => (1, 32),
            Self::Sha384 => (2, 48),
            Self::Sha512 => (3, 64),
        };
        Some([
            0x30,
            17 + len,
            0x30,
            13,
            6,
            9,
            0x60,
            0x86,
            0x48,
            1,
            0x65,
            3,
            4,
            2,
            last,
            5,
            0,
            4,
            len,
        ])
    }

    /// Returns the hash of these parts, one after the other.
    pub(in crate::crypto) fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha1 => digest::<sha1::Sha1>(parts),
            Self::Sha224 => digest::<sha2::Sha224>(parts),
            Self::Sha256 => digest::<sha2::Sha256>(parts),
            Self::Sha384 => digest::<sha2::Sha384>(parts),
            Self::Sha512 => digest::<sha2::Sha512>(parts),
        }
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let hash = parts
        .iter()
        .fold(D::new(), |hash, part| hash.chain_update(part));
    hash.finalize().to_vec()
}
