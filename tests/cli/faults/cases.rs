//! The cases, with one planted fault each.

use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose};

use super::pki::{Certificate, List};
use super::scene::{Scene, intermediate, own, root};

/// A fault and its healthy twin, both as changes of the healthy configuration.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) fault: fn(&mut Scene),
    pub(super) twin: fn(&mut Scene),
    /// Severity, code and option of every finding.
    pub(super) expected: &'static [(&'static str, &'static str, &'static str)],
    /// Whether the setting of the finding is in the configuration, rather than missing there.
    pub(super) is_in_config: bool,
}

const fn case(
    name: &'static str,
    expected: &'static [(&'static str, &'static str, &'static str)],
    fault: fn(&mut Scene),
    twin: fn(&mut Scene),
) -> Case {
    Case {
        name,
        fault,
        twin,
        expected,
        is_in_config: true,
    }
}

/// A case in which the option is missing.
const fn missing(case: Case) -> Case {
    Case {
        is_in_config: false,
        ..case
    }
}

const fn healthy(_: &mut Scene) {}

pub(super) const CASES: &[Case] = &[
    // Faults of our own certificate.
    case(
        "own-expired",
        &[("error", "own-expired", "certificate")],
        |scene| scene.own(&Certificate { until: -1, ..own() }),
        healthy,
    ),
    case(
        "own-not-yet-valid",
        &[("error", "own-not-yet-valid", "certificate")],
        |scene| scene.own(&Certificate { from: 2, ..own() }),
        healthy,
    ),
    case(
        "own-expires-soon",
        &[("warning", "own-expires-soon", "certificate")],
        |scene| scene.own(&Certificate { until: 29, ..own() }),
        |scene| scene.own(&Certificate { until: 31, ..own() }),
    ),
    case(
        "own-expires-within-days",
        &[("warning", "own-expires-soon", "certificate")],
        |scene| {
            scene.own(&Certificate { until: 50, ..own() });
            scene.words = vec!["--days".to_owned(), "60".to_owned()];
        },
        |scene| {
            scene.own(&Certificate { until: 20, ..own() });
            scene.words = vec!["--days".to_owned(), "10".to_owned()];
        },
    ),
    case(
        "own-revoked",
        &[("error", "own-revoked", "certificate")],
        |scene| {
            let list = List {
                revoked: &[3],
                ..List::GOOD
            };
            scene.file("ca.crl", list.of(&intermediate()));
        },
        healthy,
    ),
    case(
        "own-ca-revoked",
        &[("error", "own-revoked", "certificate")],
        |scene| {
            let list = List {
                revoked: &[2],
                ..List::GOOD
            };
            let lists = [list.of(&root()), List::GOOD.of(&intermediate())];
            scene.file("ca.crl", lists.concat());
        },
        |scene| {
            let lists = [List::GOOD.of(&root()), List::GOOD.of(&intermediate())];
            scene.file("ca.crl", lists.concat());
        },
    ),
    case(
        "key-mismatch",
        &[("error", "key-mismatch", "certificate-key")],
        |scene| {
            let other = Certificate { key: 7, ..own() };
            scene.file("own.key", other.private_key());
        },
        healthy,
    ),
    case(
        "key-of-the-second-certificate",
        &[("error", "key-mismatch", "certificate-key")],
        |scene| {
            let chain = [
                intermediate().issued_by(&root()),
                own().issued_by(&intermediate()),
            ];
            scene.file("own.pem", chain.concat());
        },
        healthy,
    ),
    case(
        "own-weak",
        &[("error", "own-weak", "certificate")],
        |scene| {
            let rsa = Certificate {
                is_rsa: true,
                ..own()
            };
            scene.own(&rsa);
            scene.file("own.key", rsa.private_key());
            scene.set("cipher-list", "ECDHE+AESGCM:@SECLEVEL=3");
        },
        |scene| {
            let rsa = Certificate {
                is_rsa: true,
                ..own()
            };
            scene.own(&rsa);
            scene.file("own.key", rsa.private_key());
        },
    ),
    case(
        "trusted-weak",
        &[
            ("error", "own-weak", "certificate"),
            ("warning", "trusted-weak", "trusted-ca"),
        ],
        |scene| scene.set("cipher-list", "ECDHE+AES256:@SECLEVEL=4"),
        |scene| scene.set("cipher-list", "ECDHE+AES256:@SECLEVEL=3"),
    ),
    case(
        "own-no-san",
        &[("warning", "own-no-san", "certificate")],
        |scene| {
            scene.own(&Certificate {
                hosts: &[],
                ..own()
            })
        },
        healthy,
    ),
    case(
        "own-for-servers-only",
        &[("warning", "own-not-for-clients", "certificate")],
        |scene| {
            scene.own(&Certificate {
                purposes: vec![ExtendedKeyUsagePurpose::ServerAuth],
                ..own()
            });
        },
        |scene| {
            scene.own(&Certificate {
                purposes: Vec::new(),
                ..own()
            })
        },
    ),
    case(
        "own-for-clients-only",
        &[("warning", "own-not-for-servers", "certificate")],
        |scene| {
            scene.own(&Certificate {
                purposes: vec![ExtendedKeyUsagePurpose::ClientAuth],
                ..own()
            });
        },
        healthy,
    ),
    case(
        "own-key-usage",
        &[
            ("warning", "own-key-usage", "certificate"),
            ("warning", "own-not-for-clients", "certificate"),
        ],
        |scene| {
            scene.own(&Certificate {
                usages: vec![KeyUsagePurpose::KeyEncipherment],
                ..own()
            });
        },
        |scene| {
            scene.own(&Certificate {
                usages: vec![
                    KeyUsagePurpose::KeyEncipherment,
                    KeyUsagePurpose::DigitalSignature,
                ],
                ..own()
            });
        },
    ),
    case(
        "own-chain-lacks-an-intermediate",
        &[
            ("advice", "own-chain-not-trusted", "certificate"),
            ("warning", "own-chain-incomplete", "certificate"),
        ],
        |scene| scene.file("own.pem", own().issued_by(&intermediate())),
        healthy,
    ),
    case(
        "own-chain-lacks-an-intermediate-that-is-named-by-a-url",
        &[
            ("advice", "own-chain-not-trusted", "certificate"),
            ("warning", "own-chain-incomplete", "certificate"),
        ],
        |scene| {
            let ca = Certificate::ca("R3", 2);
            let own = Certificate {
                names_issuer: true,
                ..own()
            };
            scene.file("own.pem", own.issued_by(&ca));
            scene.without_lists();
        },
        |scene| {
            let ca = Certificate::ca("R3", 2);
            let own = Certificate {
                names_issuer: true,
                ..own()
            };
            let chain = [own.issued_by(&ca), ca.issued_by(&root())];
            scene.file("own.pem", chain.concat());
            scene.without_lists();
        },
    ),
    case(
        "own-chain-lacks-an-intermediate-of-the-same-organisation",
        &[
            ("advice", "own-chain-not-trusted", "certificate"),
            ("warning", "own-chain-incomplete", "certificate"),
        ],
        |scene| {
            let acme = |ca| Certificate {
                organisation: Some("Acme"),
                ..ca
            };
            let (top, ca) = (acme(root()), acme(Certificate::ca("CA 2", 2)));
            scene.file("ca.pem", top.self_signed());
            scene.file("own.pem", own().issued_by(&ca));
            scene.without_lists();
        },
        |scene| {
            let acme = |ca| Certificate {
                organisation: Some("Acme"),
                ..ca
            };
            let (top, ca) = (acme(root()), acme(Certificate::ca("CA 2", 2)));
            let chain = [own().issued_by(&ca), ca.issued_by(&top)];
            scene.file("ca.pem", top.self_signed());
            scene.file("own.pem", chain.concat());
            scene.without_lists();
        },
    ),
    case(
        "own-chain-stops-below-a-trusted-intermediate",
        &[("warning", "own-chain-incomplete", "certificate")],
        |scene| {
            let policy = Certificate::ca("Policy CA", 4);
            let chain = [
                own().issued_by(&intermediate()),
                intermediate().issued_by(&policy),
            ];
            scene.file("own.pem", chain.concat());
            let trusted = [root().self_signed(), policy.issued_by(&root())];
            scene.file("ca.pem", trusted.concat());
        },
        |scene| {
            // OpenSSL completes a chain of one certificate from `trusted-ca`.
            scene.file("own.pem", own().issued_by(&intermediate()));
            let trusted = [root().self_signed(), intermediate().issued_by(&root())];
            scene.file("ca.pem", trusted.concat());
        },
    ),
    case(
        "own-chain-order",
        &[("warning", "own-chain-order", "certificate")],
        |scene| {
            let policy = Certificate::ca("Policy CA", 4);
            let chain = [
                own().issued_by(&intermediate()),
                policy.issued_by(&root()),
                intermediate().issued_by(&policy),
            ];
            scene.file("own.pem", chain.concat());
        },
        |scene| {
            let policy = Certificate::ca("Policy CA", 4);
            let chain = [
                own().issued_by(&intermediate()),
                intermediate().issued_by(&policy),
                policy.issued_by(&root()),
            ];
            scene.file("own.pem", chain.concat());
        },
    ),
    case(
        "own-unrelated",
        &[("warning", "own-unrelated", "certificate")],
        |scene| {
            let chain = [
                own().issued_by(&intermediate()),
                intermediate().issued_by(&root()),
                Certificate::ca("Stranger", 9).issued_by(&root()),
            ];
            scene.file("own.pem", chain.concat());
        },
        healthy,
    ),
    case(
        "own-duplicate",
        &[("warning", "own-duplicate", "certificate")],
        |scene| {
            let ca = intermediate().issued_by(&root());
            let chain = [own().issued_by(&intermediate()), ca.clone(), ca];
            scene.file("own.pem", chain.concat());
        },
        healthy,
    ),
    case(
        "own-root-in-chain",
        &[("warning", "own-root-in-chain", "certificate")],
        |scene| {
            let chain = [
                own().issued_by(&intermediate()),
                intermediate().issued_by(&root()),
                root().self_signed(),
            ];
            scene.file("own.pem", chain.concat());
        },
        healthy,
    ),
    case(
        "own-chain-expired",
        &[("warning", "own-expired", "certificate")],
        |scene| {
            let old = Certificate {
                until: -1,
                ..intermediate()
            };
            let chain = [own().issued_by(&old), old.issued_by(&root())];
            scene.file("own.pem", chain.concat());
        },
        healthy,
    ),
    case(
        "own-chain-of-another-ca",
        &[("advice", "own-chain-not-trusted", "certificate")],
        |scene| {
            let other = Certificate::ca("Other Root", 9);
            scene.file("own.pem", own().issued_by(&other));
            scene.without_lists();
        },
        |scene| {
            let other = Certificate::ca("Other Root", 9);
            scene.file("own.pem", own().issued_by(&other));
            let trusted = [root().self_signed(), other.self_signed()];
            scene.file("ca.pem", trusted.concat());
            scene.without_lists();
        },
    ),
    #[cfg(unix)]
    case(
        "key-readable",
        &[("warning", "key-permissions", "certificate-key")],
        |scene| scene.key_mode = 0o640,
        healthy,
    ),
    #[cfg(unix)]
    case(
        "key-writable",
        &[("warning", "key-permissions", "certificate-key")],
        |scene| scene.key_mode = 0o602,
        |scene| scene.key_mode = 0o400,
    ),
    case(
        "second-pair",
        &[("warning", "own-second-pair", "certificate")],
        |scene| {
            let rsa = Certificate {
                is_rsa: true,
                serial: 8,
                ..own()
            };
            scene.file("rsa.pem", rsa.issued_by(&intermediate()));
            scene.file("rsa.key", rsa.private_key());
            scene.set("certificate", "own.pem,rsa.pem");
            scene.set("certificate-key", "own.key,rsa.key");
        },
        |scene| {
            scene.file("own.pem", own().issued_by(&intermediate()));
            scene.file("inter.pem", intermediate().issued_by(&root()));
            scene.set("certificate", "own.pem,inter.pem");
        },
    ),
    missing(case(
        "key-without-certificate",
        &[("error", "option-missing", "certificate")],
        |scene| {
            scene.unset("certificate");
            scene.file("ca.crl", List::GOOD.of(&root()));
        },
        |scene| {
            scene.unset("certificate");
            scene.unset("certificate-key");
            scene.file("ca.crl", List::GOOD.of(&root()));
        },
    )),
    // Faults of the trusted CAs.
    case(
        "trusted-no-root",
        &[("error", "trusted-no-root", "trusted-ca")],
        |scene| {
            scene.file("ca.pem", intermediate().issued_by(&root()));
        },
        |scene| {
            let trusted = [root().self_signed(), intermediate().issued_by(&root())];
            scene.file("ca.pem", trusted.concat());
        },
    ),
    case(
        "trusted-all-expired",
        &[("error", "trusted-all-expired", "trusted-ca")],
        |scene| {
            let old = Certificate {
                until: -1,
                ..root()
            };
            let older = Certificate {
                until: -3,
                ..Certificate::ca("Older", 9)
            };
            scene.file("ca.pem", [old.self_signed(), older.self_signed()].concat());
            scene.without_lists();
        },
        |scene| scene.without_lists(),
    ),
    case(
        "trusted-expired",
        &[("warning", "trusted-expired", "trusted-ca")],
        |scene| {
            let older = Certificate {
                until: -3,
                ..Certificate::ca("Older", 9)
            };
            let trusted = [root().self_signed(), older.self_signed()];
            scene.file("ca.pem", trusted.concat());
            scene.without_lists();
        },
        |scene| {
            let other = Certificate::ca("Other", 9);
            let trusted = [root().self_signed(), other.self_signed()];
            scene.file("ca.pem", trusted.concat());
            scene.without_lists();
        },
    ),
    case(
        "trusted-expires-soon",
        &[("warning", "trusted-expires-soon", "trusted-ca")],
        |scene| {
            let root = Certificate {
                until: 20,
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
        },
        healthy,
    ),
    case(
        "trusted-is-no-ca",
        &[("warning", "trusted-may-not-sign", "trusted-ca")],
        |scene| {
            let root = Certificate {
                is_ca: IsCa::ExplicitNoCa,
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
            scene.without_lists();
        },
        |scene| {
            let root = Certificate {
                is_ca: IsCa::Ca(BasicConstraints::Constrained(1)),
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
        },
    ),
    case(
        "trusted-key-usage",
        &[("warning", "trusted-may-not-sign", "trusted-ca")],
        |scene| {
            let root = Certificate {
                usages: vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign],
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
            scene.without_lists();
        },
        |scene| {
            let root = Certificate {
                usages: Vec::new(),
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
        },
    ),
    case(
        "trusted-purpose",
        &[("warning", "trusted-may-not-sign", "trusted-ca")],
        |scene| {
            let root = Certificate {
                purposes: vec![ExtendedKeyUsagePurpose::EmailProtection],
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
            scene.without_lists();
        },
        |scene| {
            let root = Certificate {
                purposes: vec![
                    ExtendedKeyUsagePurpose::ServerAuth,
                    ExtendedKeyUsagePurpose::ClientAuth,
                ],
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
        },
    ),
    case(
        "trusted-twice",
        &[("advice", "trusted-twice", "trusted-ca")],
        |scene| scene.file("ca.pem", root().self_signed().repeat(2)),
        healthy,
    ),
    case(
        "trusted-private-key",
        &[("advice", "trusted-private-key", "trusted-ca")],
        |scene| {
            let content = [root().self_signed(), root().private_key()];
            scene.file("ca.pem", content.concat());
        },
        healthy,
    ),
    missing(case(
        "trusted-missing",
        &[
            ("advice", "not-looked-at", "tls-crl"),
            ("error", "option-missing", "trusted-ca"),
        ],
        |scene| scene.unset("trusted-ca"),
        healthy,
    )),
    // Faults of the revocation lists.
    case(
        "list-expired",
        &[("error", "list-expired", "tls-crl")],
        |scene| {
            let list = List {
                until: -1,
                ..List::GOOD
            };
            scene.file("ca.crl", list.of(&intermediate()));
        },
        healthy,
    ),
    case(
        "list-not-yet-valid",
        &[("error", "list-not-yet-valid", "tls-crl")],
        |scene| {
            let list = List {
                from: 2,
                ..List::GOOD
            };
            scene.file("ca.crl", list.of(&intermediate()));
        },
        healthy,
    ),
    case(
        "list-ends-soon",
        &[("warning", "list-ends-soon", "tls-crl")],
        |scene| {
            let list = List {
                until: 6,
                ..List::GOOD
            };
            scene.file("ca.crl", list.of(&intermediate()));
        },
        |scene| {
            let list = List {
                until: 8,
                ..List::GOOD
            };
            scene.file("ca.crl", list.of(&intermediate()));
        },
    ),
    case(
        "list-older",
        &[("warning", "list-older", "tls-crl")],
        |scene| {
            let older = List {
                from: -9,
                until: 40,
                ..List::GOOD
            };
            let lists = [List::GOOD.of(&intermediate()), older.of(&intermediate())];
            scene.file("ca.crl", lists.concat());
        },
        |scene| {
            let lists = [List::GOOD.of(&intermediate()), List::GOOD.of(&root())];
            scene.file("ca.crl", lists.concat());
        },
    ),
    case(
        "list-of-other-ca",
        &[
            ("warning", "list-missing", "tls-crl"),
            ("warning", "list-missing", "tls-crl"),
            ("warning", "list-of-other-ca", "tls-crl"),
        ],
        |scene| scene.file("ca.crl", List::GOOD.of(&Certificate::ca("Stranger", 9))),
        healthy,
    ),
    case(
        "list-missing-for-one",
        &[("warning", "list-missing", "tls-crl")],
        |scene| {
            let other = Certificate::ca("Other", 9);
            let trusted = [root().self_signed(), other.self_signed()];
            scene.file("ca.pem", trusted.concat());
        },
        |scene| {
            let other = Certificate::ca("Other", 9);
            let trusted = [root().self_signed(), other.self_signed()];
            scene.file("ca.pem", trusted.concat());
            let lists = [List::GOOD.of(&intermediate()), List::GOOD.of(&other)];
            scene.file("ca.crl", lists.concat());
        },
    ),
    case(
        "list-missing-for-the-ca-of-our-own-certificate",
        &[("warning", "list-missing", "tls-crl")],
        |scene| scene.file("ca.crl", List::GOOD.of(&root())),
        healthy,
    ),
    case(
        "list-missing-for-all",
        &[
            ("error", "list-missing", "tls-crl"),
            ("warning", "list-of-other-ca", "tls-crl"),
        ],
        |scene| {
            let root = Certificate {
                is_ca: IsCa::Ca(BasicConstraints::Constrained(0)),
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
            scene.file("own.pem", own().issued_by(&root));
            scene.file("ca.crl", List::GOOD.of(&Certificate::ca("Stranger", 9)));
        },
        |scene| {
            let root = Certificate {
                is_ca: IsCa::Ca(BasicConstraints::Constrained(0)),
                ..root()
            };
            scene.file("ca.pem", root.self_signed());
            scene.file("own.pem", own().issued_by(&root));
            scene.file("ca.crl", List::GOOD.of(&root));
        },
    ),
    case(
        "list-bad-signature",
        &[("error", "list-bad-signature", "tls-crl")],
        |scene| {
            let list = List {
                signer: Some(9),
                ..List::GOOD
            };
            scene.file("ca.crl", list.of(&intermediate()));
        },
        healthy,
    ),
    case(
        "list-issuer-may-not-sign",
        &[("error", "list-issuer-may-not-sign", "tls-crl")],
        |scene| {
            let ca = Certificate {
                usages: vec![KeyUsagePurpose::KeyCertSign],
                ..intermediate()
            };
            let chain = [own().issued_by(&ca), ca.issued_by(&root())];
            scene.file("own.pem", chain.concat());
        },
        healthy,
    ),
    case(
        "list-critical-extension",
        &[("warning", "list-critical-extension", "tls-crl")],
        |scene| {
            let list = List {
                is_critical: true,
                ..List::GOOD
            };
            scene.file("ca.crl", list.of(&intermediate()));
        },
        healthy,
    ),
    case(
        "list-critical-extension-beside-another-list",
        &[("advice", "list-unused", "tls-crl")],
        |scene| {
            let critical = List {
                is_critical: true,
                ..List::GOOD
            };
            let lists = [List::GOOD, critical].map(|list| list.of(&intermediate()));
            scene.file("ca.crl", lists.concat());
        },
        healthy,
    ),
    case(
        "list-among-the-cas",
        &[("advice", "list-unused", "trusted-ca")],
        |scene| {
            let content = [root().self_signed(), List::GOOD.of(&root())];
            scene.file("ca.pem", content.concat());
            scene.without_lists();
        },
        |scene| {
            let content = [root().self_signed(), List::GOOD.of(&root())];
            scene.file("ca.pem", content.concat());
        },
    ),
    // Faults of settings.
    missing(case(
        "near-name",
        &[
            ("error", "near-setting", "tls-taget-name-check"),
            ("advice", "name-not-checked", "tls-target-name-check"),
        ],
        |scene| {
            scene.unset("tls-target-name-check");
            scene.set("tls-taget-name-check", "host");
        },
        |scene| {
            scene.set("tls_enabled", "1");
            scene.set("use_srtp", "disabled");
        },
    )),
    case(
        "underscores",
        &[("error", "near-setting", "tls_crl")],
        |scene| {
            scene.unset("tls-crl");
            scene.set("tls_crl", "ca.crl");
        },
        healthy,
    ),
    case(
        "capitals",
        &[("error", "near-setting", "TLS-CRL")],
        |scene| {
            scene.unset("tls-crl");
            scene.set("TLS-CRL", "ca.crl");
        },
        healthy,
    ),
    missing(case(
        "near-section",
        &[
            ("error", "near-setting", ""),
            ("error", "option-missing", "trusted-ca"),
        ],
        |scene| scene.rewritten = Some(("\"security\"", "\"Security\"")),
        healthy,
    )),
    case(
        "near-element",
        &[("error", "near-setting", "")],
        |scene| {
            scene.rewritten = Some(("<setting name=\"tls-crl\"", "<Setting name=\"tls-crl\""));
        },
        healthy,
    ),
    missing(case(
        "other-section",
        &[
            ("error", "bad-config", ""),
            ("error", "option-missing", "trusted-ca"),
        ],
        |scene| scene.rewritten = Some(("\"security\"", "\"secur\"")),
        healthy,
    )),
    case(
        "unknown-setting",
        &[("warning", "unknown-setting", "colour")],
        |scene| scene.set("colour", "green"),
        healthy,
    ),
    case(
        "target-name-port",
        &[("error", "target-name-port", "tls-target-name")],
        |scene| scene.set("tls-target-name", "sip.example.com:5061"),
        |scene| scene.set("tls-target-name", "sip.example.com"),
    ),
    case(
        "mutual-without-certificate",
        &[("warning", "mutual-without-certificate", "tls-mutual")],
        |scene| {
            scene.unset("certificate");
            scene.unset("certificate-key");
            scene.file("ca.crl", List::GOOD.of(&root()));
            scene.set("tls-mutual", "1");
        },
        |scene| scene.set("tls-mutual", "1"),
    ),
    case(
        "no-tls12-suite",
        &[("warning", "no-tls12-suite", "cipher-list")],
        |scene| scene.set("cipher-list", "AES128-SHA:AES256-SHA"),
        |scene| scene.set("cipher-list", "ECDHE+AESGCM:AES128-SHA"),
    ),
    case(
        "name-not-checked",
        &[("advice", "name-not-checked", "tls-target-name-check")],
        |scene| scene.set("tls-target-name-check", "no"),
        healthy,
    ),
    missing(case(
        "name-check-absent",
        &[("advice", "name-not-checked", "tls-target-name-check")],
        |scene| scene.unset("tls-target-name-check"),
        healthy,
    )),
    case(
        "name-check-is-ours",
        &[("advice", "name-check-is-ours", "tls-target-name-check")],
        |scene| scene.set("tls-target-name-check", "sip"),
        healthy,
    ),
    case(
        "tls13-only",
        &[("advice", "tls13-only", "sec-protocol")],
        |scene| scene.set("sec-protocol", "TLSv13"),
        |scene| scene.set("sec-protocol", "TLSv12"),
    ),
    case(
        "protocol-narrowed",
        &[("advice", "protocol-narrowed", "sec-protocol")],
        |scene| scene.set("sec-protocol", "SSLv23"),
        |scene| scene.set("sec-protocol", ""),
    ),
    case(
        "bad-value",
        &[("error", "bad-value", "sec-protocol")],
        |scene| scene.set("sec-protocol", "TLSv11"),
        |scene| scene.set("sec-protocol", " TLSv12 "),
    ),
    case(
        "near-value",
        &[("error", "bad-value", "sec-protocol")],
        |scene| scene.set("sec-protocol", "TLSv1.2"),
        |scene| scene.set("sec-protocol", "tlsv12"),
    ),
    case(
        "blank-value",
        &[("error", "bad-value", "tls-crl")],
        |scene| scene.set("tls-crl", "  "),
        |scene| {
            scene.set("tls-crl", "");
        },
    ),
    case(
        "placeholder",
        &[("error", "bad-connectivity", "Connectivity")],
        |scene| {
            let line = "user=\"{dn}\" server=\"{server:port}\" protocol=\"TLS\"";
            scene.lines.push(line.to_owned());
        },
        |scene| {
            let line = "user=\"7\" server=\"[fe80::1%eth0]:5061\" protocol=\"TLS\"";
            scene.lines.push(line.to_owned());
        },
    ),
    missing(case(
        "no-tls-line",
        &[("warning", "no-tls-line", "Connectivity")],
        |scene| {
            scene.lines = vec!["user=\"7\" server=\"sip:5060\" protocol=\"udp\"".to_owned()];
        },
        |scene| {
            let line = "user=\"7\" server=\"sip:5060\" protocol=\"udp\"";
            scene.lines.push(line.to_owned());
        },
    )),
    case(
        "no-protocol",
        &[("error", "bad-connectivity", "Connectivity")],
        |scene| {
            scene
                .lines
                .push("user=\"7\" server=\"sip:5061\"".to_owned())
        },
        |scene| {
            let line = "user=\"7\" server=\"sip:5061\" protocol=\"udp\"";
            scene.lines.push(line.to_owned());
        },
    ),
];
