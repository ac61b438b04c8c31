//! Random strings: valid, nearly valid, and invalid ones.

/// A source of random strings. The same seed gives the same strings.
pub struct Grammar {
    random: Random,
    suites: Vec<&'static str>,
}

impl Grammar {
    pub fn new(seed: u64) -> Self {
        let all = sip_tls::options::CipherSuite::all();
        Self {
            random: Random(seed),
            suites: all.map(|suite| suite.openssl_name()).collect(),
        }
    }

    /// Makes a cipher string without NUL, most often a valid one.
    pub fn cipher_list(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        if self.random.chance(20) {
            text.extend(*self.random.pick(OPENINGS));
        }
        for _ in 0..self.random.below(7) {
            self.add_rule(&mut text);
            text.extend(*self.pick_mostly(SEPARATORS, ODD_SEPARATORS));
        }
        self.add_rule(&mut text);
        self.damage(&mut text, 10);
        text
    }

    /// Makes a value for `ciphersuites` without NUL.
    pub fn ciphersuites(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..self.random.below(5) {
            self.add_name(&mut text);
            text.extend(*self.random.pick(NAME_SEPARATORS));
        }
        self.add_name(&mut text);
        self.damage(&mut text, 10);
        text
    }

    fn add_rule(&mut self, text: &mut Vec<u8>) {
        if self.random.chance(8) {
            text.extend(*self.pick_mostly(COMMANDS, ODD_COMMANDS));
            return;
        }
        text.extend(*self.pick_mostly(OPERATORS, ODD_OPERATORS));
        self.add_word(text);
        while self.random.chance(25) {
            text.push(b'+');
            self.add_word(text);
        }
    }

    fn add_word(&mut self, text: &mut Vec<u8>) {
        let start = text.len();
        match self.random.below(20) {
            0 => text.extend(*self.random.pick(STRANGERS)),
            1..=5 => text.extend(self.random.pick(&self.suites).bytes()),
            _ => text.extend(*self.random.pick(ALIASES)),
        }
        if self.random.chance(2) {
            text[start..].make_ascii_lowercase();
        }
    }

    fn add_name(&mut self, text: &mut Vec<u8>) {
        let all: Vec<_> = sip_tls::options::CipherSuite::all().collect();
        match self.random.below(10) {
            0 => text.extend(*self.random.pick(STRANGERS)),
            1 => text.extend(self.random.pick(&all).iana_name().bytes()),
            2 => text.extend(*self.random.pick(OTHER_NAMES)),
            _ => text.extend(self.random.pick(&all[..5]).iana_name().bytes()),
        }
    }

    fn pick_mostly<'a, T>(&mut self, from: &'a [T], odd: &'a [T]) -> &'a T {
        let from = if self.random.chance(5) { odd } else { from };
        self.random.pick(from)
    }

    /// Replaces, inserts or removes some bytes, in `percent` of the strings.
    fn damage(&mut self, text: &mut Vec<u8>, percent: u64) {
        if !self.random.chance(percent) {
            return;
        }
        for _ in 0..=self.random.below(3) {
            let at = self.random.below(text.len() as u64 + 1) as usize;
            let byte = if self.random.chance(70) {
                *self.random.pick(b"!-+@:,; _=.ATx1\t*/|")
            } else {
                1 + self.random.below(255) as u8
            };
            match self.random.below(3) {
                0 => text.insert(at, byte),
                1 if at < text.len() => text[at] = byte,
                _ if at < text.len() => drop(text.remove(at)),
                _ => {}
            }
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }
}

const OPENINGS: &[&[u8]] = &[
    b"DEFAULT",
    b"DEFAULT:",
    b"DEFAULT,",
    b"DEFAULT::",
    b"DEFAULT-",
    b"DEFAULT+",
    b"DEFAULT!",
    b"DEFAULT@STRENGTH:",
    b"default:",
    b" DEFAULT:",
    b":DEFAULT:",
    b"DEFAUL",
    b"ALL:",
    b"ALL!",
    b"HIGH:",
    b"SUITEB128",
    b"SUITEB128C2",
    b"SUITEB128ONLY:",
    b"SUITEB192:",
    b"SUITEB",
    b"SUITEB129:",
    b":SUITEB128:",
    b"COMPLEMENTOFDEFAULT:",
];

const OPERATORS: &[&[u8]] = &[b"", b"", b"", b"", b"!", b"-", b"+"];

const ODD_OPERATORS: &[&[u8]] = &[b"--", b"!-", b"+-", b"!!", b"-+", b"++", b"! ", b"@"];

const SEPARATORS: &[&[u8]] = &[
    b":", b":", b":", b":", b":", b":", b",", b" ", b";", b"::", b": ",
];

const ODD_SEPARATORS: &[&[u8]] = &[
    b"",
    b"",
    b"_",
    b"\t",
    b"|",
    b"+",
    b"/",
    b"*",
    b"\xc3\xa9",
    b"\n",
    b"\xff",
    b"!",
    b"@STRENGTH",
];

const COMMANDS: &[&[u8]] = &[
    b"@STRENGTH",
    b"@STRENGTH",
    b"@STRENGTH",
    b"@SECLEVEL=0",
    b"@SECLEVEL=1",
    b"@SECLEVEL=2",
    b"@SECLEVEL=3",
    b"@SECLEVEL=4",
    b"@SECLEVEL=5",
    b"@SECLEVEL=1!AES",
    b"@STRENGTH+AES",
    b"@STRENGTH!AES",
    b"@STRENGTH_",
    b"@STRENGTH\xff",
    b"STRENGTH",
    b"SECLEVEL=1",
];

const ODD_COMMANDS: &[&[u8]] = &[
    b"@SECLEVEL=6",
    b"@SECLEVEL=",
    b"@SECLEVEL",
    b"@SECLEVEL=10",
    b"@SECLEVEL=a",
    b"@strength",
    b"@STRENGTHS",
    b"@",
    b"@FOO",
    b"!@STRENGTH",
    b"-@STRENGTH",
    b"@@STRENGTH",
    b"@ STRENGTH",
    b"@SECLEVEL=-1",
];

const ALIASES: &[&[u8]] = &[
    b"ALL",
    b"COMPLEMENTOFALL",
    b"COMPLEMENTOFDEFAULT",
    b"kRSA",
    b"kEDH",
    b"kDHE",
    b"DH",
    b"kEECDH",
    b"kECDHE",
    b"ECDH",
    b"kPSK",
    b"kRSAPSK",
    b"kDHEPSK",
    b"kECDHEPSK",
    b"PSK",
    b"kSRP",
    b"SRP",
    b"aRSA",
    b"aECDSA",
    b"ECDSA",
    b"aDSS",
    b"DSS",
    b"aNULL",
    b"aPSK",
    b"aSRP",
    b"DHE",
    b"EDH",
    b"ECDHE",
    b"EECDH",
    b"RSA",
    b"ADH",
    b"AECDH",
    b"AES128",
    b"AES256",
    b"AES",
    b"AESGCM",
    b"AESCCM",
    b"AESCCM8",
    b"CHACHA20",
    b"ARIA",
    b"ARIAGCM",
    b"ARIA128",
    b"ARIA256",
    b"CAMELLIA",
    b"CAMELLIA128",
    b"CAMELLIA256",
    b"eNULL",
    b"NULL",
    b"3DES",
    b"CBC",
    b"SHA1",
    b"SHA",
    b"SHA256",
    b"SHA384",
    b"MD5",
    b"TLSv1.2",
    b"TLSv1",
    b"TLSv1.0",
    b"SSLv3",
    b"HIGH",
    b"MEDIUM",
    b"LOW",
    b"FIPS",
    b"EDH-RSA-DES-CBC3-SHA",
    b"EDH-DSS-DES-CBC3-SHA",
    b"HIGH",
    b"AES",
    b"ECDHE",
    b"aNULL",
    b"RSA",
    b"COMPLEMENTOFDEFAULT",
];

const STRANGERS: &[&[u8]] = &[
    b"RC4",
    b"RC2",
    b"IDEA",
    b"SEED",
    b"DES",
    b"EXP",
    b"EXPORT",
    b"EXPORT40",
    b"SSLv2",
    b"KRB5",
    b"kDHr",
    b"kDHd",
    b"kECDHe",
    b"kECDHr",
    b"aECDH",
    b"aDH",
    b"kGOST",
    b"aGOST",
    b"GOST",
    b"GOST94",
    b"GOST89MAC",
    b"GOST12",
    b"aGOST01",
    b"aGOST12",
    b"kGOST18",
    b"kFZA",
    b"TLSv1.1",
    b"TLSv1.3",
    b"GCM",
    b"CCM",
    b"CCM8",
    b"AESGCM256",
    b"AES128GCM",
    b"RC4-SHA",
    b"RC4-MD5",
    b"DES-CBC3-SHA",
    b"ECDHE-RSA-DES-CBC3-SHA",
    b"IDEA-CBC-SHA",
    b"SEED-SHA",
    b"FOO",
    b"A",
    b"=",
    b".",
    b"-",
    b"ECDHE-RSA-AES128-GCM-SHA265",
    b"",
    b"TLS_AES_128_GCM_SHA256",
    b"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    b"ECDHE_RSA",
    b"TLS",
    b"ALLE",
    b"AL",
    b"kRsa",
    b"TLS-AES-128-GCM-SHA256",
    b"TLS13",
    b"PROFILE=SYSTEM",
    b"SUITEB128",
    b"DEFAULT",
];

const NAME_SEPARATORS: &[&[u8]] = &[
    b":",
    b":",
    b":",
    b":",
    b" : ",
    b":\t",
    b"\x0b:\x0c",
    b"::",
    b",",
    b" ",
    b";",
    b"\n:",
    b"",
];

const OTHER_NAMES: &[&[u8]] = &[
    b"TLS_FALLBACK_SCSV", b"TLS_EMPTY_RENEGOTIATION_INFO_SCSV", b"TLS_RSA_WITH_SEED_CBC_SHA",
    b"TLS_DHE_DSS_WITH_SEED_CBC_SHA", b"TLS_DHE_RSA_WITH_SEED_CBC_SHA", b"TLS_DH_anon_WITH_SEED_CBC_SHA",
    b"TLS_RSA_WITH_IDEA_CBC_SHA", b"TLS_GOSTR341001_WITH_28147_CNT_IMIT",
    b"TLS_GOSTR341001_WITH_NULL_GOSTR3411", b"TLS_RSA_WITH_RC4_128_SHA", b"TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    b"tls_aes_128_gcm_sha256", b"TLS13-AES-128-GCM-SHA256", b"AES128-SHA", b"ECDHE-RSA-AES128-GCM-SHA256",
    b"TLS_AES_128_GCM_SHA256+TLS_AES_256_GCM_SHA384", b"!TLS_AES_128_GCM_SHA256", b"DEFAULT", b"ALL", b" ",
    b"TLS_AES_128_CCM_8_SHA256                                                                     ",
    b"TLS_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];
