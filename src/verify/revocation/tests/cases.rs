//! Paths, lists, and what OpenSSL makes of them.

use super::super::{RevocationDepth, RevocationIndex};
use super::list::*;
use crate::verify::certificate::Certificate;
use crate::verify::test_pki::*;

/// A path, lists, and the answers.
struct Case {
    /// A sentence about what is to be seen.
    rule: &'static str,
    /// End entity first.
    path: Vec<CertificateSpec>,
    lists: Vec<ListSpec>,
    /// Number and depth with [`RevocationDepth::EndEntity`], 0 being good.
    end_entity: Answer,
    /// The same with [`RevocationDepth::Chain`].
    chain: Answer,
    /// The same with the default depth.
    covered: Answer,
    /// What OpenSSL 3.0.19 says with `-crl_check`, if that is not `end_entity`.
    openssl: Option<Answer>,
}

type Answer = (u8, usize);

const GOOD: Answer = (0, 0);
const REVOKED: Answer = (23, 0);
const NO_LIST: Answer = (3, 0);
const OTHER_SCOPE: Answer = (44, 0);

impl Case {
    /// An end entity with serial number 100 and the CA `Root`.
    fn new(rule: &'static str, lists: Vec<ListSpec>, answer: Answer) -> Self {
        Self::with_end_entity(rule, CertificateSpec::default(), lists, answer)
    }

    fn with_end_entity(
        rule: &'static str,
        end_entity: CertificateSpec,
        lists: Vec<ListSpec>,
        answer: Answer,
    ) -> Self {
        let path = vec![end_entity, CertificateSpec::root()];
        Self::with_path(rule, path, lists, answer)
    }

    /// The answer holds for every depth until [`Self::for_chain`] says otherwise.
    fn with_path(
        rule: &'static str,
        path: Vec<CertificateSpec>,
        lists: Vec<ListSpec>,
        answer: Answer,
    ) -> Self {
        Self {
            rule,
            path,
            lists,
            end_entity: answer,
            chain: answer,
            covered: answer,
            openssl: None,
        }
    }

    fn for_chain(mut self, answer: Answer) -> Self {
        self.chain = answer;
        self
    }

    fn covered(mut self, answer: Answer) -> Self {
        self.covered = answer;
        self
    }

    fn openssl(mut self, answer: Answer) -> Self {
        self.openssl = Some(answer);
        self
    }

    fn ask(&self, depth: RevocationDepth) -> Answer {
        let lists = self.lists.iter().map(|list| list.parse().unwrap());
        let index = RevocationIndex::new(lists.collect());
        let path: Vec<_> = self.path.iter().map(CertificateSpec::certificate).collect();
        let path: Vec<&Certificate<'_>> = path.iter().collect();
        let algorithm = CountingP256::default();
        let found = index.check_path(&path, depth, NOW, &[&algorithm]);
        match found.refusals.first() {
            Some(refusal) => (refusal.code.number(), refusal.depth),
            None => GOOD,
        }
    }

    /// Asks with the trusted certificate and the lists in one store, as TLS has them.
    fn ask_openssl(&self, scratch: &Scratch, flags: &[&str]) -> Answer {
        let (root, others) = self.path.split_last().unwrap();
        let ders =
            |specs: &[CertificateSpec]| specs.iter().map(CertificateSpec::der).collect::<Vec<_>>();
        let roots = scratch.write_pem("root", "x509", &[root.der()]);
        let lists: Vec<_> = self.lists.iter().map(ListSpec::der).collect();
        let lists = scratch.write_pem("lists", "crl", &lists);
        let store = [std::fs::read(roots).unwrap(), std::fs::read(lists).unwrap()].concat();
        let store = scratch.write("store", &store);
        let untrusted = scratch.write_pem("untrusted", "x509", &ders(others));
        let end_entity = scratch.write_pem("leaf", "x509", &ders(&self.path[..1]));
        let now = NOW.to_string();
        let mut arguments = vec!["verify", "-attime", &now, "-no-CApath", "-no-CAstore"];
        arguments.extend(flags);
        let files = [&store, &untrusted, &end_entity].map(|path| path.to_str().unwrap());
        arguments.extend(["-CAfile", files[0], "-untrusted", files[1], files[2]]);
        let said = text(&openssl(&arguments));
        parse_answer(&said).unwrap_or_else(|| panic!("{}: {said}", self.rule))
    }
}

/// Reads `error 23 at 0 depth lookup: certificate revoked`, or `OK`.
fn parse_answer(said: &str) -> Option<Answer> {
    let Some(line) = said.lines().find(|line| line.starts_with("error ")) else {
        return said.trim_end().ends_with(": OK").then_some(GOOD);
    };
    let mut words = line.split(' ');
    let code = words.nth(1)?.parse().ok()?;
    Some((code, words.nth(1)?.parse().ok()?))
}

fn list() -> ListSpec {
    ListSpec::default()
}

fn revoking() -> ListSpec {
    list().revoking(&[100])
}

fn signer_id(seed: u8) -> Vec<u8> {
    let id = Key::new(seed).id;
    extension(AUTHORITY_KEY_ID, false, &seq(&[tlv(0x80, &id)]))
}

/// An authorityKeyIdentifier of a directory name and a serial number.
fn issuer_and_serial(issuer: &[u8], serial: u8) -> Vec<u8> {
    let value = seq(&[tlv(0xa1, &directory(issuer)), tlv(0x82, &[serial])]);
    extension(AUTHORITY_KEY_ID, false, &value)
}

/// cRLDistributionPoints of these points, each the fields of one.
fn points(points: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let points: Vec<_> = points.iter().map(|fields| seq(fields)).collect();
    extension(CRL_DISTRIBUTION_POINTS, false, &seq(&points))
}

fn end_entity_at(fields: &[Vec<Vec<u8>>]) -> CertificateSpec {
    CertificateSpec::default().with(points(fields))
}

/// ReasonFlags, the octets without the count of unused bits.
fn reasons(octets: &[u8]) -> Vec<u8> {
    tlv(0x81, &[&[0], octets].concat())
}

fn crl_issuer(name: &[u8]) -> Vec<u8> {
    tlv(0xa2, &directory(name))
}

fn key_usage(bits: u8) -> Vec<u8> {
    extension(KEY_USAGE, true, &tlv(0x03, &[1, bits]))
}

fn cases() -> Vec<Case> {
    let groups = [
        basics(),
        issuers(),
        forms(),
        times(),
        trust(),
        critical_extensions(),
        entries(),
        scopes(),
        point_names(),
        divided_reasons(),
        choices(),
        key_changes(),
        chains(),
    ];
    groups.into_iter().flatten().collect()
}

fn basics() -> Vec<Case> {
    let elsewhere = ListSpec {
        issuer: cn("Other"),
        ..list()
    };
    vec![
        Case::new(
            "a certificate that its issuer's list does not name is good",
            vec![list()],
            GOOD,
        ),
        Case::new(
            "a certificate that its issuer's list names is revoked",
            vec![revoking()],
            REVOKED,
        ),
        Case::new(
            "a certificate without a list is refused",
            vec![elsewhere.clone()],
            NO_LIST,
        ),
        Case::new(
            "lists of several issuers do not mix",
            vec![elsewhere.revoking(&[100]), list()],
            GOOD,
        ),
        Case::new(
            "a list that is there twice does no harm",
            vec![revoking(), revoking()],
            REVOKED,
        ),
    ]
}

fn issuers() -> Vec<Case> {
    let other_spelling = name(&[
        attribute(COUNTRY, PRINTABLE, b"de"),
        attribute(COMMON_NAME, PRINTABLE, b"  rOOt "),
    ]);
    let spelled = |list: ListSpec| ListSpec {
        issuer: other_spelling.clone(),
        ..list
    };
    let mail = tlv(0xa1, &tlv(0x81, b"a@b.example"));
    let keyless_root = || CertificateSpec {
        extensions: vec![extension(BASIC_CONSTRAINTS, true, &seq(&[boolean(true)]))],
        ..CertificateSpec::root()
    };
    vec![
        Case::new(
            "issuers are compared canonically",
            vec![spelled(list())],
            GOOD,
        ),
        Case::new(
            "a list in another spelling revokes",
            vec![spelled(revoking())],
            REVOKED,
        ),
        Case::new(
            "a list whose key identifier fits is used",
            vec![revoking().with_key_id()],
            REVOKED,
        ),
        Case::new(
            "a list of another key is passed over",
            vec![list().with(signer_id(7))],
            NO_LIST,
        ),
        Case::new(
            "a list that names its issuer's certificate is used",
            vec![revoking().with(issuer_and_serial(&root_name(), 1))],
            REVOKED,
        ),
        Case::new(
            "a list that names another certificate of the issuer is passed over",
            vec![list().with(issuer_and_serial(&root_name(), 2))],
            NO_LIST,
        ),
        Case::new(
            "a list that names a certificate of another issuer is passed over",
            vec![list().with(issuer_and_serial(&cn("Other"), 1))],
            NO_LIST,
        ),
        Case::new(
            "a key identifier with an issuer that is no directory name says nothing",
            vec![list().with(extension(AUTHORITY_KEY_ID, false, &seq(&[mail])))],
            GOOD,
        ),
        Case::with_path(
            "a key identifier cannot contradict an issuer that has none",
            vec![CertificateSpec::default(), keyless_root()],
            vec![list().with(signer_id(7))],
            GOOD,
        ),
    ]
}

fn forms() -> Vec<Case> {
    let plain = |version| ListSpec {
        version,
        ..revoking()
    };
    let endless = ListSpec {
        next_update: None,
        ..revoking()
    };
    let empty = ListSpec {
        entries: Vec::new(),
        ..list()
    };
    let long = |first: u8| number(&[&[first], &[0x55; 40][..]].concat());
    vec![
        Case::new("a list of version 1 is used", vec![plain(None)], REVOKED),
        Case::new(
            "a list of a version that does not exist is used",
            vec![plain(Some(7))],
            REVOKED,
        ),
        Case::new(
            "a list of version 1 may have extensions",
            vec![plain(None).with(number(&[1]))],
            REVOKED,
        ),
        Case::new(
            "a list without nextUpdate never expires",
            vec![endless],
            REVOKED,
        ),
        Case::new("a list without entries is used", vec![empty], GOOD),
        Case::new(
            "a list may have a huge number",
            vec![list().with(long(0x7f))],
            GOOD,
        ),
        Case::new(
            "a list may have a negative number",
            vec![list().with(long(0x80))],
            GOOD,
        ),
        Case::new(
            "a list may have a damaged number",
            vec![list().with(extension(CRL_NUMBER, false, b"?"))],
            GOOD,
        ),
    ]
}

fn times() -> Vec<Case> {
    vec![
        Case::new(
            "a list that has expired is refused",
            vec![list().until("250615000000Z")],
            (12, 0),
        ),
        Case::new(
            "a list has expired in the second of nextUpdate",
            vec![list().until("250615150640Z")],
            (12, 0),
        ),
        Case::new(
            "a list has not expired the second before",
            vec![list().until("250615150641Z")],
            GOOD,
        ),
        Case::new(
            "a list of the future is refused",
            vec![list().from("250616000000Z")],
            (11, 0),
        ),
        Case::new(
            "a list is valid in the second of thisUpdate",
            vec![list().from("250615150640Z")],
            GOOD,
        ),
        Case::new(
            "a list is not valid the second before",
            vec![list().from("250615150641Z")],
            (11, 0),
        ),
        Case::new(
            "an expired list does not revoke",
            vec![revoking().until("250615000000Z")],
            (12, 0),
        ),
        Case::new(
            "too early goes before too late",
            vec![list().from("250616000000Z").until("250610000000Z")],
            (11, 0),
        ),
    ]
}

fn trust() -> Vec<Case> {
    let bad = |list: ListSpec| ListSpec {
        has_bad_signature: true,
        ..list
    };
    let root = |bits| CertificateSpec::root().with(key_usage(bits));
    let under = |rule, bits, list: ListSpec, answer| {
        Case::with_path(
            rule,
            vec![CertificateSpec::default(), root(bits)],
            vec![list],
            answer,
        )
    };
    let own = || CertificateSpec::ca(cn("sip.example.com"), 3);
    let own_list = |list: ListSpec| ListSpec {
        issuer: cn("sip.example.com"),
        signer: 3,
        ..list
    };
    let only_ca = || idp(&[tlv(0x82, &[0xff])]);
    let two_algorithms = ListSpec {
        inner_algorithm: seq(&[oid(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3])]),
        ..list()
    };
    vec![
        Case::new(
            "a list with a bad signature is refused",
            vec![bad(list())],
            (8, 0),
        ),
        Case::new(
            "a badly signed list does not revoke",
            vec![bad(revoking())],
            (8, 0),
        ),
        Case::new(
            "an expired list is not verified",
            vec![bad(list()).until("250615000000Z")],
            (12, 0),
        ),
        under(
            "an issuer without cRLSign cannot issue lists",
            0x04,
            list(),
            (35, 0),
        ),
        under("an issuer with cRLSign can", 0x06, revoking(), REVOKED),
        under(
            "cRLSign goes before scope",
            0x04,
            list().with(only_ca()),
            (35, 0),
        ),
        under(
            "cRLSign goes before dates",
            0x04,
            list().until("250615000000Z"),
            (35, 0),
        ),
        Case::with_path(
            "a self-signed end entity may have a list of its own",
            vec![own()],
            vec![own_list(list())],
            GOOD,
        ),
        Case::with_path(
            "a self-signed end entity may revoke itself",
            vec![own()],
            vec![own_list(list()).revoking(&[3])],
            REVOKED,
        ),
        Case::with_path(
            "a self-signed end entity needs cRLSign as well",
            vec![own().with(key_usage(0x04))],
            vec![own_list(list())],
            (35, 0),
        ),
        // 3.0.22 refuses it.
        Case::new(
            "a list that names two algorithms is badly signed",
            vec![two_algorithms],
            (8, 0),
        )
        .openssl(GOOD),
    ]
}

fn critical_extensions() -> Vec<Case> {
    let id = Key::new(1).id;
    let critical_number = || extension(CRL_NUMBER, true, &integer(&[1]));
    let critical_key_id = || extension(AUTHORITY_KEY_ID, true, &seq(&[tlv(0x80, &id)]));
    let critical_reason = || extension(CRL_REASON, true, &tlv(0x0a, &[1]));
    let issuer = |name: &[u8]| extension(CERTIFICATE_ISSUER, true, &seq(&[directory(name)]));
    vec![
        Case::new(
            "an unknown extension is passed over",
            vec![list().with(unknown_extension(false))],
            GOOD,
        ),
        Case::new(
            "an unknown critical extension is refused",
            vec![list().with(unknown_extension(true))],
            (36, 0),
        ),
        Case::new(
            "an unknown critical extension goes before revocation",
            vec![revoking().with(unknown_extension(true))],
            (36, 0),
        ),
        Case::new(
            "a critical number is refused",
            vec![list().with(critical_number())],
            (36, 0),
        ),
        Case::new(
            "a critical key identifier is fine",
            vec![list().with(critical_key_id())],
            GOOD,
        ),
        Case::new(
            "a critical scope is fine",
            vec![list().with(idp(&[]))],
            GOOD,
        ),
        Case::new(
            "an unknown extension of an entry is passed over",
            vec![list().with_entry(entry_with(&[100], &[unknown_extension(false)]))],
            REVOKED,
        ),
        Case::new(
            "an unknown critical extension of any entry is refused",
            vec![list().with_entry(entry_with(&[6], &[unknown_extension(true)]))],
            (36, 0),
        ),
        Case::new(
            "a critical reason is refused",
            vec![list().with_entry(entry_with(&[100], &[critical_reason()]))],
            (36, 0),
        ),
        Case::new(
            "an entry that names its issuer revokes for this issuer",
            vec![list().with_entry(entry_with(&[100], &[issuer(&root_name())]))],
            REVOKED,
        ),
        Case::new(
            "an entry for another issuer does not revoke",
            vec![list().with_entry(entry_with(&[100], &[issuer(&cn("Other"))]))],
            GOOD,
        ),
        Case::new(
            "an entry's issuer holds for those after it",
            vec![
                list()
                    .with_entry(entry_with(&[6], &[issuer(&cn("Other"))]))
                    .revoking(&[100]),
            ],
            GOOD,
        ),
        Case::new(
            "an entry's issuer holds until the next one",
            vec![
                list()
                    .with_entry(entry_with(&[6], &[issuer(&cn("Other"))]))
                    .with_entry(entry_with(&[7], &[issuer(&root_name())]))
                    .revoking(&[100]),
            ],
            REVOKED,
        ),
    ]
}

fn entries() -> Vec<Case> {
    let for_reason = |code| list().with_entry(entry_with(&[100], &[reason(code)]));
    let numbered = |rule, serial: &[u8], list: ListSpec, answer| {
        let end_entity = CertificateSpec {
            serial: serial.to_vec(),
            ..CertificateSpec::default()
        };
        Case::with_end_entity(rule, end_entity, vec![list], answer)
    };
    let long = &[0x55; 25][..];
    let twenty = &[&[0][..], &[0xab; 20]].concat()[..];
    vec![
        Case::new("removeFromCRL does not revoke", vec![for_reason(8)], GOOD),
        Case::new("certificateHold revokes", vec![for_reason(6)], REVOKED),
        Case::new("unspecified revokes", vec![for_reason(0)], REVOKED),
        Case::new(
            "a reason that does not exist revokes",
            vec![for_reason(99)],
            REVOKED,
        ),
        Case::new(
            "an entry that is there twice does no harm",
            vec![revoking().revoking(&[100])],
            REVOKED,
        ),
        Case::new(
            "an entry that revokes counts before one that takes back",
            vec![revoking().with_entry(entry_with(&[100], &[reason(8)]))],
            REVOKED,
        ),
        // OpenSSL uses the first that it finds.
        Case::new(
            "an entry that revokes counts after one that takes back",
            vec![for_reason(8).revoking(&[100])],
            REVOKED,
        )
        .openssl(GOOD),
        numbered(
            "serial number zero can be revoked",
            &[0],
            list().revoking(&[0]),
            REVOKED,
        ),
        numbered(
            "a negative serial number can be revoked",
            &[0x9c],
            list().revoking(&[0x9c]),
            REVOKED,
        ),
        numbered(
            "a number is not its negative",
            &[100],
            list().revoking(&[0x9c]),
            GOOD,
        ),
        numbered(
            "a negative is not its number",
            &[0x9c],
            list().revoking(&[100]),
            GOOD,
        ),
        numbered(
            "a number of twenty octets can be revoked",
            twenty,
            list().revoking(twenty),
            REVOKED,
        ),
        numbered(
            "a number of twenty-five octets can be revoked",
            long,
            list().revoking(long),
            REVOKED,
        ),
        numbered(
            "a shorter number is another",
            long,
            list().revoking(&long[1..]),
            GOOD,
        ),
    ]
}

fn scopes() -> Vec<Case> {
    let flag = |tag| tlv(tag, &[0xff]);
    let scoped = |fields: &[Vec<u8>]| vec![revoking().with(idp(fields))];
    let ca = || {
        CertificateSpec::default().with(extension(BASIC_CONSTRAINTS, true, &seq(&[boolean(true)])))
    };
    let some_reasons = tlv(0x83, &[1, 0x06]);
    vec![
        Case::new(
            "a list for user certificates is for the end entity",
            scoped(&[flag(0x81)]),
            REVOKED,
        ),
        Case::new(
            "a list for CAs is not for the end entity",
            scoped(&[flag(0x82)]),
            OTHER_SCOPE,
        ),
        Case::with_end_entity(
            "a list for CAs is for an end entity that is a CA",
            ca(),
            scoped(&[flag(0x82)]),
            REVOKED,
        ),
        Case::with_end_entity(
            "a list for users is not for a CA",
            ca(),
            scoped(&[flag(0x81)]),
            OTHER_SCOPE,
        ),
        Case::new(
            "a list for attribute certificates is for none",
            scoped(&[flag(0x85)]),
            OTHER_SCOPE,
        ),
        Case::new(
            "a list for users only and CAs only is unusable",
            scoped(&[flag(0x81), flag(0x82)]),
            NO_LIST,
        ),
        Case::new(
            "an indirect list is unusable",
            scoped(&[flag(0x84)]),
            NO_LIST,
        ),
        Case::new(
            "a list for some reasons is unusable",
            scoped(&[some_reasons]),
            NO_LIST,
        ),
        Case::new(
            "a scope that says nothing is no limit",
            scoped(&[]),
            REVOKED,
        ),
        Case::new(
            "a flag that is false is no limit",
            scoped(&[tlv(0x82, &[0])]),
            REVOKED,
        ),
        Case::new(
            "a list in another scope is not expired",
            vec![list().with(idp(&[flag(0x82)])).until("250615000000Z")],
            OTHER_SCOPE,
        ),
    ]
}

fn point_names() -> Vec<Case> {
    let a = || uri("http://a.example/crl");
    let b = || uri("http://b.example/crl");
    let at = |field: Vec<u8>| vec![revoking().with(idp(&[field]))];
    let part = |value: &[u8]| attribute(COMMON_NAME, UTF8, value);
    let below_root = |value: &[u8]| {
        let country = attribute(COUNTRY, PRINTABLE, b"DE");
        name(&[country, part(b"Root"), part(value)])
    };
    let case = |rule, fields: &[Vec<Vec<u8>>], lists, answer| {
        Case::with_end_entity(rule, end_entity_at(fields), lists, answer)
    };
    let full = |names: &[Vec<u8>]| vec![full_name(names)];
    let relative = |value: &[u8]| vec![relative_name(&[part(value)])];
    let foreign = |fields: &[Vec<u8>]| [fields, &[crl_issuer(&cn("Other"))]].concat();
    vec![
        Case::new(
            "a list at a point is not for a certificate without one",
            at(full_name(&[a()])),
            OTHER_SCOPE,
        ),
        case(
            "a list at the certificate's point is for it",
            &[full(&[a()])],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a list at another point is not",
            &[full(&[a()])],
            at(full_name(&[b()])),
            OTHER_SCOPE,
        ),
        case(
            "any of the list's names will do",
            &[full(&[a()])],
            at(full_name(&[b(), a()])),
            REVOKED,
        ),
        case(
            "any of the certificate's names will do",
            &[full(&[b(), a()])],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "any of the certificate's points will do",
            &[full(&[b()]), full(&[a()])],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a list without a point is for all",
            &[full(&[a()])],
            vec![revoking()],
            REVOKED,
        ),
        case(
            "a list with a scope and no point is for all",
            &[full(&[a()])],
            vec![revoking().with(idp(&[]))],
            REVOKED,
        ),
        case(
            "addresses are compared octet for octet",
            &[full(&[a()])],
            at(full_name(&[uri("http://A.example/crl")])),
            OTHER_SCOPE,
        ),
        case(
            "the kind of name matters",
            &[full(&[a()])],
            at(full_name(&[tlv(0x82, b"http://a.example/crl")])),
            OTHER_SCOPE,
        ),
        case(
            "directory names are compared canonically",
            &[full(&[directory(&cn("Point  One"))])],
            at(full_name(&[directory(&cn("point one"))])),
            REVOKED,
        ),
        case(
            "no name is the same as no other",
            &[full(&[])],
            at(full_name(&[])),
            OTHER_SCOPE,
        ),
        case(
            "relative names are compared",
            &[relative(b"1")],
            at(relative_name(&[part(b"1")])),
            REVOKED,
        ),
        case(
            "relative names can differ",
            &[relative(b"1")],
            at(relative_name(&[part(b"2")])),
            OTHER_SCOPE,
        ),
        case(
            "a relative name is one below the issuer",
            &[relative(b"1")],
            at(full_name(&[a(), directory(&below_root(b"1"))])),
            REVOKED,
        ),
        case(
            "a list's relative name is one below its issuer",
            &[full(&[directory(&below_root(b"1"))])],
            at(relative_name(&[part(b"1")])),
            REVOKED,
        ),
        case(
            "a relative name is no other kind of name",
            &[relative(b"1")],
            at(full_name(&[a()])),
            OTHER_SCOPE,
        ),
        case(
            "attributes of a relative name are one below the other",
            &[vec![relative_name(&[part(b"1"), part(b"2")])]],
            at(full_name(&[directory(&name(&[
                attribute(COUNTRY, PRINTABLE, b"DE"),
                part(b"Root"),
                part(b"1"),
                part(b"2"),
            ]))])),
            REVOKED,
        ),
        case(
            "a point that names the issuer is the issuer's",
            &[[full(&[a()]), vec![crl_issuer(&root_name())]].concat()],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a point of another issuer is not",
            &[foreign(&full(&[a()]))],
            at(full_name(&[a()])),
            OTHER_SCOPE,
        ),
        case(
            "a point of another issuer does not limit a list for all",
            &[foreign(&full(&[a()]))],
            vec![revoking()],
            REVOKED,
        ),
        case(
            "a point may name no more than the issuer",
            &[vec![crl_issuer(&root_name())]],
            at(full_name(&[a()])),
            REVOKED,
        ),
        case(
            "a relative name is below the issuer that the point names",
            &[[
                relative(b"1"),
                vec![tlv(
                    0xa2,
                    &[directory(&cn("Other")), directory(&root_name())].concat(),
                )],
            ]
            .concat()],
            at(full_name(&[directory(&name(&[
                part(b"Other"),
                part(b"1"),
            ]))])),
            REVOKED,
        ),
    ]
}

fn divided_reasons() -> Vec<Case> {
    let key_compromise = || reasons(&[0x40]);
    let the_rest = || reasons(&[0x3f, 0x80]);
    let a = || full_name(&[uri("http://a.example/crl")]);
    let b = || full_name(&[uri("http://b.example/crl")]);
    let at = |list: ListSpec, field| list.with(idp(&[field]));
    let divided = || end_entity_at(&[vec![a(), key_compromise()], vec![b(), the_rest()]]);
    let case =
        |rule, end_entity, lists, answer| Case::with_end_entity(rule, end_entity, lists, answer);
    // The CA itself has no points: its list would have to be one for all.
    let case_of_two = |rule, lists, answer| {
        case(rule, divided(), lists, answer).for_chain(match answer {
            GOOD => (44, 1),
            other => other,
        })
    };
    vec![
        case(
            "a list for one reason is not enough",
            end_entity_at(&[vec![a(), key_compromise()]]),
            vec![list()],
            NO_LIST,
        ),
        case(
            "a list for one reason revokes",
            end_entity_at(&[vec![a(), key_compromise()]]),
            vec![revoking()],
            REVOKED,
        ),
        case(
            "a list for no reason is none",
            end_entity_at(&[vec![a(), reasons(&[])]]),
            vec![list()],
            NO_LIST,
        ),
        case(
            "unused bits are no reasons",
            end_entity_at(&[vec![a(), reasons(&[0x80])]]),
            vec![list()],
            NO_LIST,
        ),
        case(
            "all reasons are enough",
            end_entity_at(&[vec![a(), reasons(&[0x7f, 0x80])]]),
            vec![list()],
            GOOD,
        ),
        case_of_two(
            "two lists for all reasons are enough",
            vec![at(list(), a()), at(list(), b())],
            GOOD,
        ),
        case_of_two("one of two lists is not", vec![at(list(), a())], NO_LIST),
        case_of_two(
            "the first of two lists revokes",
            vec![at(revoking(), a()), at(list(), b())],
            REVOKED,
        ),
        case_of_two(
            "the second of two lists revokes",
            vec![at(list(), a()), at(revoking(), b())],
            REVOKED,
        ),
    ]
}

fn choices() -> Vec<Case> {
    let old = || list().from("250520000000Z");
    let old_revoking = || old().revoking(&[100]);
    let expired = || list().until("250614000000Z");
    let critical = |list: ListSpec| list.with(unknown_extension(true));
    let for_cas = |list: ListSpec| list.with(idp(&[tlv(0x82, &[0xff])]));
    let bad = ListSpec {
        has_bad_signature: true,
        ..list()
    };
    let case = Case::new;
    vec![
        case(
            "the newest list counts if it revokes",
            vec![old(), revoking()],
            REVOKED,
        ),
        case(
            "the newest list counts wherever it stands",
            vec![revoking(), old()],
            REVOKED,
        ),
        case(
            "the newest list counts if it does not revoke",
            vec![list(), old_revoking()],
            GOOD,
        ),
        case(
            "of two lists of one second the first counts",
            vec![list(), revoking()],
            GOOD,
        ),
        case(
            "of two lists of one second the first counts if it revokes",
            vec![revoking(), list()],
            REVOKED,
        ),
        case(
            "a list of the future gives way",
            vec![list().from("250616000000Z"), old_revoking()],
            REVOKED,
        ),
        case(
            "an expired list gives way",
            vec![expired(), old_revoking()],
            REVOKED,
        ),
        case(
            "a list with an unknown critical extension gives way",
            vec![critical(list()), old_revoking()],
            REVOKED,
        ),
        case(
            "a list in another scope gives way",
            vec![for_cas(list()), old_revoking()],
            REVOKED,
        ),
        case(
            "an indirect list gives way",
            vec![list().with(idp(&[tlv(0x84, &[0xff])])), old_revoking()],
            REVOKED,
        ),
        case(
            "a badly signed newer list hides an older one",
            vec![old(), bad],
            (8, 0),
        ),
        case(
            "an expired list goes before one with an unknown critical extension",
            vec![critical(list()), expired()],
            (12, 0),
        ),
        case(
            "an expired list goes before one in another scope",
            vec![for_cas(list()), expired()],
            (12, 0),
        ),
        case(
            "a list in another scope goes before one with an unknown critical extension",
            vec![critical(list()), for_cas(list())],
            OTHER_SCOPE,
        ),
    ]
}

fn key_changes() -> Vec<Case> {
    let new_root = || CertificateSpec::ca(root_name(), 2);
    let end_entity = || CertificateSpec {
        signer: 2,
        ..CertificateSpec::default().with(signer_id(2))
    };
    let new_list = |list: ListSpec| ListSpec { signer: 2, ..list };
    let changed =
        |rule, lists, answer| Case::with_path(rule, vec![end_entity(), new_root()], lists, answer);
    // The old key vouches for the new one.
    let link = || CertificateSpec {
        signer: 1,
        ..new_root().with(signer_id(1))
    };
    let root = || CertificateSpec::root().with(signer_id(1));
    let linked = |rule, lists, answer| {
        Case::with_path(rule, vec![end_entity(), link(), root()], lists, answer)
    };
    vec![
        changed(
            "a list by the CA's former key is badly signed",
            vec![list()],
            (8, 0),
        ),
        changed(
            "a list that names the CA's former key is passed over",
            vec![list().with_key_id()],
            NO_LIST,
        ),
        changed(
            "a list of either key is enough",
            vec![list().with_key_id(), new_list(revoking()).with_key_id()],
            REVOKED,
        ),
        linked(
            "a list by a key further up that it names is used",
            vec![revoking().with_key_id()],
            REVOKED,
        ),
        linked(
            "a list by a key further up that it does not name is not",
            vec![revoking()],
            (8, 0),
        ),
        linked(
            "a list by the key that signed goes before a newer one by a key further up",
            vec![
                list().with_key_id(),
                new_list(revoking()).from("250520000000Z").with_key_id(),
            ],
            REVOKED,
        ),
        linked(
            "a newer list by the key that signed goes before an older one",
            vec![
                list().from("250520000000Z").with_key_id(),
                new_list(revoking()).with_key_id(),
            ],
            REVOKED,
        ),
    ]
}

fn chains() -> Vec<Case> {
    let intermediate = || CertificateSpec {
        issuer: root_name(),
        serial: vec![50],
        signer: 1,
        ..CertificateSpec::ca(cn("Intermediate"), 4)
    };
    let path = || {
        let end_entity = CertificateSpec {
            issuer: cn("Intermediate"),
            signer: 4,
            ..CertificateSpec::default()
        };
        vec![end_entity, intermediate(), CertificateSpec::root()]
    };
    let lower = |list: ListSpec| ListSpec {
        issuer: cn("Intermediate"),
        signer: 4,
        ..list
    };
    let expired = |list: ListSpec| list.until("250614000000Z");
    let bad = |list: ListSpec| ListSpec {
        has_bad_signature: true,
        ..list
    };
    let case = |rule, lists, answer| Case::with_path(rule, path(), lists, answer);
    vec![
        case(
            "a chain is good if all lists are there",
            vec![lower(list()), list()],
            GOOD,
        ),
        case(
            "a chain needs a list for the intermediate",
            vec![lower(list())],
            GOOD,
        )
        .for_chain((3, 1)),
        case("the end entity needs a list first", vec![list()], NO_LIST),
        case(
            "an intermediate can be revoked",
            vec![lower(list()), list().revoking(&[50])],
            GOOD,
        )
        .for_chain((23, 1))
        .covered((23, 1)),
        case(
            "a trust anchor can revoke itself",
            vec![lower(list()), list().revoking(&[1])],
            GOOD,
        )
        .for_chain((23, 2))
        .covered((23, 2)),
        case(
            "an end entity can be revoked",
            vec![lower(revoking()), list().revoking(&[50])],
            REVOKED,
        ),
        case(
            "an expired list does not cover an intermediate",
            vec![lower(list()), expired(list()).revoking(&[50])],
            GOOD,
        )
        .for_chain((12, 1)),
        case(
            "a badly signed list does not cover an intermediate",
            vec![lower(list()), bad(list()).revoking(&[50])],
            GOOD,
        )
        .for_chain((8, 1)),
        case(
            "a badly signed list does not hide that an intermediate is revoked",
            vec![
                lower(list()),
                bad(list()),
                list().from("250520000000Z").revoking(&[50]),
            ],
            GOOD,
        )
        .for_chain((8, 1))
        .covered((23, 1)),
        case(
            "a newer list clears an intermediate",
            vec![
                lower(list()),
                list(),
                list().from("250520000000Z").revoking(&[50]),
            ],
            GOOD,
        ),
        case(
            "a list for users does not cover an intermediate",
            vec![
                lower(list()),
                list().with(idp(&[tlv(0x81, &[0xff])])).revoking(&[50]),
            ],
            GOOD,
        )
        .for_chain((44, 1)),
    ]
}

fn number_of(case: &Case, answer: Answer, expected: Answer, depth: &str) -> Option<String> {
    let rule = case.rule;
    (answer != expected).then(|| format!("{rule}, {depth}: {answer:?} instead of {expected:?}"))
}

#[test]
fn lists_are_chosen_and_used_as_by_openssl() {
    let wrong: Vec<_> = cases()
        .iter()
        .flat_map(|case| {
            let ask = |depth, expected, name| number_of(case, case.ask(depth), expected, name);
            [
                ask(RevocationDepth::EndEntity, case.end_entity, "end entity"),
                ask(RevocationDepth::Chain, case.chain, "chain"),
                ask(RevocationDepth::Covered, case.covered, "covered"),
            ]
        })
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "asks the program openssl"]
fn the_recorded_answers_are_those_of_openssl() {
    let scratch = Scratch::new();
    let wrong: Vec<_> = cases()
        .iter()
        .flat_map(|case| {
            let ask = |flags: &[&str], expected, name| {
                let expected = case.openssl.unwrap_or(expected);
                number_of(case, case.ask_openssl(&scratch, flags), expected, name)
            };
            [
                ask(&["-crl_check"], case.end_entity, "end entity"),
                ask(&["-crl_check", "-crl_check_all"], case.chain, "chain"),
            ]
        })
        .flatten()
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
