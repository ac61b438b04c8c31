//! Revocation lists: files, containers and folders.

use super::edit;
use super::form::Form;
use super::trial;

#[test]
fn lists_load_from_every_file() {
    let mut forms = pem();
    forms.extend(der());
    forms.extend(pkcs7());
    forms.extend(several_files());
    trial::run("lists", forms);
}

#[cfg(unix)]
#[test]
fn lists_load_from_folders() {
    trial::run("lists-folders", folders());
}

fn pem() -> Vec<Form> {
    let copied = |name: &str, from: &str| Form::lists(name).followed_by(from).asked(VERIFY);
    vec![
        copied("one in PEM", "inter.crl"),
        copied("two in PEM", "all.crl"),
        copied("PEM with CRLF", "all.crl").edited(edit::crlf),
        copied("PEM with a byte order mark", "all.crl").edited(edit::byte_order_mark),
        copied("PEM among text", "all.crl").edited(edit::among_text),
        copied("PEM without a newline at its end", "all.crl").edited(edit::without_last_newline),
        copied("PEM with blanks at the ends of lines", "all.crl")
            .edited(edit::with_blanks_at_line_ends),
        copied("PEM in lines of 76 characters", "inter.crl").edited(edit::in_columns(76)),
        copied("PEM called .der", "all.crl").named("list.der"),
        copied("PEM among certificates", "cas.pem")
            .followed_by("inter.crl")
            .reported("`CERTIFICATE` is not used here"),
        copied("PEM twice", "all.crl").followed_by("all.crl"),
        Form::lists("PEM with its text")
            .made("openssl crl -in inter.crl -text -out FILE")
            .asked(VERIFY),
        Form::lists("certtool with its text")
            .made("certtool --crl-info --infile inter.crl --outfile FILE")
            .asked(VERIFY),
        Form::lists("among the CAs")
            .followed_by("root.pem")
            .followed_by("inter.crl")
            .with("trusted-ca", "FILE")
            .with("tls-crl", "PKI/root.crl")
            .asked("openssl verify -crl_check -CAfile FILE -untrusted inter.pem p256.pem"),
    ]
}

fn der() -> Vec<Form> {
    let made = |name: &str| {
        Form::lists(name)
            .made("openssl crl -in inter.crl -outform DER -out FILE")
            .asked("openssl crl -in FILE -noout")
    };
    vec![
        made("DER"),
        made("DER called .pem").named("list.pem"),
        made("DER called .p7b").named("list.p7b"),
        Form::lists("DER, written by certtool")
            .made("certtool --crl-info --infile inter.crl --outder --outfile FILE")
            .asked("openssl crl -in FILE -noout"),
    ]
}

fn pkcs7() -> Vec<Form> {
    let made = |name: &str, words: &str| {
        Form::lists(format!("PKCS#7 {name}"))
            .made(format!("openssl crl2pkcs7 {words} -out FILE"))
            .asked("openssl pkcs7 -in FILE -print_certs -noout")
    };
    let der = "openssl pkcs7 -inform DER -in FILE -print_certs -noout";
    vec![
        made("in PEM", "-in inter.crl"),
        made("in PEM with CRLF", "-in all.crl").edited(edit::crlf),
        made("with certificates", "-in inter.crl -certfile cas.pem"),
        made("in DER", "-in inter.crl -outform DER").asked(der),
        made("in BER", "-in inter.crl -outform DER")
            .edited(edit::ber)
            .asked(der),
        made("labelled PKCS #7 SIGNED DATA", "-in inter.crl")
            .edited(edit::labelled("PKCS #7 SIGNED DATA")),
        made("labelled CMS", "-in inter.crl")
            .edited(edit::labelled("CMS"))
            .asked("openssl cms -cmsout -inform PEM -in FILE -out DIR/asked"),
        made("called .crl", "-in inter.crl -outform DER")
            .named("list.crl")
            .asked(der),
    ]
}

fn several_files() -> Vec<Form> {
    let files = |name: &str, value: &str| {
        Form::lists(name)
            .followed_by("inter.crl")
            .with("tls-crl", value)
            .unasked("OpenSSL has one file; each of them is one that it reads")
    };
    vec![
        files("two files", "PKI/root.crl,FILE"),
        files("PEM, DER and PKCS#7", "DIR/root.der,DIR/inter.p7b")
            .made("openssl crl -in root.crl -outform DER -out DIR/root.der")
            .made("openssl crl2pkcs7 -in inter.crl -out DIR/inter.p7b"),
        files("a file and a folder", "PKI/root.crl,DIR/lists")
            .made("mkdir DIR/lists")
            .made("cp inter.crl DIR/lists"),
    ]
}

fn folders() -> Vec<Form> {
    let folder = |name: &str| {
        Form::lists(format!("a folder {name}"))
            .made("mkdir DIR/lists")
            .with("tls-crl", "DIR/lists")
    };
    let hashed = |name: &str| {
        folder(name)
            .made("cp inter.crl root.crl DIR/lists")
            .made("openssl rehash DIR/lists")
            .asked("openssl verify -crl_check -CApath DIR/lists -CAfile root.pem -untrusted inter.pem p256.pem")
    };
    let plain = |name: &str| {
        folder(name)
            .reported("every file in the folder DIR/lists is used here; OpenSSL finds none of them until `openssl rehash` is run")
            .unasked("OpenSSL finds nothing in a folder before `openssl rehash`")
    };
    vec![
        hashed("with hashed names"),
        hashed("with hashed names and a file that came later")
            .made("cp root.crl DIR/lists/late.crl")
            .reported("late.crl is ignored: the folder has names made by `openssl rehash`"),
        folder("with CAs as well, for both options")
            .made("cp inter.crl root.pem DIR/lists")
            .made("openssl rehash DIR/lists")
            .with("trusted-ca", "DIR/lists")
            .asked("openssl verify -crl_check -CApath DIR/lists -untrusted inter.pem p256.pem"),
        folder("with a link to a file elsewhere")
            .made("ln -s ../../inter.crl DIR/lists/inter.crl")
            .made("openssl rehash DIR/lists")
            .asked("openssl verify -crl_check -CApath DIR/lists -CAfile root.pem -untrusted inter.pem p256.pem"),
        plain("without hashed names").made("cp inter.crl root.crl DIR/lists"),
        plain("with DER").made("openssl crl -in inter.crl -outform DER -out DIR/lists/inter.crl"),
        plain("with PKCS#7").made("openssl crl2pkcs7 -in inter.crl -out DIR/lists/inter.p7b"),
        plain("with files that are no lists")
            .made("cp inter.crl ca.cnf root.pem DIR/lists")
            .reported("ignored: DIR/lists/ca.cnf holds no certificate revocation list")
            .reported("ignored: DIR/lists/root.pem holds a certificate instead of a certificate revocation list"),
    ]
}

const VERIFY: &str =
    "openssl verify -crl_check -CAfile root.pem -CRLfile FILE -untrusted inter.pem p256.pem";
