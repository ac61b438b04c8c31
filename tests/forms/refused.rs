//! Forms that are refused, with the sentence that gives the reason, and the command that converts if there is one.

use super::edit;
use super::form::Form;
use super::trial;

#[test]
fn formats_of_others_are_refused_with_the_command_that_converts() {
    let mut forms = keystores();
    forms.extend(putty());
    forms.extend(openssh());
    forms.extend(microsoft());
    forms.extend(encodings());
    trial::run("foreign", forms);
}

#[test]
fn what_does_not_belong_there_is_refused_by_its_name() {
    let mut forms = other_objects();
    forms.extend(other_keys());
    forms.extend(containers());
    trial::run("misplaced", forms);
}

#[test]
fn damaged_files_are_refused_as_damaged() {
    trial::run("damaged", damaged());
}

fn keystores() -> Vec<Form> {
    const TYPED: [(&str, &str); 1] = [(
        "-srckeystore FILE",
        "-noprompt -srckeystore FILE -srcstorepass PASS -deststorepass PASS",
    )];
    let mut forms = Vec::new();
    for kind in ["JKS", "JCEKS"] {
        let words = format!("is a Java keystore ({kind}), which is not supported");
        forms.push(
            Form::identity("p256", kind)
                .passphrase("secret")
                .made("openssl pkcs12 -export -inkey p256.key -in p256.pem -certfile cas.pem -name key -passout pass:PASS -out DIR/p12")
                .made(format!("keytool -importkeystore -noprompt -srckeystore DIR/p12 -srcstorepass PASS -destkeystore FILE -deststoretype {kind} -deststorepass PASS"))
                .converted(&words, &TYPED),
        );
        forms.push(
            Form::cas(kind)
                .passphrase("secret")
                .made(format!("keytool -importcert -noprompt -alias root -file root.pem -keystore FILE -storetype {kind} -storepass PASS"))
                .converted(&words, &TYPED),
        );
    }
    forms
}

fn putty() -> Vec<Form> {
    const SENTENCE: &str = "is a PuTTY private key, which is not supported";
    let mut forms = Vec::new();
    for of in ["rsa", "p256", "p384", "p521"] {
        let made = |version: &str| {
            Form::key(of, format!("PuTTY, version {version}"))
                .made(format!("openssl pkey -in {of}.key -traditional -out DIR/key"))
                .made(format!("puttygen DIR/key -o FILE --new-passphrase /dev/null --ppk-param version={version}"))
        };
        let typed = [("ssh-keygen -p", "ssh-keygen -q -p -P '' -N ''")];
        forms.push(made("2").converted(SENTENCE, &typed));
        forms.push(made("3").converted(SENTENCE, &typed));
    }
    forms.push(
        Form::key("ed25519", "PuTTY")
            .made("puttygen -t ed25519 -q -o FILE --new-passphrase /dev/null")
            .refused("unless it is an Ed25519 key"),
    );
    forms
}

fn openssh() -> Vec<Form> {
    const SENTENCE: &str = "is of an unsupported kind (`OPENSSH PRIVATE KEY`)";
    let mut forms = Vec::new();
    for of in ["rsa", "p256", "p384", "p521"] {
        let made = |words: &str| {
            Form::key(of, format!("OpenSSH {words}"))
                .made(format!("install -m 600 {of}.key FILE"))
                .made(format!("ssh-keygen -q -p -N PASS -f FILE {words}"))
        };
        let copied = (
            "ssh-keygen -p",
            "cp -p FILE NEWFILE && ssh-keygen -q -p -P 'PASS' -N 'PASS'",
        );
        let typed = [copied, ("COPY", "NEWFILE")];
        forms.push(made("").converted(SENTENCE, &typed));
        forms.push(
            made("-a 1")
                .passphrase("secret")
                .converted(SENTENCE, &typed),
        );
    }
    forms.push(
        Form::key("ed25519", "OpenSSH")
            .made("ssh-keygen -q -t ed25519 -N PASS -f FILE")
            .refused(SENTENCE)
            .refused("unless it is an Ed25519 key"),
    );
    for (kind, words) in [
        ("public-openssh", "is an OpenSSH public key"),
        ("public", "is an SSH2 public key (RFC 4716)"),
    ] {
        forms.push(
            Form::key("p256", format!("puttygen -O {kind}"))
                .made("openssl ec -in p256.key -out DIR/key")
                .made(format!("puttygen DIR/key -O {kind} -o FILE"))
                .refused(words),
        );
    }
    forms
}

fn microsoft() -> Vec<Form> {
    let key = |name: &str, words: &str| {
        Form::key("rsa", name).passphrase("secret").made(format!(
            "openssl rsa -in rsa.key -provider default -provider legacy {words} -out FILE"
        ))
    };
    let typed = [("-in FILE", "-in FILE -passin pass:PASS")];
    let pvk = "is a Microsoft private key (PVK), which is not supported";
    vec![
        key("PVK", "-outform PVK -pvk-none").converted(pvk, &[]),
        key(
            "PVK with a passphrase",
            "-outform PVK -pvk-strong -passout pass:PASS",
        )
        .converted(pvk, &typed),
        key(
            "PVK with a weak passphrase",
            "-outform PVK -pvk-weak -passout pass:PASS",
        )
        .converted(pvk, &typed),
        key("PRIVATEKEYBLOB", "-outform MSBLOB").converted(
            "is a Microsoft private key (PRIVATEKEYBLOB), which is not supported",
            &[],
        ),
        key("PUBLICKEYBLOB", "-pubout -outform MSBLOB")
            .refused("is a Microsoft public key (PUBLICKEYBLOB), which is not supported")
            .refused("name the file that holds the private key or the certificate"),
    ]
}

/// Text that is not PEM, for each of the options.
fn encodings() -> Vec<Form> {
    let mut forms = Vec::new();
    let made = |edit: fn(Vec<u8>) -> Vec<u8>, name: &str| {
        [
            Form::key("p256", name).followed_by("p256.key").edited(edit),
            Form::chain("p256", name)
                .followed_by("p256.pem")
                .edited(edit)
                .trusted_by("cas.pem")
                .sends(&["p256"]),
            Form::cas(name).followed_by("root.pem").edited(edit),
            Form::lists(name).followed_by("inter.crl").edited(edit),
        ]
    };
    for form in made(edit::utf_16, "UTF-16") {
        forms.push(form.converted("is UTF-16 text, which is not supported", &[]));
    }
    for form in made(edit::without_armour, "base64 alone") {
        let words = "is base64 text without BEGIN and END lines, which is not supported";
        forms.push(form.converted(words, &[]));
    }
    for form in made(
        |text| edit::crlf(edit::without_armour(text)),
        "base64 alone with CRLF",
    ) {
        let words = "is base64 text without BEGIN and END lines, which is not supported";
        forms.push(form.converted(words, &[]));
    }
    for form in made(edit::indented, "indented PEM") {
        forms.push(form.refused(
            "has no usable BEGIN line: it must stand on a line of its own, without indentation",
        ));
    }
    for form in made(
        |text| edit::replaced(&text, "\n", "\r"),
        "PEM with CR alone",
    ) {
        forms.push(form.refused("is damaged: its BEGIN line is malformed"));
    }
    for (content, words) in [
        (
            "<!DOCTYPE html>\n<html><title>404</title></html>\n",
            "is an HTML page, which is not supported",
        ),
        (
            "<html>\n<body>It works!</body></html>\n",
            "is an HTML page, which is not supported",
        ),
        (
            "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>\n",
            "is XML, which is not supported",
        ),
        ("", "is empty"),
        (" \r\n\n", "is empty"),
        ("404 Not Found\n", "holds no"),
    ] {
        for form in made(|_| Vec::new(), content) {
            forms.push(form.written(content).refused(words));
        }
    }
    forms
}

fn other_objects() -> Vec<Form> {
    let mut forms = Vec::new();
    let requests = "send it to a CA, and name the certificate that the CA issues";
    let public = "name the file that holds the private key or the certificate";
    for (name, command, words, cure) in [
        (
            "a request",
            "cp p256.csr FILE",
            "`CERTIFICATE REQUEST`",
            requests,
        ),
        (
            "a request in DER",
            "openssl req -in p256.csr -outform DER -out FILE",
            "a certificate request",
            requests,
        ),
        (
            "a public key",
            "openssl pkey -in p256.key -pubout -out FILE",
            "`PUBLIC KEY`",
            public,
        ),
        (
            "a public key in DER",
            "openssl pkey -in rsa.key -pubout -outform DER -out FILE",
            "a public key",
            public,
        ),
        (
            "a public key in PKCS#1",
            "openssl rsa -in rsa.key -RSAPublicKey_out -out FILE",
            "`RSA PUBLIC KEY`",
            public,
        ),
        (
            "parameters",
            "openssl ecparam -name prime256v1 -out FILE",
            "`EC PARAMETERS`",
            "",
        ),
    ] {
        for form in [
            Form::key("p256", name),
            Form::chain("p256", name),
            Form::cas(name),
            Form::lists(name),
        ] {
            forms.push(form.made(command).refused(words).refused(cure));
        }
    }
    for (form, from, words) in [
        (
            Form::key("p256", "a certificate"),
            "p256.pem",
            "holds a certificate instead of a private key",
        ),
        (
            Form::key("p256", "a list"),
            "inter.crl",
            "holds a certificate revocation list instead of a private key",
        ),
        (
            Form::chain("p256", "a key"),
            "p256.key",
            "holds a private key instead of a certificate",
        ),
        (
            Form::chain("p256", "a list"),
            "inter.crl",
            "holds a certificate revocation list instead of a certificate",
        ),
        (
            Form::cas("a key"),
            "root.key",
            "holds a private key instead of a certificate",
        ),
        (
            Form::cas("a list"),
            "root.crl",
            "holds a certificate revocation list instead of a certificate",
        ),
        (
            Form::lists("a certificate"),
            "root.pem",
            "holds a certificate instead of a certificate revocation list",
        ),
        (
            Form::lists("a key"),
            "root.key",
            "holds a private key instead of a certificate revocation list",
        ),
        (
            Form::key("p256", "that of another"),
            "p384.key",
            "does not match the certificate in",
        ),
        (
            Form::chain("p256", "from the root down"),
            "p256.reversed.pem",
            "which must come first",
        ),
        (
            Form::chain("p256", "that of another"),
            "p384.chain.pem",
            "does not match the certificate in",
        ),
    ] {
        forms.push(form.followed_by(from).refused(words));
    }
    forms.push(
        Form::lists("with the label CRL")
            .followed_by("inter.crl")
            .edited(edit::labelled("CRL"))
            .refused("holds a block labelled `CRL`")
            .refused("the label of a revocation list must be `X509 CRL`"),
    );
    forms
}

fn other_keys() -> Vec<Form> {
    let key = |name: &str, command: &str| Form::key("p256", name).made(command);
    vec![
        key("DSA", "openssl dsaparam -genkey -noout -out DIR/key 1024")
            .made("openssl pkey -in DIR/key -traditional -out FILE")
            .refused("is of an unsupported kind (`DSA PRIVATE KEY`)"),
        key(
            "DSA in PKCS#8",
            "openssl dsaparam -genkey -noout -out DIR/key 1024",
        )
        .made("openssl pkey -in DIR/key -out FILE")
        .refused("DSA"),
        key("X25519", "openssl genpkey -algorithm X25519 -out FILE")
            .refused("the crypto provider cannot use the private key in"),
        key("Ed448", "openssl genpkey -algorithm ED448 -out FILE").refused("Ed448"),
        key(
            "secp256k1",
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out FILE",
        )
        .refused("supported curves are P-256, P-384 and P-521"),
        key(
            "brainpool",
            "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1 -out FILE",
        )
        .refused("supported curves are P-256, P-384 and P-521"),
        key(
            "RSA of 1024 bits",
            "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out FILE",
        )
        .refused("RSA keys of 1024 bits are too short"),
    ]
}

/// Containers that do not hold what is wanted.
fn containers() -> Vec<Form> {
    let enveloped = "is PKCS#7 without signed data, which is not supported";
    let encrypted = "smime -encrypt -in ca.cnf -out FILE -aes256";
    vec![
        Form::cas("PKCS#7 that is encrypted")
            .made(format!("openssl {encrypted} -outform PEM rsa.pem"))
            .refused(enveloped),
        Form::cas("PKCS#7 that is encrypted, in DER")
            .made(format!("openssl {encrypted} -outform DER rsa.pem"))
            .refused(enveloped),
        Form::cas("PKCS#7 of lists")
            .made("openssl crl2pkcs7 -in all.crl -out FILE")
            .refused("holds a certificate revocation list instead of a certificate"),
        Form::lists("PKCS#7 of certificates")
            .made("openssl crl2pkcs7 -nocrl -certfile cas.pem -out FILE")
            .refused("holds a certificate instead of a certificate revocation list"),
        Form::chain("p256", "PKCS#7 of CAs")
            .made("openssl crl2pkcs7 -nocrl -certfile cas.pem -out FILE")
            .refused("does not match the certificate in"),
        Form::key("p256", "PKCS#7")
            .made("openssl crl2pkcs7 -nocrl -certfile p256.pem -out FILE")
            .refused("instead of a private key"),
        Form::lists("PKCS#12")
            .passphrase("secret")
            .made("openssl pkcs12 -export -nokeys -in cas.pem -passout pass:PASS -out FILE")
            .refused("holds a certificate instead of a certificate revocation list"),
        Form::key("p256", "PKCS#12 without a key")
            .passphrase("secret")
            .made("openssl pkcs12 -export -nokeys -in cas.pem -passout pass:PASS -out FILE")
            .refused("holds a certificate instead of a private key"),
    ]
}

/// Files that were cut off or changed on their way.
fn damaged() -> Vec<Form> {
    let mut forms = Vec::new();
    let all = |name: &str| {
        [
            Form::key("p256", name).followed_by("p256.key"),
            Form::chain("p256", name).followed_by("p256.pem"),
            Form::cas(name).followed_by("root.pem"),
            Form::lists(name).followed_by("inter.crl"),
        ]
    };
    for form in all("without its END line") {
        let cut = |text: Vec<u8>| text[..text.len() - 30].to_vec();
        forms.push(
            form.edited(cut)
                .refused("is damaged: its END line is missing"),
        );
    }
    for form in all("with another END line") {
        let edit = |text: Vec<u8>| edit::replaced(&text, "-----END ", "-----END X");
        forms.push(
            form.edited(edit)
                .refused("is damaged: its END line is missing or does not match"),
        );
    }
    for form in all("with a line that is no base64") {
        let edit = |text: Vec<u8>| edit::replaced(&text, "-----\nMI", "-----\n!!");
        forms.push(
            form.edited(edit)
                .refused("is damaged: its text is not valid base64"),
        );
    }
    for form in all("with a blank line in it") {
        let edit = |text: Vec<u8>| edit::replaced(&text, "-----\nMI", "-----\n\nMI");
        let middle = move |text: Vec<u8>| {
            let at = text.len() / 2;
            let at = at + text[at..].iter().position(|octet| *octet == b'\n').unwrap();
            [
                &edit(text[..at].to_vec()),
                b"\n\n".as_slice(),
                &text[at + 1..],
            ]
            .concat()
        };
        forms.push(form.edited(middle).refused("is damaged"));
    }
    for (form, command) in [
        (Form::key("rsa", "DER cut off"), "openssl pkey -in rsa.key"),
        (
            Form::chain("rsa", "DER cut off"),
            "openssl x509 -in rsa.pem",
        ),
        (Form::cas("DER cut off"), "openssl x509 -in root.pem"),
        (Form::lists("DER cut off"), "openssl crl -in inter.crl"),
        (
            Form::cas("PKCS#7 cut off"),
            "openssl crl2pkcs7 -nocrl -certfile cas.pem",
        ),
    ] {
        forms.push(
            form.made(format!("{command} -outform DER -out FILE"))
                .edited(|der| der[..der.len() - 20].to_vec())
                .refused("is damaged: it ends too early"),
        );
    }
    for (form, command) in [
        (
            Form::chain("p256", "DER with more behind it"),
            "openssl x509 -in p256.pem",
        ),
        (
            Form::cas("DER with more behind it"),
            "openssl x509 -in root.pem",
        ),
        (
            Form::lists("DER with more behind it"),
            "openssl crl -in inter.crl",
        ),
    ] {
        forms.push(
            form.made(format!("{command} -outform DER -out FILE"))
                .edited(|der| [der.as_slice(), b"more"].concat())
                .refused("is damaged: other bytes follow after its end"),
        );
    }
    forms.push(
        Form::cas("of 17 MiB")
            .made("truncate -s 17M FILE")
            .refused("is larger than 16 MiB"),
    );
    forms
}
