use super::*;

/// The example of RFC 7616, section 3.9.1.
const SHA256: &str = "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=SHA-256, \
    nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
const MD5: &str = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"";

fn authenticator() -> Authenticator {
    let password = Zeroizing::new("secret".to_owned());
    Authenticator::new("4021".to_owned(), Some(Password::new(password)))
}

fn challenge(authenticator: &mut Authenticator, values: &[&str]) -> Result<(), AuthError> {
    let lines = values
        .iter()
        .map(|value| format!("WWW-Authenticate: {value}\r\n"));
    let text = format!(
        "SIP/2.0 401 Unauthorized\r\n{}\r\n",
        lines.collect::<String>()
    );
    authenticator.challenged(StatusCode::UNAUTHORIZED, &Head::parse(text.as_bytes()))
}

fn answer(authenticator: &mut Authenticator) -> String {
    let mut headers = authenticator
        .headers("REGISTER", "sip:example.com")
        .unwrap();
    assert_eq!(headers.len(), 1);
    headers.remove(0).1
}

#[test]
fn without_a_challenge_there_is_nothing_to_answer() {
    assert!(
        authenticator()
            .headers("REGISTER", "sip:a")
            .unwrap()
            .is_empty()
    );
}

#[test]
fn an_answer_without_qop_is_that_of_rfc_2069() {
    let mut authenticator = authenticator();
    challenge(&mut authenticator, &["Digest  realm=\"r\",nonce=\"n\""]).unwrap();
    // MD5(MD5("4021:r:secret") ":n:" MD5("REGISTER:sip:example.com"))
    let expected = "Digest username=\"4021\", realm=\"r\", uri=\"sip:example.com\", nonce=\"n\", \
                    response=\"71484d25800cf05a3b5b0a5c54ec6bfd\"";
    assert_eq!(answer(&mut authenticator), expected);
}

#[test]
fn the_strongest_algorithm_is_taken_wherever_it_stands() {
    let md5 = "Digest realm=\"r\", nonce=\"n\", algorithm=MD5, qop=\"auth\"";
    let odd = "Digest realm=\"r\", nonce=\"n\", algorithm=\"sha-512-256\", qop=\"auth\"";
    let unknown = "Digest realm=\"r\", nonce=\"n\", algorithm=SHA3, qop=\"auth\"";
    let both = format!("{md5}, {SHA256}");
    for (values, algorithm) in [
        (&[md5][..], "MD5"),
        (&[md5, SHA256], "SHA-256"),
        (&[SHA256, md5], "SHA-256"),
        (&[&both], "SHA-256"),
        (&[SHA256, odd], "SHA-512-256"),
        (&["Basic realm=\"r\"", unknown, md5], "MD5"),
    ] {
        let mut authenticator = authenticator();
        challenge(&mut authenticator, values).unwrap();
        let answer = answer(&mut authenticator);
        assert!(
            answer.contains(&format!("algorithm={algorithm},")),
            "{answer}"
        );
        assert!(answer.contains("qop=auth,"), "{answer}");
    }
}

#[test]
fn a_nonce_that_is_used_again_is_counted() {
    let mut authenticator = authenticator();
    challenge(&mut authenticator, &[MD5]).unwrap();
    for count in ["nc=00000001", "nc=00000002", "nc=00000003"] {
        let answer = answer(&mut authenticator);
        assert!(answer.contains(count), "{answer}");
        authenticator.begin();
    }
    let text = "SIP/2.0 200 OK\r\nAuthentication-Info: qop=auth, nextnonce=\"n2\"\r\n\r\n";
    authenticator.accepted(&Head::parse(text.as_bytes()));
    let answer = answer(&mut authenticator);
    assert!(
        answer.contains("nonce=\"n2\"") && answer.contains("nc=00000001"),
        "{answer}"
    );
}

#[test]
fn what_is_refused_twice_is_a_wrong_password() {
    let stale =
        |nonce: &str| format!("Digest realm=\"r\", nonce=\"{nonce}\", stale=TRUE, qop=\"auth\"");
    let fresh = |nonce: &str| format!("Digest realm=\"r\", nonce=\"{nonce}\", qop=\"auth\"");
    let is_wrong = |result| matches!(result, Err(AuthError::Wrong { .. }));

    let mut one = authenticator();
    challenge(&mut one, &[MD5]).unwrap();
    assert!(is_wrong(challenge(&mut one, &[MD5])));
    assert!(is_wrong(challenge(&mut one, &[&fresh("n2")])));
    // A stale nonce is distinguished from a wrong password, once.
    challenge(&mut one, &[&stale("n2")]).unwrap();
    assert!(is_wrong(challenge(&mut one, &[&stale("n3")])));

    // For the next request, a registrar may have forgotten the nonce.
    let mut two = authenticator();
    challenge(&mut two, &[MD5]).unwrap();
    two.begin();
    challenge(&mut two, &[&fresh("n2")]).unwrap();
    assert!(is_wrong(challenge(&mut two, &[&fresh("n3")])));
    two.begin();
    assert!(is_wrong(challenge(&mut two, &[&fresh("n2")])));
}

#[test]
fn a_proxy_is_answered_beside_the_registrar() {
    let mut authenticator = authenticator();
    challenge(&mut authenticator, &[MD5]).unwrap();
    let text = "SIP/2.0 407 x\r\nProxy-Authenticate: Digest realm=\"p\", nonce=\"m\"\r\n\r\n";
    let code = StatusCode::PROXY_AUTHENTICATION_REQUIRED;
    authenticator
        .challenged(code, &Head::parse(text.as_bytes()))
        .unwrap();
    let headers = authenticator.headers("REGISTER", "sip:a").unwrap();
    let names: Vec<_> = headers
        .iter()
        .map(|(name, _)| name.as_print_str())
        .collect();
    assert_eq!(names, ["Authorization", "Proxy-Authorization"]);
}

#[test]
fn what_cannot_be_answered_says_why() {
    let error = |values: &[&str]| {
        challenge(&mut authenticator(), values)
            .unwrap_err()
            .to_string()
    };
    let start = "the registrar asks for a password in a way that is not supported: ";
    assert_eq!(error(&[]), format!("{start}it sent no challenge"));
    assert_eq!(
        error(&["Basic realm=\"r\""]),
        format!("{start}`Basic` is not supported, only Digest")
    );
    for value in [
        "Digest",
        "Digest realm=\"r\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=AKAv1-MD5",
        "Digest realm=\"r\", nonce=\"n\", qop=\"x\"",
        "Digest realm=\"r",
        "Digest realm=\"\u{e9}\", nonce=\"n\"",
        "\u{e9}\u{e9} \u{e9}=\u{e9}, \"",
        ",,,",
    ] {
        assert!(error(&[value]).starts_with(start), "{value}");
    }
}

#[test]
fn without_a_password_the_options_are_named_and_a_password_is_never_shown() {
    let mut nobody = Authenticator::new("4021".to_owned(), None);
    let error = challenge(&mut nobody, &[MD5]).unwrap_err().to_string();
    assert!(
        error.contains("(realm `r`): give the name with `--auth-user`"),
        "{error}"
    );
    let password = Password::new(Zeroizing::new("secret".to_owned()));
    assert_eq!(format!("{password:?}"), "Password { .. }");
}
