//! The suites under test.

/// A suite that both sides know.
pub struct Suite {
    pub number: u16,
    /// What OpenSSL calls it.
    pub name: &'static str,
    /// What GnuTLS calls its key exchange, cipher and MAC.
    pub gnutls: &'static str,
    /// The file name of the key that goes with it.
    pub key: &'static str,
}

impl Suite {
    pub fn is_tls13(&self) -> bool {
        self.number >> 8 == 0x13
    }

    /// Whether its tags have 8 bytes.
    pub fn has_short_tag(&self) -> bool {
        self.name.contains("CCM8") || self.name.contains("CCM_8")
    }

    pub fn is_dhe(&self) -> bool {
        self.name.starts_with("DHE")
    }
}

pub const SUITES: [Suite; 34] = [
    suite(
        0x1302,
        "TLS_AES_256_GCM_SHA384",
        "AES-256-GCM:+AEAD",
        "p256",
    ),
    suite(
        0x1303,
        "TLS_CHACHA20_POLY1305_SHA256",
        "CHACHA20-POLY1305:+AEAD",
        "p256",
    ),
    suite(
        0x1301,
        "TLS_AES_128_GCM_SHA256",
        "AES-128-GCM:+AEAD",
        "p256",
    ),
    suite(
        0x1304,
        "TLS_AES_128_CCM_SHA256",
        "AES-128-CCM:+AEAD",
        "p256",
    ),
    suite(
        0x1305,
        "TLS_AES_128_CCM_8_SHA256",
        "AES-128-CCM-8:+AEAD",
        "p256",
    ),
    suite(
        0xc02c,
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-ECDSA:+AES-256-GCM:+AEAD",
        "p256",
    ),
    suite(
        0xc030,
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA:+AES-256-GCM:+AEAD",
        "rsa2048",
    ),
    suite(
        0xcca9,
        "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA:+CHACHA20-POLY1305:+AEAD",
        "p256",
    ),
    suite(
        0xcca8,
        "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-RSA:+CHACHA20-POLY1305:+AEAD",
        "rsa2048",
    ),
    suite(
        0xc02b,
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA:+AES-128-GCM:+AEAD",
        "p256",
    ),
    suite(
        0xc02f,
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA:+AES-128-GCM:+AEAD",
        "rsa2048",
    ),
    suite(
        0xc0af,
        "ECDHE-ECDSA-AES256-CCM8",
        "ECDHE-ECDSA:+AES-256-CCM-8:+AEAD",
        "p256",
    ),
    suite(
        0xc0ad,
        "ECDHE-ECDSA-AES256-CCM",
        "ECDHE-ECDSA:+AES-256-CCM:+AEAD",
        "p256",
    ),
    suite(
        0xc0ae,
        "ECDHE-ECDSA-AES128-CCM8",
        "ECDHE-ECDSA:+AES-128-CCM-8:+AEAD",
        "p256",
    ),
    suite(
        0xc0ac,
        "ECDHE-ECDSA-AES128-CCM",
        "ECDHE-ECDSA:+AES-128-CCM:+AEAD",
        "p256",
    ),
    suite(
        0x009f,
        "DHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA:+AES-256-GCM:+AEAD",
        "rsa2048",
    ),
    suite(
        0xccaa,
        "DHE-RSA-CHACHA20-POLY1305",
        "DHE-RSA:+CHACHA20-POLY1305:+AEAD",
        "rsa2048",
    ),
    suite(
        0x009e,
        "DHE-RSA-AES128-GCM-SHA256",
        "DHE-RSA:+AES-128-GCM:+AEAD",
        "rsa2048",
    ),
    suite(
        0xc0a3,
        "DHE-RSA-AES256-CCM8",
        "DHE-RSA:+AES-256-CCM-8:+AEAD",
        "rsa2048",
    ),
    suite(
        0xc09f,
        "DHE-RSA-AES256-CCM",
        "DHE-RSA:+AES-256-CCM:+AEAD",
        "rsa2048",
    ),
    suite(
        0xc0a2,
        "DHE-RSA-AES128-CCM8",
        "DHE-RSA:+AES-128-CCM-8:+AEAD",
        "rsa2048",
    ),
    suite(
        0xc09e,
        "DHE-RSA-AES128-CCM",
        "DHE-RSA:+AES-128-CCM:+AEAD",
        "rsa2048",
    ),
    suite(
        0xc024,
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-ECDSA:+AES-256-CBC:+SHA384",
        "p256",
    ),
    suite(
        0xc028,
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA:+AES-256-CBC:+SHA384",
        "rsa2048",
    ),
    suite(
        0x006b,
        "DHE-RSA-AES256-SHA256",
        "DHE-RSA:+AES-256-CBC:+SHA256",
        "rsa2048",
    ),
    suite(
        0xc023,
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-ECDSA:+AES-128-CBC:+SHA256",
        "p256",
    ),
    suite(
        0xc027,
        "ECDHE-RSA-AES128-SHA256",
        "ECDHE-RSA:+AES-128-CBC:+SHA256",
        "rsa2048",
    ),
    suite(
        0x0067,
        "DHE-RSA-AES128-SHA256",
        "DHE-RSA:+AES-128-CBC:+SHA256",
        "rsa2048",
    ),
    suite(
        0xc00a,
        "ECDHE-ECDSA-AES256-SHA",
        "ECDHE-ECDSA:+AES-256-CBC:+SHA1",
        "p256",
    ),
    suite(
        0xc014,
        "ECDHE-RSA-AES256-SHA",
        "ECDHE-RSA:+AES-256-CBC:+SHA1",
        "rsa2048",
    ),
    suite(
        0x0039,
        "DHE-RSA-AES256-SHA",
        "DHE-RSA:+AES-256-CBC:+SHA1",
        "rsa2048",
    ),
    suite(
        0xc009,
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-ECDSA:+AES-128-CBC:+SHA1",
        "p256",
    ),
    suite(
        0xc013,
        "ECDHE-RSA-AES128-SHA",
        "ECDHE-RSA:+AES-128-CBC:+SHA1",
        "rsa2048",
    ),
    suite(
        0x0033,
        "DHE-RSA-AES128-SHA",
        "DHE-RSA:+AES-128-CBC:+SHA1",
        "rsa2048",
    ),
];

const fn suite(number: u16, name: &'static str, gnutls: &'static str, key: &'static str) -> Suite {
    Suite {
        number,
        name,
        gnutls,
        key,
    }
}
