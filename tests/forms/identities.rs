//! Certificate chains whose key is in another file: PEM, DER and PKCS#7.

use super::edit;
use super::form::Form;
use super::trial;

#[test]
fn chains_load_from_pem_and_der() {
    let mut forms = pem();
    forms.extend(several_files());
    forms.extend(other_tools());
    trial::run("chains", forms);
}

#[test]
fn chains_load_from_pkcs7_whatever_its_order_is() {
    let mut forms = pkcs7();
    forms.extend(signed_messages());
    trial::run("chains-pkcs7", forms);
}

fn pem() -> Vec<Form> {
    let of = "p256";
    let copied = |name: &str| {
        Form::chain(of, name)
            .followed_by("p256.chain.pem")
            .asked(EVERY_BLOCK)
    };
    let blocks = |name: &str, command: &str| {
        Form::chain(of, name)
            .made(command)
            .followed_by("inter.pem")
            .asked(EVERY_BLOCK)
    };
    vec![
        copied("PEM"),
        copied("PEM with CRLF").edited(edit::crlf),
        copied("PEM with a byte order mark").edited(edit::byte_order_mark),
        copied("PEM among text").edited(edit::among_text),
        copied("PEM without a newline at its end").edited(edit::without_last_newline),
        copied("PEM with blanks at the ends of lines").edited(edit::with_blanks_at_line_ends),
        copied("PEM called .p7b").named("chain.p7b"),
        copied("PEM called .key").named("chain.key"),
        copied("PEM with a blank and a comma in its name").named("our chain, new.pem"),
        copied("PEM with the root")
            .followed_by("root.pem")
            .sends(&["p256", "inter", "root"]),
        copied("PEM with a list")
            .followed_by("inter.crl")
            .reported("`X509 CRL` is not used here"),
        copied("PEM with its own key").followed_by("p256.key"),
        copied("PEM with a request")
            .followed_by("p256.csr")
            .reported("`CERTIFICATE REQUEST` is not used here"),
        copied("PEM with parameters")
            .made("openssl ecparam -name prime256v1 -out DIR/parameters")
            .followed_by("DIR/parameters"),
        Form::chain(of, "the leaf alone")
            .followed_by("p256.pem")
            .trusted_by("cas.pem")
            .sends(&["p256"])
            .asked(EVERY_BLOCK),
        Form::chain(of, "the leaf alone in DER")
            .made("openssl x509 -in p256.pem -outform DER -out FILE")
            .trusted_by("cas.pem")
            .sends(&["p256"])
            .asked("openssl x509 -in FILE -noout"),
        blocks("with its text", "openssl x509 -in p256.pem -text -out FILE"),
        blocks(
            "with trust settings",
            "openssl x509 -in p256.pem -trustout -addtrust serverAuth -setalias us -out FILE",
        ),
        blocks(
            "with the label X509 CERTIFICATE",
            "openssl x509 -in p256.pem -out FILE",
        )
        .edited(|text| edit::replaced(&text, " CERTIFICATE-", " X509 CERTIFICATE-")),
        blocks(
            "with the subject above it",
            "openssl crl2pkcs7 -nocrl -certfile p256.pem -out DIR/p7",
        )
        .made("openssl pkcs7 -in DIR/p7 -print_certs -out FILE")
        .followed_by("inter.pem"),
    ]
}

fn several_files() -> Vec<Form> {
    let files = |name: &str, value: &str| {
        Form::chain("p256", name)
            .followed_by("p256.pem")
            .with("certificate", value)
            .unasked("OpenSSL has one file; each of them is one that it reads")
    };
    vec![
        files("in two files", "FILE,PKI/inter.pem"),
        files("in three files", "FILE, PKI/inter.pem, PKI/root.pem")
            .sends(&["p256", "inter", "root"]),
        files("in a file of PEM and one of DER", "FILE,DIR/inter.der")
            .made("openssl x509 -in inter.pem -outform DER -out DIR/inter.der"),
        files("in two files of DER", "DIR/leaf.der,DIR/inter.der")
            .made("openssl x509 -in p256.pem -outform DER -out DIR/leaf.der")
            .made("openssl x509 -in inter.pem -outform DER -out DIR/inter.der"),
        files("in PEM and PKCS#7", "FILE,DIR/cas.p7b")
            .made("openssl crl2pkcs7 -nocrl -certfile cas.reversed.pem -out DIR/cas.p7b"),
        files("in PKCS#7 and PEM", "DIR/leaf.p7b,PKI/inter.pem")
            .made("openssl crl2pkcs7 -nocrl -certfile p256.pem -out DIR/leaf.p7b"),
    ]
}

fn other_tools() -> Vec<Form> {
    let stored = |name: &str| {
        Form::chain("p256", name)
            .made("openssl pkcs12 -export -inkey p256.key -in p256.pem -certfile cas.pem -name key -passout pass:secret -out DIR/p12")
            .asked(EVERY_BLOCK)
    };
    vec![
        stored("keytool -exportcert -rfc")
            .made("keytool -exportcert -rfc -alias key -keystore DIR/p12 -storepass secret -file FILE")
            .followed_by("inter.pem"),
        stored("keytool -exportcert")
            .made("keytool -exportcert -alias key -keystore DIR/p12 -storepass secret -file FILE")
            .trusted_by("cas.pem")
            .sends(&["p256"])
            .asked("openssl x509 -in FILE -noout"),
        stored("certutil -L -a")
            .made("certutil -N -d sql:DIR --empty-password")
            .made("pk12util -i DIR/p12 -d sql:DIR -W secret")
            .made("certutil -L -d sql:DIR -n key -a -o FILE")
            .followed_by("inter.pem"),
        Form::chain("p256", "certtool with its text")
            .made("certtool --certificate-info --infile p256.chain.pem --outfile FILE")
            .asked(EVERY_BLOCK),
    ]
}

fn pkcs7() -> Vec<Form> {
    let mut forms = Vec::new();
    for of in ["rsa", "p256"] {
        let made = |name: &str, words: &str| {
            Form::chain(of, format!("PKCS#7 {name}"))
                .made(format!("openssl crl2pkcs7 {words} -out FILE"))
                .asked(PKCS7)
        };
        let chain = format!("-nocrl -certfile {of}.chain.pem");
        let reversed = format!("-nocrl -certfile {of}.reversed.pem");
        forms.extend([
            made("in PEM", &chain),
            made("in PEM with CRLF", &chain).edited(edit::crlf),
            made("in PEM among text", &chain).edited(edit::among_text),
            made("in PEM with a byte order mark", &chain).edited(edit::byte_order_mark),
            made("from the root down", &reversed),
            made(
                "from the root down in DER",
                &format!("{reversed} -outform DER"),
            )
            .asked(PKCS7_DER),
            made("in DER", &format!("{chain} -outform DER")).asked(PKCS7_DER),
            made("in BER", &format!("{chain} -outform DER"))
                .edited(edit::ber)
                .asked(PKCS7_DER),
            made(
                "with lists",
                &format!("-in all.crl -certfile {of}.chain.pem"),
            ),
            made(
                "of 62 certificates",
                &format!("-nocrl -certfile crowd.pem -certfile {of}.pem"),
            )
            .reported("60 certificates that do not belong to our chain, and are not sent"),
            made("called .pem", &chain).named("chain.pem"),
            made("called .crt, in DER", &format!("{chain} -outform DER"))
                .named("chain.crt")
                .asked(PKCS7_DER),
            made("labelled PKCS #7 SIGNED DATA", &chain)
                .edited(edit::labelled("PKCS #7 SIGNED DATA")),
            made("labelled CMS", &chain)
                .edited(edit::labelled("CMS"))
                .asked("openssl cms -cmsout -inform PEM -in FILE -out DIR/asked"),
            made("labelled CERTIFICATE", &chain)
                .edited(edit::labelled("CERTIFICATE"))
                .unasked("OpenSSL reads no PKCS#7 in such a block; Windows writes it there"),
            made("in BER, labelled PKCS7", &format!("{chain} -outform DER"))
                .edited(edit::ber)
                .edited(edit::armoured("PKCS7")),
        ]);
    }
    forms.push(
        Form::chain("p256", "PKCS#7, written by certtool")
            .made("certtool --p7-generate --load-certificate p256.chain.pem --outfile FILE")
            .asked(PKCS7),
    );
    forms
}

/// Signed messages, which carry the chain of the signer.
fn signed_messages() -> Vec<Form> {
    let signed = |name: &str, words: &str| {
        Form::chain("p256", name).made(format!(
            "openssl {words} -sign -in ca.cnf -signer p256.pem -inkey p256.key -certfile cas.reversed.pem -nodetach -out FILE"
        ))
    };
    vec![
        signed("smime in PEM", "smime -outform PEM").asked(PKCS7),
        signed("smime in DER", "smime -outform DER").asked(PKCS7_DER),
        signed("smime in a stream", "smime -stream -outform DER").asked(PKCS7_DER),
        signed("cms in PEM", "cms -outform PEM")
            .asked("openssl cms -cmsout -inform PEM -in FILE -out DIR/asked"),
        signed("cms in a stream", "cms -stream -outform DER").asked(PKCS7_DER),
        signed(
            "cms with identifiers of keys",
            "cms -keyid -stream -outform DER",
        )
        .asked("openssl cms -cmsout -inform DER -in FILE -out DIR/asked"),
    ]
}

/// A command that reads every block, and fails if one is damaged.
const EVERY_BLOCK: &str = "openssl crl2pkcs7 -nocrl -certfile FILE -out DIR/asked";
const PKCS7: &str = "openssl pkcs7 -in FILE -print_certs -noout";
const PKCS7_DER: &str = "openssl pkcs7 -inform DER -in FILE -print_certs -noout";
