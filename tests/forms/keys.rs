//! Private keys that are not encrypted.

use super::edit;
use super::form::Form;
use super::pki::LEAVES;
use super::trial;

#[test]
fn keys_load_in_every_encoding() {
    let mut forms = Vec::new();
    for (of, _) in &LEAVES[..6] {
        // rustls does not sign with an RSASSA-PSS key in TLS 1.2.
        let is_possible = |form: &Form| *of != "pss" || form.version == "-tls1_3";
        forms.extend(encodings(of).into_iter().filter(is_possible));
    }
    forms.extend(pkcs1());
    for of in ["p256", "p384", "p521"] {
        forms.extend(sec1(of));
    }
    forms.extend(texts());
    forms.extend(company());
    forms.extend(other_tools());
    trial::run("keys", forms);
}

fn encodings(of: &'static str) -> [Form; 5] {
    let made = |name: &str, outform: &str| {
        Form::key(of, name).made(format!("openssl pkey -in {of}.key {outform} -out FILE"))
    };
    [
        made("PKCS#8 in PEM", ""),
        made("PKCS#8 in PEM, TLS 1.2", "").in_tls12(),
        made("PKCS#8 in DER", "-outform DER"),
        made("PKCS#8 with its text", "-text"),
        made("PKCS#8 in PEM with CRLF", "").edited(edit::crlf),
    ]
}

fn pkcs1() -> [Form; 5] {
    let made = |name: &str, words: &str| {
        Form::key("rsa", name).made(format!("openssl rsa -in rsa.key {words} -out FILE"))
    };
    [
        made("PKCS#1 in PEM", "-traditional"),
        made("PKCS#1 in PEM, TLS 1.2", "-traditional").in_tls12(),
        made("PKCS#1 in DER", "-traditional -outform DER"),
        made("PKCS#1 with its text", "-traditional -text"),
        made("PKCS#1 in PEM with CRLF", "-traditional").edited(edit::crlf),
    ]
}

fn sec1(of: &'static str) -> [Form; 7] {
    let made = |name: &str, words: &str| {
        Form::key(of, name).made(format!("openssl ec -in {of}.key {words} -out FILE"))
    };
    let curve = match of {
        "p256" => "prime256v1",
        "p384" => "secp384r1",
        _ => "secp521r1",
    };
    [
        made("SEC1 in PEM", ""),
        made("SEC1 in DER", "-outform DER"),
        made("SEC1 with its text", "-text"),
        made(
            "SEC1 with a zero in front of its number, as GnuTLS does it",
            "-outform DER",
        )
        .edited(edit::with_zero_in_front),
        made("SEC1 in PEM with a zero in front", "-outform DER")
            .edited(edit::with_zero_in_front)
            .edited(edit::armoured("EC PRIVATE KEY")),
        made("SEC1 in PEM with CRLF", "").edited(edit::crlf),
        Form::key(of, "SEC1 below EC PARAMETERS")
            .made(format!("openssl ecparam -name {curve} -out FILE"))
            .made(format!("openssl ec -in {of}.key -out DIR/key"))
            .followed_by("DIR/key"),
    ]
}

/// Text around a key, and different line lengths and line ends.
fn texts() -> Vec<Form> {
    let of = "p256";
    let copied = |name: &str| Form::key(of, name).followed_by("p256.key");
    vec![
        copied("with a byte order mark").edited(edit::byte_order_mark),
        copied("among text").edited(edit::among_text),
        copied("without a newline at its end").edited(edit::without_last_newline),
        copied("with blanks at the ends of lines").edited(edit::with_blanks_at_line_ends),
        copied("in lines of 76 characters").edited(edit::in_columns(76)),
        copied("in lines of 48 characters").edited(edit::in_columns(48)),
        copied("in one line").edited(edit::in_columns(usize::MAX)),
        copied("with blank lines around it").edited(|text| [b"\n\n", text.as_slice(), b"\n\n"].concat()),
        Form::key(of, "with bag attributes")
            .made("openssl pkcs12 -export -inkey p256.key -in p256.pem -passout pass: -name key -out DIR/p12")
            .made("openssl pkcs12 -in DIR/p12 -passin pass: -nodes -nocerts -out FILE"),
        copied("PEM called .p12").named("key.p12"),
        copied("PEM called .der").named("key.der"),
        copied("PEM called .ppk").named("key.ppk"),
        copied("with a blank and a comma in its name").named("my key, new.pem"),
        Form::key(of, "DER called .pem").named("key.pem").made("openssl pkey -in p256.key -outform DER -out FILE"),
        Form::key(of, "DER called .crt").named("key.crt").made("openssl pkey -in p256.key -outform DER -out FILE"),
    ]
}

/// Keys together with certificates, and in several files.
fn company() -> Vec<Form> {
    let of = "p256";
    let no_matter = "OpenSSL has one file for the key; the first of several holds it";
    vec![
        Form::key(of, "above its certificates")
            .followed_by("p256.key")
            .followed_by("p256.chain.pem"),
        Form::key(of, "below its certificates")
            .followed_by("p256.chain.pem")
            .followed_by("p256.key"),
        Form::key(of, "above a key of somebody else")
            .followed_by("p256.key")
            .followed_by("rsa.key"),
        Form::key(of, "below a list")
            .followed_by("inter.crl")
            .followed_by("p256.key"),
        Form::key(of, "below parameters of another curve")
            .made("openssl ecparam -name secp384r1 -out FILE")
            .followed_by("p256.key"),
        Form::key(of, "in the second of two files")
            .followed_by("p256.key")
            .with("certificate-key", "PKI/inter.pem,FILE")
            .unasked(no_matter),
        Form::identity(of, "PEM with the key first")
            .followed_by("p256.key")
            .followed_by("p256.chain.pem")
            .asked(PKEY),
        Form::identity(of, "PEM with the key last")
            .followed_by("p256.chain.pem")
            .followed_by("p256.key")
            .asked(PKEY),
        Form::identity(of, "PEM with the key in between")
            .followed_by("p256.pem")
            .followed_by("p256.key")
            .followed_by("inter.pem")
            .asked(PKEY),
        Form::identity(of, "PEM of openssl pkcs12 -nodes")
            .made(format!("{EXPORT} -passout pass: -out DIR/p12"))
            .made("openssl pkcs12 -in DIR/p12 -passin pass: -nodes -out FILE")
            .sends(&["p256", "inter", "root"])
            .asked(PKEY),
        Form::identity(of, "PEM of openssl pkcs12")
            .passphrase("secret")
            .made(format!("{EXPORT} -passout pass:PASS -out DIR/p12"))
            .made("openssl pkcs12 -in DIR/p12 -passin pass:PASS -passout pass:PASS -out FILE")
            .sends(&["p256", "inter", "root"])
            .asked("openssl pkey -in FILE -passin pass:PASS -noout"),
        Form::identity(of, "PEM and the key in another file of the option")
            .followed_by("p256.chain.pem")
            .with("certificate", "FILE,PKI/p256.key")
            .refused("p256.key holds a private key instead of a certificate"),
    ]
}

/// Keys written by GnuTLS, PuTTY and OpenSSH.
fn other_tools() -> Vec<Form> {
    let mut forms = Vec::new();
    for of in ["rsa", "p256", "p384", "p521", "ed25519"] {
        let words = if of == "ed25519" { "" } else { "-traditional" };
        let traditional = format!("openssl pkey -in {of}.key {words} -out DIR/key");
        let made = |name: &str, words: &str| {
            Form::key(of, format!("{name}, written by certtool"))
                .made(&traditional)
                .made(format!("certtool {words} --outfile FILE"))
        };
        forms.extend([
            made("PEM", "--key-info --infile DIR/key --no-text"),
            made("PEM with its text", "--key-info --infile DIR/key"),
            made("DER", "--key-info --infile DIR/key --outder"),
            made("PKCS#8", "--to-p8 --load-privkey DIR/key --password PASS"),
            made(
                "PKCS#8 in DER",
                "--to-p8 --load-privkey DIR/key --password PASS --outder",
            ),
        ]);
    }
    forms.push(
        Form::key("p256", "SEC1 without its curve, written by certtool")
            .made("certtool --key-info --infile p256.key --no-text --outfile FILE")
            .refused("is damaged: its content does not have the expected structure"),
    );
    for of in ["rsa", "p256", "p384", "p521"] {
        forms.push(
            Form::key(of, "written by puttygen")
                .made(format!(
                    "openssl pkey -in {of}.key -traditional -out DIR/key"
                ))
                .made("puttygen DIR/key -o DIR/ppk --new-passphrase /dev/null")
                .made("puttygen DIR/ppk -O private-openssh -o FILE"),
        );
        for format in ["PEM", "PKCS8"] {
            forms.push(
                Form::key(of, format!("{format}, written by ssh-keygen"))
                    .made(format!("install -m 600 {of}.key FILE"))
                    .made(format!(
                        "ssh-keygen -q -p -m {format} -P PASS -N PASS -f FILE"
                    )),
            );
        }
    }
    forms
}

const EXPORT: &str =
    "openssl pkcs12 -export -inkey p256.key -in p256.pem -certfile cas.pem -name key";
const PKEY: &str = "openssl pkey -in FILE -noout";
