//! Trusted CAs: bundles, containers and folders.

use super::edit;
use super::form::Form;
use super::trial;

#[test]
fn cas_load_from_every_bundle() {
    let mut forms = pem();
    forms.extend(der());
    forms.extend(pkcs7());
    forms.extend(pkcs12());
    forms.extend(several_files());
    trial::run("cas", forms);
}

#[cfg(unix)]
#[test]
fn cas_load_from_folders() {
    trial::run("cas-folders", folders());
}

fn pem() -> Vec<Form> {
    let copied = |name: &str, from: &str| Form::cas(name).followed_by(from).asked(VERIFY);
    vec![
        copied("one in PEM", "root.pem"),
        copied("two in PEM", "cas.pem"),
        copied("62 in PEM", "crowd.pem"),
        copied("PEM with CRLF", "cas.pem").edited(edit::crlf),
        copied("PEM with a byte order mark", "cas.reversed.pem").edited(edit::byte_order_mark),
        copied("PEM among text", "cas.pem").edited(edit::among_text),
        copied("PEM without a newline at its end", "cas.pem").edited(edit::without_last_newline),
        copied("PEM with blanks at the ends of lines", "cas.pem")
            .edited(edit::with_blanks_at_line_ends),
        copied("PEM in lines of 76 characters", "root.pem").edited(edit::in_columns(76)),
        copied("PEM called .der", "root.pem").named("ca.der"),
        copied("PEM with lists", "cas.pem").followed_by("all.crl"),
        copied("PEM with a key", "cas.pem")
            .followed_by("other.key")
            .reported("`PRIVATE KEY` is not used here"),
        copied("PEM with a request", "cas.pem").followed_by("odd.csr"),
        copied("PEM with an odd certificate", "odd.pem").followed_by("root.pem"),
        copied("PEM twice", "cas.pem").followed_by("cas.pem"),
        Form::cas("PEM with its text")
            .made("openssl x509 -in root.pem -text -out FILE")
            .asked(VERIFY),
        Form::cas("trusted for servers")
            .made("openssl x509 -in root.pem -trustout -addtrust serverAuth -out FILE")
            .asked(VERIFY),
        Form::cas("trusted without settings")
            .made("openssl x509 -in root.pem -trustout -out FILE")
            .asked(VERIFY),
        Form::cas("with the label X509 CERTIFICATE")
            .followed_by("root.pem")
            .edited(edit::labelled("X509 CERTIFICATE"))
            .asked(VERIFY),
        Form::cas("with a name above each")
            .made("openssl crl2pkcs7 -nocrl -certfile cas.pem -out DIR/p7")
            .made("openssl pkcs7 -in DIR/p7 -print_certs -out FILE")
            .asked(VERIFY),
        Form::cas("certtool with its text")
            .made("certtool --certificate-info --infile cas.pem --outfile FILE")
            .asked(VERIFY),
    ]
}

fn der() -> Vec<Form> {
    let made = |name: &str| {
        Form::cas(name)
            .made("openssl x509 -in root.pem -outform DER -out FILE")
            .asked("openssl verify -CAstore FILE -untrusted inter.pem p256.pem")
    };
    vec![
        made("DER"),
        made("DER called .pem").named("ca.pem"),
        made("DER called .p7b").named("ca.p7b"),
    ]
}

fn pkcs7() -> Vec<Form> {
    let made = |name: &str, words: &str| {
        Form::cas(format!("PKCS#7 {name}"))
            .made(format!("openssl crl2pkcs7 {words} -out FILE"))
            .asked("openssl pkcs7 -in FILE -print_certs -noout")
    };
    let der = "openssl pkcs7 -inform DER -in FILE -print_certs -noout";
    let cas = "-nocrl -certfile cas.pem";
    vec![
        made("in PEM", cas),
        made("in PEM with CRLF", cas).edited(edit::crlf),
        made("in PEM among text", cas).edited(edit::among_text),
        made("in DER", "-nocrl -certfile cas.pem -outform DER").asked(der),
        made("in BER", "-nocrl -certfile cas.pem -outform DER")
            .edited(edit::ber)
            .asked(der),
        made("of 62 certificates", "-nocrl -certfile crowd.pem"),
        made("with lists", "-in all.crl -certfile cas.pem"),
        made(
            "with an odd certificate",
            "-nocrl -certfile odd.pem -certfile root.pem",
        ),
        made("labelled PKCS #7 SIGNED DATA", cas).edited(edit::labelled("PKCS #7 SIGNED DATA")),
        made("labelled CMS", cas)
            .edited(edit::labelled("CMS"))
            .asked("openssl cms -cmsout -inform PEM -in FILE -out DIR/asked"),
        made("labelled CERTIFICATE", cas)
            .edited(edit::labelled("CERTIFICATE"))
            .unasked("OpenSSL reads no PKCS#7 in such a block; Windows writes it there"),
        made("called .cer", cas).named("ca.cer"),
    ]
}

fn pkcs12() -> Vec<Form> {
    let asked = "openssl pkcs12 -legacy -in FILE -passin pass:PASS -noout";
    let exported = |words: &str| {
        Form::cas(format!("PKCS#12 {words}"))
            .passphrase("secret")
            .made(format!(
                "openssl pkcs12 -export {words} {LEGACY} -passout pass:PASS -out FILE"
            ))
            .asked(asked)
    };
    let open = exported("-nokeys -in cas.pem -certpbe NONE -nomac");
    let empty = exported("-nokeys -in cas.pem");
    vec![
        exported("-nokeys -in cas.pem"),
        exported("-nokeys -in cas.pem -legacy"),
        exported("-nokeys -in crowd.pem"),
        exported("-inkey p256.key -in p256.pem -certfile cas.pem"),
        Form { passphrase: None, name: "CAs, PKCS#12 that is open".to_owned(), ..open },
        Form { passphrase: None, name: "CAs, PKCS#12 with an empty passphrase".to_owned(), ..empty },
        Form::cas("a trust store of Java")
            .passphrase("secret")
            .made("keytool -importcert -noprompt -alias root -file root.pem -keystore FILE -storetype PKCS12 -storepass PASS")
            .made("keytool -importcert -noprompt -alias other -file other.pem -keystore FILE -storepass PASS")
            .asked(asked),
        Form::cas("a trust store of Java with a key in it")
            .passphrase("secret")
            .made("keytool -genkeypair -alias a -keyalg EC -dname CN=a -keystore FILE -storetype PKCS12 -storepass PASS")
            .made("keytool -importcert -noprompt -alias root -file root.pem -keystore FILE -storepass PASS")
            .asked(asked),
    ]
}

fn several_files() -> Vec<Form> {
    let files = |name: &str, value: &str| {
        Form::cas(name)
            .followed_by("root.pem")
            .with("trusted-ca", value)
            .unasked("OpenSSL has one file; each of them is one that it reads")
    };
    vec![
        files("two files", "PKI/other.pem,FILE"),
        files("two files with a blank between them", "FILE, PKI/other.pem"),
        files("a file and a folder", "DIR/cas,FILE")
            .made("mkdir DIR/cas")
            .made("cp other.pem DIR/cas"),
        files(
            "PEM, DER and PKCS#7",
            "PKI/other.pem,DIR/inter.der,DIR/root.p7b",
        )
        .made("openssl x509 -in inter.pem -outform DER -out DIR/inter.der")
        .made("openssl crl2pkcs7 -nocrl -certfile root.pem -out DIR/root.p7b"),
    ]
}

fn folders() -> Vec<Form> {
    let verify = "openssl verify -CApath DIR/cas -untrusted inter.pem p256.pem";
    let folder = |name: &str| {
        Form::cas(format!("a folder {name}"))
            .made("mkdir DIR/cas")
            .with("trusted-ca", "DIR/cas")
    };
    let hashed = |name: &str| {
        let form = folder(name).made("cp root.pem other.pem DIR/cas");
        form.made("openssl rehash DIR/cas").asked(verify)
    };
    let plain = |name: &str| {
        folder(name)
            .reported("every file in the folder DIR/cas is used here; OpenSSL finds none of them until `openssl rehash` is run")
            .unasked("OpenSSL finds nothing in a folder before `openssl rehash`")
    };
    vec![
        hashed("with hashed names"),
        hashed("with hashed names and a slash").with("trusted-ca", "DIR/cas/"),
        hashed("with hashed names and a file that came later")
            .made("cp inter.pem DIR/cas/late.pem")
            .reported("late.pem is ignored: the folder has names made by `openssl rehash`"),
        hashed("with hashed names and lists")
            .made("cp inter.crl DIR/cas/inter.pem")
            .made("openssl rehash DIR/cas"),
        folder("with links to files elsewhere")
            .made("ln -s ../../root.pem DIR/cas/root.pem")
            .made("openssl rehash DIR/cas")
            .asked(verify),
        folder("with hashed names of version 0.9")
            .made("cp root.pem DIR/cas")
            .made("openssl rehash -compat DIR/cas")
            .asked(verify),
        folder("that is a link")
            .made("cp root.pem DIR/cas")
            .made("openssl rehash DIR/cas")
            .made("ln -s cas DIR/link")
            .with("trusted-ca", "DIR/link")
            .asked("openssl verify -CApath DIR/link -untrusted inter.pem p256.pem"),
        plain("without hashed names").made("cp root.pem other.pem DIR/cas"),
        plain("with DER").made("openssl x509 -in root.pem -outform DER -out DIR/cas/root.crt"),
        plain("with PKCS#7").made("openssl crl2pkcs7 -nocrl -certfile cas.pem -out DIR/cas/cas.p7b"),
        plain("with a link").made("ln -s ../../root.pem DIR/cas/root.pem"),
        plain("with a link that leads nowhere")
            .made("cp root.pem DIR/cas")
            .made("ln -s nowhere DIR/cas/lost.pem")
            .reported("ignored: cannot read DIR/cas/lost.pem"),
        plain("with a folder in it")
            .made("cp root.pem DIR/cas")
            .made("mkdir DIR/cas/old"),
        plain("with a named pipe in it")
            .made("cp root.pem DIR/cas")
            .made("mkfifo DIR/cas/pipe"),
        plain("with files that are no certificates")
            .made("cp root.pem ca.cnf inter.crl other.key DIR/cas")
            .reported("ignored: DIR/cas/ca.cnf holds no certificate")
            .reported("ignored: DIR/cas/inter.crl holds a certificate revocation list instead of a certificate")
            .reported("ignored: DIR/cas/other.key holds a private key instead of a certificate"),
        plain("with a file of blanks")
            .made("cp root.pem DIR/cas")
            .made("touch DIR/cas/empty.pem")
            .reported("ignored: DIR/cas/empty.pem is empty"),
    ]
}

const VERIFY: &str = "openssl verify -purpose sslserver -CAfile FILE -untrusted inter.pem p256.pem";
const LEGACY: &str = "-provider default -provider legacy";
