//! Checks values for which no file is needed.
//!
//! All of these are values that can be read, and that do something else than their author may think, or less than
//! would be good.

use super::finding::Finding;
use super::finding::Severity::{Advice, Error, Warning};
use super::inspector::Inspector;
use crate::options::{NameCheck, SecProtocol, TrustedCa};

pub(super) fn inspect(inspector: &mut Inspector<'_>) {
    others(inspector);
    target_name(inspector);
    name_check(inspector);
    protocol(inspector);
    suites(inspector);
    mutual(inspector);
}

/// Notes settings that are none of our options. Names that are nearly right are errors already.
fn others(inspector: &mut Inspector<'_>) {
    for other in inspector.options.other_settings() {
        let finding = Finding::new(Warning, "unknown-setting").about(&other.name, other.position);
        inspector.findings.push(finding.text(
            "this setting is not a TLS option and has no effect here",
            "see `sip-tls options` for the names of the options",
        ));
    }
}

/// Notes a target name that no certificate can match, or that is not sent as SNI because it is no DNS name (RFC 6066,
/// section 3).
fn target_name(inspector: &mut Inspector<'_>) {
    let Some(name) = inspector.options.target_name() else {
        return;
    };
    let option = "tls-target-name";
    if let Some(host) = without_port(name) {
        let text = format!("`{name}` has a port, so no certificate can match it");
        let cure = format!("write `{host}`");
        inspector.note((Error, "target-name-port"), (option, None), text, cure);
    } else if !inspector.inspection.sends_target_name {
        let text =
            format!("`{name}` is checked, but not sent as SNI, because it is not a DNS name");
        let cure = "write the DNS name of the server, without brackets or `sip:`";
        inspector.note(
            (Warning, "target-name-not-sent"),
            (option, None),
            text,
            cure,
        );
    }
}

/// The name before a port, if there is one.
fn without_port(name: &str) -> Option<&str> {
    let (host, port) = name.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let is_host = !host.contains(':') || host.starts_with('[') && host.ends_with(']');
    (is_port && is_host).then(|| host.trim_matches(['[', ']']))
}

/// With `no`, which is OpenSSL's default too, a certificate of a trusted CA is good for any name. Without a trusted CA no
/// server is verified, so an absent option is advice only if there is one.
fn name_check(inspector: &mut Inspector<'_>) {
    let option = "tls-target-name-check";
    let is_given = inspector.options.given_as(option).is_some();
    if inspector.options.name_check() == NameCheck::Sip {
        let text = "`sip` (RFC 5922) is an extension of sip-tls: OpenSSL has no such check, and the SIP Endpoint SDK \
                    accepts only `no` and `host`";
        let cure = "if another program reads this configuration too, write `host`; otherwise change nothing";
        return inspector.note((Advice, "name-check-is-ours"), (option, None), text, cure);
    }
    let is_public = matches!(
        inspector.options.trusted_ca(),
        Some(TrustedCa::System | TrustedCa::WebpkiRoots)
    );
    let trusts = inspector.options.trusted_ca().is_some()
        || !inspector
            .inspection
            .trusted
            .found
            .roots
            .certificates()
            .is_empty();
    if inspector.options.name_check() != NameCheck::Off || !(is_given || trusts) {
        return;
    }
    let text = match is_public {
        true => {
            "the name of the server is not checked, and anybody can get a certificate of a public CA: an on-path attacker \
             can impersonate the server"
        }
        false => {
            "the name of the server is not checked: anyone with a certificate of a trusted CA can impersonate the server"
        }
    };
    let cure = "write `host`, as Genesys advises, to prevent man-in-the-middle attacks";
    inspector.note((Advice, "name-not-checked"), (option, None), text, cure);
}

/// Notes what `sec-protocol` leaves out.
fn protocol(inspector: &mut Inspector<'_>) {
    let about = ("sec-protocol", None);
    match inspector.options.sec_protocol() {
        SecProtocol::Tlsv13 => inspector.note(
            (Advice, "tls13-only"),
            about,
            "only TLS 1.3 is used: peers without TLS 1.3 are refused",
            "leave it empty for TLS 1.2 and up",
        ),
        SecProtocol::Sslv23 => inspector.note(
            (Advice, "protocol-narrowed"),
            about,
            "`SSLv23` means TLS 1.2 and up here: rustls does not support TLS 1.1, and OpenSSL 3 turns it off by default",
            "leave it empty, which means the same",
        ),
        SecProtocol::Tls12Up | SecProtocol::Tlsv12 => {}
    }
}

/// Notes options that leave no suite for one kind of connection, and words in `cipher-list` that probably do not do
/// what they look like. OpenSSL ignores unknown words without notice.
fn suites(inspector: &mut Inspector<'_>) {
    let about = ("cipher-list", None);
    if let Some(why) = inspector.inspection.without_tls12() {
        let text = format!("no TLS 1.2 suite is left, so only TLS 1.3 is used: {why}");
        let cure = "name a suite that `sip-tls ciphers` lists as offered, or set `sec-protocol` to `TLSv13`";
        inspector.note((Warning, "no-tls12-suite"), about, text, cure);
    }
    if let Some(why) = inspector.inspection.without_incoming_suites() {
        let text = format!("no incoming connection is possible: {why}");
        let cure = "name a suite with ECDHE";
        inspector.note((Warning, "no-incoming-suite"), about, text, cure);
    }
    let list = inspector.options.cipher_list();
    let (asked, level) = (list.security_level(), inspector.options.security_level());
    if let Some(asked) = asked.filter(|asked| *asked < level) {
        let text =
            format!("`@SECLEVEL={asked}` counts as {level}, the lowest level that rustls supports");
        let cure = "remove it; a peer with weaker keys needs new ones";
        inspector.note((Advice, "security-level"), about, text, cure);
    }
    for rule in list.rules().iter().filter(|rule| rule.is_doubtful()) {
        let cure = "see `sip-tls ciphers --explain`";
        inspector.note((Warning, "cipher-rule"), about, rule.to_string(), cure);
    }
    for name in inspector.options.ciphersuites().ignored() {
        let about = ("ciphersuites", None);
        let cure = "write the name of a TLS 1.3 suite; `sip-tls options` lists them";
        inspector.note(
            (Warning, "ciphersuite-ignored"),
            about,
            name.to_string(),
            cure,
        );
    }
}

/// Notes `tls-mutual` without a certificate of our own: incoming connections are impossible then.
fn mutual(inspector: &mut Inspector<'_>) {
    let options = inspector.options;
    if options.requires_client_certificate() && options.certificate().is_none() {
        let text =
            "it applies to incoming connections, and these need `certificate`, which is not given";
        let cure = "set `certificate` and its key, or remove `tls-mutual`";
        let kind = (Warning, "mutual-without-certificate");
        inspector.note(kind, ("tls-mutual", None), text, cure);
    }
}

#[cfg(test)]
mod tests {
    use super::without_port;

    #[test]
    fn a_port_is_told_from_an_address() {
        assert_eq!(
            without_port("sip.example.com:5061"),
            Some("sip.example.com")
        );
        assert_eq!(without_port("192.0.2.7:5061"), Some("192.0.2.7"));
        assert_eq!(without_port("[2001:db8::1]:5061"), Some("2001:db8::1"));
        for name in [
            "sip.example.com",
            "2001:db8::1",
            "::1:5061",
            "[::1]",
            "a:",
            "sip:a",
        ] {
            assert_eq!(without_port(name), None, "{name}");
        }
    }
}
