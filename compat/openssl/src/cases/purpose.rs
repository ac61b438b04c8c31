//! Extended key usage, for servers and clients.

use super::Topic;
use crate::{
    der,
    ext::{self, Extension},
};

pub(super) fn cases() -> Topic {
    let mut t = Topic::new("purpose");
    let lists: [(&str, &[&str], &str, &str); 14] = [
        ("server", &[ext::SERVER_AUTH], "ok", "26@0"),
        ("client", &[ext::CLIENT_AUTH], "26@0", "ok"),
        ("both", &[ext::SERVER_AUTH, ext::CLIENT_AUTH], "ok", "ok"),
        ("any", &[ext::ANY_EKU], "26@0", "26@0"),
        (
            "any-and-server",
            &[ext::ANY_EKU, ext::SERVER_AUTH],
            "ok",
            "26@0",
        ),
        ("code-signing", &[ext::CODE_SIGNING], "26@0", "26@0"),
        ("email", &[ext::EMAIL_PROTECTION], "26@0", "26@0"),
        ("ocsp", &[ext::OCSP_SIGNING], "26@0", "26@0"),
        ("sip-domain", &[ext::SIP_DOMAIN], "26@0", "26@0"),
        (
            "sip-domain-and-both",
            &[ext::SIP_DOMAIN, ext::SERVER_AUTH, ext::CLIENT_AUTH],
            "ok",
            "ok",
        ),
        ("microsoft-sgc", &[ext::MS_SGC], "ok", "26@0"),
        ("netscape-sgc", &[ext::NS_SGC], "ok", "26@0"),
        ("unknown", &[ext::UNKNOWN], "26@0", "26@0"),
        ("empty", &[], "26@0", "26@0"),
    ];
    for (name, list, server, client) in lists {
        t.case(&format!("{name}-as-server"), server, move |p| {
            p.leaf().put(ext::extended_key_usage(list))
        });
        t.case(&format!("{name}-as-client"), client, move |p| {
            p.client();
            p.leaf().put(ext::extended_key_usage(list));
        });
    }
    t.case("none-as-server", "ok", |p| {
        p.leaf().drop(ext::EXTENDED_KEY_USAGE)
    });
    t.case("none-as-client", "ok", |p| {
        p.client();
        p.leaf().drop(ext::EXTENDED_KEY_USAGE);
    });
    client_usages(&mut t);
    intermediates(&mut t);
    t
}

fn client_usages(t: &mut Topic) {
    let usages: [(&str, &str, &[u8]); 5] = [
        ("signature", "ok", &[ext::DIGITAL_SIGNATURE]),
        ("agreement", "ok", &[ext::KEY_AGREEMENT]),
        ("encipherment", "26@0", &[ext::KEY_ENCIPHERMENT]),
        ("cert-sign", "26@0", &[ext::CERT_SIGN]),
        ("non-repudiation", "26@0", &[ext::NON_REPUDIATION]),
    ];
    for (name, expect, bits) in usages {
        t.case(&format!("key-usage-{name}-as-client"), expect, move |p| {
            p.client();
            p.leaf().put(ext::key_usage(bits));
        });
    }
    let types: [(&str, &str, u8); 3] = [
        ("client", "ok", 0),
        ("server", "26@0", 1),
        ("email", "26@0", 2),
    ];
    for (name, expect, bit) in types {
        t.case(
            &format!("netscape-type-{name}-as-client"),
            expect,
            move |p| {
                p.client();
                p.leaf()
                    .put(Extension::new(ext::NETSCAPE_TYPE, der::named_bits(&[bit])));
            },
        );
    }
    t.case("client-v1", "ok", |p| {
        p.client();
        p.leaf().v1();
    });
    t.case("client-self-signed", "ok", |p| {
        p.client();
        p.self_signed();
    });
    t.case("client-ca-true", "ok", |p| {
        p.client();
        p.leaf().put(ext::basic_constraints(true, None));
    });
    t.case("client-without-names", "ok", |p| {
        p.client();
        p.leaf().names(&[]);
    });
    t.case("client-expired", "10@0", |p| {
        p.client();
        p.leaf().expired();
    });
    t.case("client-root-expired", "10@2", |p| {
        p.client();
        p.root().expired();
    });
    t.case("client-revoked", "23@0", |p| {
        p.client();
        let leaf = p.leaf().clone();
        p.list().revoke(&leaf);
    });
    t.case("client-no-list", "3@0", |p| {
        p.client();
        p.question.revocation = crate::plan::Revocation::EndEntity;
    });
}

fn intermediates(t: &mut Topic) {
    let lists: [(&str, &[&str], &str); 7] = [
        ("server", &[ext::SERVER_AUTH], "ok"),
        ("client", &[ext::CLIENT_AUTH], "26@1"),
        ("both", &[ext::SERVER_AUTH, ext::CLIENT_AUTH], "ok"),
        ("any", &[ext::ANY_EKU], "26@1"),
        ("microsoft-sgc", &[ext::MS_SGC], "ok"),
        ("ocsp", &[ext::OCSP_SIGNING], "26@1"),
        ("empty", &[], "26@1"),
    ];
    for (name, list, expect) in lists {
        t.case(&format!("inter-{name}"), expect, move |p| {
            p.inter().put(ext::extended_key_usage(list))
        });
        let at_root = expect.replace("@1", "@2");
        t.case(&format!("root-{name}"), &at_root, move |p| {
            p.root().put(ext::extended_key_usage(list))
        });
    }
    t.case("inter-client-as-client", "ok", |p| {
        p.client();
        p.inter().put(ext::extended_key_usage(&[ext::CLIENT_AUTH]));
    });
    t.case("inter-server-as-client", "26@1", |p| {
        p.client();
        p.inter().put(ext::extended_key_usage(&[ext::SERVER_AUTH]));
    });
    t.case("root-server-as-client", "26@2", |p| {
        p.client();
        p.root().put(ext::extended_key_usage(&[ext::SERVER_AUTH]));
    });
    let types: [(&str, &str, &[u8]); 4] = [
        ("ssl-ca", "79@1", &[5]),
        ("email-ca", "79@1", &[6]),
        ("client", "79@1", &[0]),
        ("object-ca", "79@1", &[7]),
    ];
    for (name, expect, bits) in types {
        t.case(&format!("inter-netscape-type-{name}"), "ok", move |p| {
            p.inter()
                .put(Extension::new(ext::NETSCAPE_TYPE, der::named_bits(bits)));
        });
        t.case(
            &format!("inter-without-constraints-netscape-type-{name}"),
            expect,
            move |p| {
                p.inter().drop(ext::BASIC_CONSTRAINTS);
                p.inter().drop(ext::KEY_USAGE);
                p.inter()
                    .put(Extension::new(ext::NETSCAPE_TYPE, der::named_bits(bits)));
            },
        );
    }
}
