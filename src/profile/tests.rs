use std::error::Error as _;

use super::{Profile, ProfileError, Transport};

/// A profile whose section `security` holds `settings`.
fn security(settings: &str) -> String {
    format!(
        "<settings>\n<domain name='system'>\n<section name='security'>\n{settings}\n</section>\
         </domain></settings>"
    )
}

#[track_caller]
fn pairs(text: &str) -> Vec<(String, String)> {
    let profile: Profile = text.parse().unwrap();
    (profile.security().iter())
        .map(|setting| (setting.name().to_owned(), setting.value().to_owned()))
        .collect()
}

/// The error and its causes, joined as the program does.
#[track_caller]
fn refusal(text: &str) -> String {
    let error = text.parse::<Profile>().unwrap_err();
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[test]
fn values_are_kept_as_they_stand() {
    let settings = "<setting name=' a ' value=' &lt;&#x20AC;&#10;&#9;&apos;\t ü'/><setting name='b' value=''/>";
    assert_eq!(
        pairs(&security(settings)),
        [
            ("a".into(), " <€\n\t'  ü".into()),
            ("b".into(), String::new())
        ]
    );
}

#[test]
fn old_and_new_names_are_different_settings() {
    let settings = "<setting name='certificate' value='a'/><setting name='cert_file' value='b'/>";
    assert_eq!(pairs(&security(settings)).len(), 2);
}

#[test]
fn repeated_setting_counts_once() {
    let settings =
        "<setting name='a' value='1'/><setting name='b' value='2'/><setting name='a' value='1'/>";
    assert_eq!(
        pairs(&security(settings)),
        [("a".into(), "1".into()), ("b".into(), "2".into())]
    );
}

#[test]
fn contradicting_settings_are_refused_with_both_places() {
    let settings = "<setting name='a' value='1'/>\n<x/>\n  <setting name='a ' value='2'/>";
    assert_eq!(
        refusal(&security(settings)),
        "line 6, column 3: setting `a` has a different value at line 4, column 1"
    );
    let apart = security("<setting name='a' value='1'/>");
    let document = format!(
        "<SipEndpoint>{apart}{}</SipEndpoint>",
        apart.replace('1', "2")
    );
    assert!(refusal(&document).contains("setting `a` has a different value at line 4, column 1"));
}

#[test]
fn elements_of_other_places_are_ignored() {
    let setting = "<setting name='trusted-ca' value='no'/>";
    for inner in [
        setting.to_owned(),
        format!("<domain name='system'>{setting}</domain>"),
        format!("<section name='security'>{setting}</section>"),
        format!("<domain name='x'><section name='security'>{setting}</section></domain>"),
        format!("<domain name='system'><section name='x'>{setting}</section></domain>"),
        format!(
            "<domain name='system'><section name='x'><section name='security'>{setting}</section></section></domain>"
        ),
        format!(
            "<domain name='system'><section name='security'><section name='security'>{setting}</section></section></domain>"
        ),
        format!(
            "<domain name='system'><section name='security'><x>{setting}</x></section></domain>"
        ),
        format!(
            "<domain name='system'><x><section name='security'>{setting}</section></x></domain>"
        ),
        format!(
            "<x><domain name='system'><section name='security'>{setting}</section></domain></x>"
        ),
        format!(
            "<domain name='x'><domain name='system'><section name='security'>{setting}</section></domain></domain>"
        ),
        format!(
            "<domain xmlns:n='n' n:name='system' name='x'><section name='security'>{setting}</section></domain>"
        ),
        format!(
            "<domain name='system'><section name='security'><![CDATA[{setting}]]><!--{setting}--></section></domain>"
        ),
        "<domain name='x'><section/><setting/><Connectivity/></domain>".to_owned(),
        "<x><Connectivity server='a' protocol='tls'/></x>".to_owned(),
    ] {
        let profile: Profile = format!("<settings>{inner}</settings>").parse().unwrap();
        assert_eq!(profile, Profile::default(), "{inner}");
    }
}

#[test]
fn siblings_may_come_in_any_order() {
    let settings = security("<setting name='a' value='1'/><x/>t<setting name='b' value='2'/>");
    let line = |host: &str| format!("<Connectivity server='{host}' protocol='tls'/>");
    let document = format!(
        "<SipEndpoint>{}<Container>{settings}{}<x/>{settings}</Container>{}</SipEndpoint>",
        line("a"),
        line("b"),
        line("c"),
    );
    let profile: Profile = document.parse().unwrap();
    let hosts: Vec<_> = profile
        .connectivities()
        .iter()
        .map(|c| c.server().host())
        .collect();
    assert_eq!(hosts, ["a", "b", "c"]);
    assert_eq!(profile.security().len(), 2);
}

#[test]
fn prefixes_do_not_matter() {
    let document = security("<setting name='a' value='1'/>")
        .replace("</", "</p:")
        .replace("<settings", "<p:settings xmlns:p='urn:p'")
        .replace("<domain", "<p:domain")
        .replace("<section", "<p:section")
        .replace("<setting ", "<p:setting ");
    assert_eq!(pairs(&document).len(), 1);
    assert!(refusal(&document.replace("xmlns:p", "xmlns:q")).contains("prefix is unbound"));
}

#[test]
fn missing_names_and_values_are_refused() {
    let message = |text: &str| refusal(&security(text));
    assert_eq!(
        message("<setting value='x'/>"),
        "line 4, column 1: `setting` has no `name`"
    );
    assert_eq!(
        message("\n <setting name=' ' value='x'/>"),
        "line 5, column 2: `setting` has no `name`"
    );
    assert_eq!(
        message("<setting name='a'>x</setting>"),
        "line 4, column 1: setting `a` has no `value`"
    );
    assert_eq!(
        refusal("<settings><domain/></settings>"),
        "line 1, column 11: `domain` has no `name`"
    );
    assert_eq!(
        refusal("<settings><domain name='system'><section name=''/></domain></settings>"),
        "line 1, column 33: `section` has no `name`"
    );
}

#[test]
fn connectivity_needs_server_and_protocol_but_no_user() {
    let container = |line: &str| format!("<Container>\n {line}</Container>");
    let profile: Profile = container("<Connectivity protocol='TLS' server=' sip.example '/>")
        .parse()
        .unwrap();
    assert_eq!(profile.connectivities()[0].user(), "");
    assert_eq!(
        profile.connectivities()[0].server().to_string(),
        "sip.example:5061"
    );
    assert_eq!(profile.connectivities()[0].transport(), Transport::Tls);
}

#[test]
fn an_unusable_connectivity_does_not_hinder_the_others() {
    let lines = [
        (
            "<Connectivity user='1' protocol='tls'/>",
            "it has no `server`",
        ),
        (
            "<Connectivity user='1' server='a' protocol=' '/>",
            "it has no `protocol`",
        ),
        (
            "<Connectivity user='1' server='Server0:Port0' protocol='tls'/>",
            "`server`: port `Port0` is not a number from 1 to 65535",
        ),
        (
            "<Connectivity user='1' server='{server:port}' protocol='tls'/>",
            "`server`: `{server:port}` is not `host:port` or `[IPv6 address]:port`",
        ),
        (
            "<Connectivity user='1' server='a' protocol='sctp'/>",
            "`protocol`: `sctp` is not `udp`, `tcp` or `tls`",
        ),
    ];
    for (line, reason) in lines {
        let good = "<Connectivity user='2' server='b' protocol='tls'/>";
        let document = format!("<Container>\n {line}{good}</Container>");
        let profile: Profile = document.parse().unwrap();
        assert_eq!(profile.connectivities()[0].user(), "2");
        let [unusable] = profile.unusable_connectivities() else {
            panic!("{profile:?}");
        };
        assert_eq!(unusable.user(), "1");
        assert_eq!(
            unusable.to_string(),
            format!("line 2, column 2: unusable `Connectivity`: {reason}")
        );
        assert!(unusable.source().is_none(), "the reason is in the text");
    }
}

#[test]
fn names_that_are_nearly_ours_are_refused_with_their_places() {
    let good = security("<setting name='trusted-ca' value='ca.pem'/>");
    for (name, wrong, what, found, meant) in [
        (
            "<domain name='system'",
            "<domain name='System'",
            "domain",
            "System",
            "system",
        ),
        (
            "<domain name='system'",
            "<domain name='sytem'",
            "domain",
            "sytem",
            "system",
        ),
        (
            "<section name='security'",
            "<section name='Security'",
            "section",
            "Security",
            "security",
        ),
        (
            "<section name='security'",
            "<section name='secuirty'",
            "section",
            "secuirty",
            "security",
        ),
        ("<setting ", "<Setting ", "element", "Setting", "setting"),
        ("<section ", "<sections ", "element", "sections", "section"),
        ("<domain ", "<Domain ", "element", "Domain", "domain"),
    ] {
        let closing = |tag: &str| format!("</{}>", tag[1..].split(' ').next().unwrap());
        let document = good
            .replace(name, wrong)
            .replace(&closing(name), &closing(wrong));
        let text = refusal(&document);
        let expected = format!("{what} `{found}` is unknown; `{meant}` was probably meant");
        assert!(
            text.starts_with("line ") && text.ends_with(&expected),
            "{text}"
        );
    }
    let text = refusal("<Container>\n<connectivity server='a' protocol='tls'/></Container>");
    assert_eq!(
        text,
        "line 2, column 1: element `connectivity` is unknown; `Connectivity` was probably meant"
    );
}

#[test]
fn names_of_other_places_are_not_near() {
    for inner in [
        "<setting name='a' value='b'/>",
        "<domain name='policy'/><domain name='session'/><domain name='voice'/>",
        "<domain name='policy'><section name='Security'/><Setting/></domain>",
        "<domain name='system'><section name='diagnostics'/><section name='media'/></domain>",
        "<domain name='system'><section name='x'><Setting/></section></domain>",
        "<x><Domain name='system'/></x>",
    ] {
        let document = format!("<settings>{inner}</settings>");
        assert_eq!(
            document.parse::<Profile>().unwrap(),
            Profile::default(),
            "{inner}"
        );
    }
}

#[test]
fn every_doctype_is_refused() {
    for declaration in [
        "",
        " SYSTEM 'file:///etc/passwd'",
        " [<!ENTITY x SYSTEM 'file:///etc/passwd'>]",
        " [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]",
        // The parser would expand this while it reads the declaration, to 2^60 characters.
        &(1..60).fold(" [<!ENTITY % e0 'ha'>".to_owned(), |all, i| {
            format!("{all}<!ENTITY % e{i} '%e{};%e{};'>", i - 1, i - 1)
        }),
    ] {
        let document = format!(
            "<?xml version='1.0'?>\n<!-- -->\n<!DOCTYPE settings{declaration}>\n<settings/>"
        );
        assert_eq!(
            refusal(&document),
            "line 3, column 1: a DOCTYPE is not allowed"
        );
        assert!(refusal(&document.replace("\n<settings/>", "")).contains("DOCTYPE"));
    }
    assert!(
        refusal("<settings><!DOCTYPE a [<!ENTITY b 'c'>]></settings>").contains("unexpected token")
    );
    assert!(refusal("<settings/><!DOCTYPE a>").contains("unexpected token"));
    assert!(refusal("<settings>&undeclared;</settings>").ends_with("unexpected entity"));
}

#[test]
fn unreadable_documents_are_refused_with_their_place() {
    for (text, message) in [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        (
            "a CA\n-----BEGIN CERTIFICATE-----\n",
            "the file is PEM, not a configuration file; name it in an option such as `trusted-ca`",
        ),
        (
            "\n<!-- -->\n",
            "line 3, column 1: unreadable XML, unexpected end of stream: no root element found",
        ),
        (
            "sip",
            "line 1, column 1: unreadable XML, unexpected characters outside the root element",
        ),
        (
            "<settings>\n<domain",
            "line 2, column 8: unreadable XML, unexpected end of stream: still inside the root element",
        ),
        (
            "<settings>\n</setting>",
            "line 2, column 10: unreadable XML, unexpected closing tag",
        ),
        (
            "<settings/>\n<settings/>",
            "line 2, column 1: unreadable XML, unexpected token",
        ),
        (
            "<settings a='1' a='2'/>",
            "line 1, column 17: unreadable XML, attribute 'a' is redefined",
        ),
        (
            "<settings>\0</settings>",
            "line 1, column 11: unreadable XML, invalid character U+0000",
        ),
        (
            "<html/>",
            "line 1, column 1: the root element is `html`, not `SipEndpoint`, `Container` or `settings`",
        ),
    ] {
        assert_eq!(refusal(text), message);
    }
}

#[test]
fn messages_quote_no_attribute_value() {
    for value in [
        "open&sesame;",
        "open&sesame",
        "open<sesame",
        "a\"sesame",
        "a\" sesame",
        "a&#xsesame;",
    ] {
        let document = format!(
            "<settings><domain name=\"x\"><setting name=\"password\" value=\"{value}\"/></domain></settings>"
        );
        let error = document.parse::<Profile>().unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("sesame"),
            "{error:?}"
        );
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| {
        format!(
            "{}{}",
            "<settings>".repeat(depth),
            "</settings>".repeat(depth)
        )
    };
    assert!(nested(Profile::MAX_DEPTH).parse::<Profile>().is_ok());
    let message = "line 1, column 641: elements are nested more than 64 levels deep";
    assert_eq!(refusal(&nested(Profile::MAX_DEPTH + 1)), message);
    assert_eq!(refusal(&nested(10_000)), message);
    let foreign = format!("<settings>\n{}", "<a>".repeat(10_000));
    assert_eq!(
        refusal(&foreign),
        "line 2, column 190: elements are nested more than 64 levels deep"
    );
}

#[test]
fn namespace_declarations_are_bounded() {
    let declarations: String = (0..60_000).map(|i| format!(" xmlns:n{i}='u'")).collect();
    let document = format!(
        "<settings{declarations}>\n{}</settings>",
        "<a/>".repeat(10_000)
    );
    let document = &document[..document.len().min(Profile::MAX_SIZE)];
    assert!(
        refusal(document).ends_with("the profile has too many elements and namespace declarations")
    );
}

#[test]
fn size_is_bounded() {
    let mut document = security("<setting name='a' value='1'/>");
    document.push_str(&" ".repeat(Profile::MAX_SIZE - document.len()));
    assert_eq!(pairs(&document).len(), 1);
    document.push(' ');
    assert!(matches!(
        document.parse::<Profile>(),
        Err(ProfileError::TooLarge { .. })
    ));
    assert!(refusal(&document).ends_with("more than 1048576 bytes"));
}

#[test]
fn text_is_unicode_whatever_it_declares() {
    for encoding in ["utf-16", "iso-8859-1", "windows-1252", "no such"] {
        let document = security("<setting name='a' value='ü'/>");
        let document = format!("\u{feff}<?xml version='1.0' encoding='{encoding}'?>{document}");
        assert_eq!(pairs(&document), [("a".into(), "ü".into())]);
    }
}

#[test]
fn debug_output_shows_no_other_section() {
    let document = "<settings><domain name='x'><section name='security'>\
                    <setting name='password' value='open-sesame'/></section></domain></settings>";
    let profile: Profile = document.parse().unwrap();
    assert!(!format!("{profile:?}").contains("sesame"));
}
