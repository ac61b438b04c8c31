//! PKCS#12 as `certificate`, with the key in it, and as `certificate-key`.

use super::edit;
use super::form::Form;
use super::trial;

#[test]
fn pkcs12_of_openssl_is_certificate_and_key() {
    let mut forms = Vec::new();
    for of in ["rsa", "p256", "p384", "p521", "ed25519"] {
        forms.push(export(of, "").in_tls12());
        forms.push(export(of, "-legacy"));
        forms.push(export(of, "-keyex"));
    }
    for words in VARIANTS {
        forms.push(export("p256", words));
    }
    forms.push(export("p256", "-nomac").without_mac());
    forms.extend(schemes());
    forms.extend(without_passphrase());
    forms.extend(passphrases());
    forms.extend(orders());
    forms.extend(parts());
    trial::run("pkcs12", forms);
}

#[test]
fn pkcs12_of_java_nss_and_gnutls_is_certificate_and_key() {
    let mut forms = java();
    forms.extend(nss());
    forms.extend(gnutls());
    trial::run("pkcs12-tools", forms);
}

#[test]
fn pkcs12_that_cannot_be_opened_is_refused_with_the_command_that_converts() {
    let typed = [
        ("-in FILE", "-in FILE -passin pass:PASS"),
        ("-out NEWFILE", "-out NEWFILE -passout pass:PASS"),
    ];
    let mut forms = Vec::new();
    for (words, name) in REFUSED {
        let form = export("p256", words);
        // The converted file is PEM, in which the order counts, so the root is sent as well.
        let form = form.sends(&["p256", "inter", "root"]);
        forms.push(form.converted(format!("{name}, which is not supported"), &typed));
    }
    for words in ["", "-nomac"] {
        forms.push(
            export(
                "p256",
                &format!("-keypbe AES-256-CBC -certpbe AES-256-CBC {words}"),
            )
            .edited(|file| file[..file.len() - 5].to_vec())
            .refused("is damaged: it ends too early"),
        );
    }
    forms.push(
        export("p256", "of 2,147,483,647 rounds")
            .edited(edit::with_numbers(&[3, i32::MAX as u32]))
            .refused("takes too much work to decrypt; the limit for a file is"),
    );
    forms.push(
        export("p256", "in PEM")
            .edited(edit::armoured("PKCS12"))
            .converted("block labelled `PKCS12`", &[]),
    );
    forms.push(
        export("p256", "without its certificate")
            .made("openssl pkcs12 -export -inkey p256.key -nocerts -passout pass:PASS -out FILE")
            .refused("holds a private key instead of a certificate"),
    );
    forms.push(
        export("p256", "without its key")
            .made("openssl pkcs12 -export -nokeys -in p256.pem -passout pass:PASS -out FILE")
            .refused("holds no private key, and `certificate-key` is not given"),
    );
    forms.push(
        export("p256", "with another key")
            .with("certificate-key", "PKI/p384.key")
            .refused("does not match the certificate in"),
    );
    trial::run("pkcs12-refused", forms);
}

/// A file of `openssl pkcs12 -export` with these options. Words that do not begin with `-` are only a name.
fn export(of: &'static str, words: &str) -> Form {
    let options = if words.starts_with('-') { words } else { "" };
    Form::identity(of, format!("PKCS#12 {words}"))
        .passphrase("secret")
        .made(format!(
            "openssl pkcs12 -export -inkey {of}.key -in {of}.pem -certfile cas.pem {options} {LEGACY} -passout pass:PASS -out FILE"
        ))
        .asked(ASKED)
}

/// Every encryption of the key with every encryption of the certificates.
fn schemes() -> Vec<Form> {
    const SCHEMES: [&str; 8] = [
        "AES-128-CBC",
        "AES-192-CBC",
        "AES-256-CBC",
        "PBE-SHA1-3DES",
        "PBE-SHA1-2DES",
        "PBE-SHA1-RC2-128",
        "PBE-SHA1-RC2-40",
        "NONE",
    ];
    let mut forms = Vec::new();
    for key in SCHEMES {
        for certificate in SCHEMES {
            forms.push(export(
                "p256",
                &format!("-keypbe {key} -certpbe {certificate}"),
            ));
        }
        forms.push(export("rsa", &format!("-keypbe {key} -certpbe {key} -nomac")).without_mac());
    }
    // With `NONE` and without a MAC, no passphrase can be checked.
    let last = forms.pop().unwrap();
    forms.push(
        Form {
            passphrase: None,
            ..last
        }
        .passphrase(""),
    );
    forms
}

/// OpenSSL tries no passphrase and an empty one before it asks.
fn without_passphrase() -> Vec<Form> {
    let mut forms = Vec::new();
    for words in [
        "",
        "-legacy",
        "-nomac",
        "-keypbe NONE -certpbe NONE",
        "-keypbe NONE -certpbe NONE -nomac",
        "-macalg sha512",
    ] {
        let form = export("p256", words);
        let name = format!("{} and an empty passphrase", form.name);
        forms.push(Form {
            name,
            passphrase: None,
            ..form
        });
    }
    forms
}

fn passphrases() -> Vec<Form> {
    let mut forms = Vec::new();
    for passphrase in [
        "two words",
        "pässwörd",
        "密码-пароль",
        "😀",
        "$P'\"\\`;#",
        &"long".repeat(60),
    ] {
        for words in ["", "-legacy"] {
            let form = export("p256", words).passphrase(passphrase);
            let name = format!("{}, passphrase {passphrase:.12}", form.name);
            forms.push(Form { name, ..form });
        }
    }
    forms
}

/// The order in a PKCS#12 file has no meaning.
fn orders() -> Vec<Form> {
    let plain = "-keypbe NONE -certpbe NONE -nomac";
    let crowd = |words: &str| {
        Form::identity("p256", format!("PKCS#12 as Windows writes it, {words}"))
            .passphrase("secret")
            .made(format!("openssl pkcs12 -export -inkey p256.key -in p256.pem -certfile crowd.pem {words} {LEGACY} -passout pass:PASS -out FILE"))
            .asked(ASKED)
            .reported("60 certificates that do not belong to our chain, and are not sent")
    };
    let reversed = |name: &str, certificates: &str| {
        Form::identity("p256", format!("PKCS#12 {name}"))
            .made(format!("openssl pkcs12 -export -inkey p256.key -in {certificates} {plain} -passout pass: -out FILE"))
            .asked(ASKED)
    };
    vec![
        crowd(""),
        crowd("-legacy"),
        crowd("-keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1"),
        reversed("from the root down", "p256.reversed.pem"),
        reversed("from the root down, turned around", "p256.reversed.pem")
            .edited(edit::with_reversed_bags),
        reversed("with its leaf last", "p256.chain.pem").edited(edit::with_reversed_bags),
        reversed("with its leaf alone", "p256.pem")
            .sends(&["p256"])
            .trusted_by("cas.pem"),
        reversed("with its leaf and the root", "p256.pem -certfile root.pem")
            .sends(&["p256"])
            .trusted_by("cas.pem"),
        reversed("with its chain twice", "p256.chain.pem -certfile cas.pem"),
        reversed(
            "with a certificate of version 1",
            "p256.chain.pem -certfile odd.pem",
        )
        .reported("1 certificate that does not belong to our chain, and is not sent"),
        reversed(
            "with a certificate that cannot be read",
            "p256.chain.pem -certfile odd.pem",
        )
        .edited(edit::with_broken_certificate)
        .reported("ignored: object ")
        .unasked("OpenSSL reads nothing of a file with one certificate that it cannot read"),
        export("p256", "in BER").edited(edit::ber),
        export("rsa", "in BER").edited(edit::ber),
        export("p256", "called .pem").named("identity.pem"),
        export("p256", "called .crt").named("identity.crt"),
        Form {
            file: "identity.pfx",
            ..export("p256", "called .pfx")
        },
    ]
}

/// PKCS#12 with only a part of what is needed, together with another file.
fn parts() -> Vec<Form> {
    let key = |words: &str| {
        Form::key("p256", format!("PKCS#12 {words}"))
            .passphrase("secret")
            .made(format!("openssl pkcs12 -export -inkey p256.key {words} {LEGACY} -passout pass:PASS -out FILE"))
            .asked(ASKED)
    };
    vec![
        key("-nocerts"),
        key("-in p256.pem"),
        key("-in p256.pem -legacy"),
        key("-in p256.pem -certfile cas.pem"),
        export("p256", "for both options").with("certificate-key", "FILE"),
        Form::chain("p256", "PKCS#12 without a key")
            .passphrase("secret")
            .made("openssl pkcs12 -export -nokeys -in p256.pem -certfile cas.pem -passout pass:PASS -out FILE")
            .asked(ASKED),
        Form::chain("p256", "PKCS#12 without a key, from the root down")
            .passphrase("secret")
            .made("openssl pkcs12 -export -nokeys -in p256.reversed.pem -passout pass:PASS -out FILE")
            .asked(ASKED),
        export("p256", "above an intermediate in PEM")
            .made("openssl pkcs12 -export -inkey p256.key -in p256.pem -passout pass:PASS -out FILE")
            .with("certificate", "FILE,PKI/inter.pem"),
    ]
}

fn java() -> Vec<Form> {
    let imported = |of: &'static str, words: &str| {
        Form::identity(of, format!("keytool {words}"))
            .passphrase("secret")
            .made(format!("openssl pkcs12 -export -inkey {of}.key -in {of}.pem -certfile cas.pem -name {of} -passout pass:PASS -out DIR/p12"))
            .made(format!("keytool {words} -importkeystore -noprompt -srckeystore DIR/p12 -srcstorepass PASS -destkeystore FILE -deststoretype PKCS12 -deststorepass PASS"))
            .asked(ASKED)
    };
    let unprotected =
        "-J-Dkeystore.pkcs12.macAlgorithm=NONE -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE";
    vec![
        imported("rsa", ""),
        imported("p256", ""),
        imported("p256", "-J-Dkeystore.pkcs12.legacy").costly(),
        imported("p256", "-J-Dkeystore.pkcs12.macAlgorithm=HmacPBESHA512"),
        imported("p256", "-J-Dkeystore.pkcs12.keyProtectionAlgorithm=PBEWithHmacSHA512AndAES_128"),
        imported("p256", unprotected).without_mac(),
        imported("p256", "")
            .made("keytool -importcert -noprompt -alias other -file other.pem -keystore FILE -storepass PASS")
            .reported("1 certificate that does not belong to our chain, and is not sent"),
        // A key that keytool made, as a second entry.
        imported("p256", "")
            .made("keytool -genkeypair -alias z -keyalg EC -dname CN=z -keystore FILE -storepass PASS")
            .reported("1 certificate that does not belong to our chain, and is not sent"),
    ]
}

fn nss() -> [Form; 2] {
    ["", "-c AES-256-CBC -C AES-256-CBC -M SHA-1"].map(|words| {
        Form::identity("p256", format!("pk12util {words}"))
            .passphrase("secret")
            .costly()
            .made("openssl pkcs12 -export -inkey p256.key -in p256.pem -certfile cas.pem -name key -passout pass:PASS -out DIR/p12")
            .made("certutil -N -d sql:DIR --empty-password")
            .made("pk12util -i DIR/p12 -d sql:DIR -W PASS")
            .made(format!("pk12util -o FILE -n key -d sql:DIR -W PASS {words}"))
            .asked(ASKED)
    })
}

fn gnutls() -> [Form; 4] {
    let made = |of: &'static str, words: &str| {
        Form::identity(of, format!("certtool {words}"))
            .costly()
            .made(format!("certtool --to-p12 --load-privkey {of}.key --load-certificate {of}.pem --load-ca-certificate inter.pem --p12-name key {words} --outder --outfile FILE"))
            .asked(ASKED)
    };
    [
        made("p256", "--password PASS").passphrase("secret"),
        made("rsa", "--password PASS --pkcs-cipher rc2-40 --hash SHA1").passphrase("secret"),
        made("p256", "--null-password"),
        made("p256", "--empty-password"),
    ]
}

const VARIANTS: [&str; 14] = [
    "-descert",
    "-noiter -nomaciter",
    "-noiter",
    "-iter 10000",
    "-macalg md5",
    "-macalg sha1",
    "-macalg sha224",
    "-macalg sha256",
    "-macalg sha384",
    "-macalg sha512",
    "-name leaf -caname one -caname two",
    "-CSP Microsoft",
    "-LMK",
    "-keysig",
];
const REFUSED: [(&str, &str); 8] = [
    (
        "-keypbe PBE-SHA1-RC4-128 -certpbe PBE-SHA1-RC4-128",
        "RC4-128",
    ),
    ("-keypbe PBE-SHA1-RC4-40", "RC4-40"),
    (
        "-keypbe camellia-256-cbc -certpbe camellia-256-cbc",
        "Camellia-256-CBC",
    ),
    ("-certpbe aria-128-cbc", "ARIA-128-CBC"),
    ("-keypbe PBE-MD5-DES", "DES and MD5 (PBES1)"),
    ("-keypbe seed-cbc", "SEED-CBC"),
    ("-macalg sha3-256", "SHA3-256"),
    ("-macalg sha512-256", "2.16.840.1.101.3.4.2.6"),
];
const LEGACY: &str = "-provider default -provider legacy";
const ASKED: &str = "openssl pkcs12 -legacy -in FILE -passin pass:PASS -noout";
