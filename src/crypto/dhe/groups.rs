//! The groups of [RFC 7919](https://www.rfc-editor.org/rfc/rfc7919) and of
//! [RFC 3526](https://www.rfc-editor.org/rfc/rfc3526), all with the generator 2.
//!
//! The primes of RFC 7919 come from rustls. Those of RFC 3526 are computed when the crate is compiled, from the
//! digits of pi and one constant each, as the RFC defines them; tests compare them with OpenSSL's.

use std::sync::OnceLock;

use crypto_bigint::modular::BoxedMontyParams;
use crypto_bigint::{BoxedUint, Odd};
use rustls::NamedGroup;
use rustls::ffdhe_groups::{self, FfdheGroup};

/// A prime that can be agreed on.
///
/// The Montgomery form of the prime is computed at the first use, and kept.
pub(super) struct Group {
    pub(super) name: NamedGroup,
    /// Big-endian.
    pub(super) prime: &'static [u8],
    /// The length of our secret exponents.
    pub(super) exponent_bits: u32,
    montgomery: OnceLock<BoxedMontyParams>,
}

impl Group {
    const fn new(name: NamedGroup, prime: &'static [u8], exponent_bits: u32) -> Self {
        Self {
            name,
            prime,
            exponent_bits,
            montgomery: OnceLock::new(),
        }
    }

    /// The form in which rustls compares groups.
    pub(super) fn ffdhe(&self) -> FfdheGroup<'static> {
        FfdheGroup {
            p: self.prime,
            g: GENERATOR,
        }
    }

    /// The length of the prime. All primes here are whole octets long.
    pub(super) fn bits(&self) -> u32 {
        self.prime.len() as u32 * 8
    }

    /// Whether TLS has a number for the group. The groups of RFC 3526 have none, and no version can use the numbers
    /// that stand for them here. So rustls never sends these numbers, and a rustls server accepts them from no client.
    /// A client finds the group of its server by the prime.
    pub(super) fn is_usable(&self) -> bool {
        !is_private(self.name)
    }

    /// The parameters of the arithmetic. The prime is public, so this need not take constant time.
    pub(super) fn montgomery(&self) -> &BoxedMontyParams {
        self.montgomery.get_or_init(|| {
            // A prime above 2 is odd.
            let prime = Odd::new(BoxedUint::from_be_slice_vartime(self.prime));
            BoxedMontyParams::new_vartime(prime.expect("an odd prime"))
        })
    }
}

/// Says if a group has a number that RFC 7919 reserves for private use.
pub(super) fn is_private(name: NamedGroup) -> bool {
    (0x01fc..=0x01ff).contains(&u16::from(name))
}

/// The groups. The first five are in the order in which an OpenSSL client offers them. RFC 7919, appendix A, says how
/// long exponents have to be; these are a little longer.
pub(super) static GROUPS: [Group; 9] = [
    Group::new(NamedGroup::FFDHE2048, ffdhe_groups::FFDHE2048.p, 256),
    Group::new(NamedGroup::FFDHE3072, ffdhe_groups::FFDHE3072.p, 320),
    Group::new(NamedGroup::FFDHE4096, ffdhe_groups::FFDHE4096.p, 384),
    Group::new(NamedGroup::FFDHE6144, ffdhe_groups::FFDHE6144.p, 448),
    Group::new(NamedGroup::FFDHE8192, ffdhe_groups::FFDHE8192.p, 512),
    // The groups that an OpenSSL server picks by itself, by the length of its key. rustls requires names for them.
    Group::new(NamedGroup::Unknown(0x01fc), &MODP_2048, 256),
    Group::new(NamedGroup::Unknown(0x01fd), &MODP_3072, 320),
    Group::new(NamedGroup::Unknown(0x01fe), &MODP_4096, 384),
    Group::new(NamedGroup::Unknown(0x01ff), &MODP_8192, 512),
];

const GENERATOR: &[u8] = &[2];

/// The constants are those of RFC 3526, sections 3, 4, 5 and 7.
static MODP_2048: [u8; 256] = modp(124_476);
static MODP_3072: [u8; 384] = modp(1_690_314);
static MODP_4096: [u8; 512] = modp(240_904);
static MODP_8192: [u8; 1024] = modp(4_743_158);

/// 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + k), where n is the number of bits.
const fn modp<const BYTES: usize>(k: u32) -> [u8; BYTES] {
    let mut prime = [0xff; BYTES];
    // The `- 1` makes ones of the last 64 bits, and borrows from the rest.
    let mut carry = k - 1;
    let mut at = BYTES - 9;
    while at >= 8 {
        let sum = pi(at - 8) as u32 + carry;
        prime[at] = sum as u8;
        carry = sum >> 8;
        at -= 1;
    }
    prime
}

/// A byte of pi in base 256, shifted left by six bits so that it starts with a whole byte.
const fn pi(at: usize) -> u8 {
    const fn digit(at: usize) -> u8 {
        let digit = PI[at];
        if digit.is_ascii_digit() {
            digit - b'0'
        } else {
            digit - b'a' + 10
        }
    }
    digit(2 * at) << 4 | digit(2 * at + 1)
}

/// The integer part of pi is there too: its first two bits, 11.
const PI: &[u8; 2016] = b"\
    c90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef95\
    19b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6\
    f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55\
    d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804\
    f1746c08ca18217c32905e462e36ce3be39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2b\
    cbf6955817183995497cea956ae515d2261898fa051015728e5a8aaac42dad33170d04507a33a85521ab\
    df1cba64ecfb850458dbef0a8aea71575d060c7db3970f85a6e1e4c7abf5ae8cdb0933d71e8c94e04a25\
    619dcee3d2261ad2ee6bf12ffa06d98a0864d87602733ec86a64521f2b18177b200cbbe117577a615d6c\
    770988c0bad946e208e24fa074e5ab3143db5bfce0fd108e4b82d120a92108011a723c12a787e6d78871\
    9a10bdba5b2699c327186af4e23c1a946834b6150bda2583e9ca2ad44ce8dbbbc2db04de8ef92e8efc14\
    1fbecaa6287c59474e6bc05d99b2964fa090c3a2233ba186515be7ed1f612970cee2d7afb81bdd762170\
    481cd0069127d5b05aa993b4ea988d8fddc186ffb7dc90a6c08f4df435c93402849236c3fab4d27c7026\
    c1d4dcb2602646dec9751e763dba37bdf8ff9406ad9e530ee5db382f413001aeb06a53ed9027d8311797\
    27b0865a8918da3edbebcf9b14ed44ce6cbaced4bb1bdb7f1447e6cc254b332051512bd7af426fb8f401\
    378cd2bf5983ca01c64b92ecf032ea15d1721d03f482d7ce6e74fef6d55e702f46980c82b5a84031900b\
    1c9e59e7c97fbec7e8f323a97a7e36cc88be0f1d45b7ff585ac54bd407b22b4154aacc8f6d7ebf48e1d8\
    14cc5ed20f8037e0a79715eef29be32806a1d58bb7c5da76f550aa3d8a1fbff0eb19ccb1a313d55cda56\
    c9ec2ef29632387fe8d76e3c0468043e8f663f4860ee12bf2d5b0b7474d6e694f91e6dbe115974a3926f\
    12fee5e438777cb6a932df8cd8bec4d073b931ba3bc832b68d9dd300741fa7bf8afc47ed2576f6936ba4\
    24663aab639c5ae4f5683423b4742bf1c978238f16cbe39d652de3fdb8befc848ad922222e04a4037c07\
    13eb57a81a23f0c73473fc646cea306b4bcbc8862f8385ddfa9d4b7fa2c087e879683303ed5bdd3a062b\
    3cf5b3a278a66d2a13f83f44f82ddf310ee074ab6a364597e899a0255dc164f31cc50846851df9ab4819\
    5ded7ea1b1d510bd7ee74d73faf36bc31ecfa268359046f4eb879f924009438b481c6cd7889a002ed5ee\
    382bc9190da6fc026e479558e4475677e9aa9e3050e2765694dfc81f56e880b96e7160c980dd98a573ea";
