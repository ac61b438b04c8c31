//! Values that name no file, and hints at what was probably meant.

use super::form::Form;
use super::trial;

#[test]
fn values_that_name_no_file_are_refused_with_what_was_meant() {
    let mut forms = Vec::new();
    for (value, words) in VALUES {
        for (option, form) in options(value) {
            forms.push(form.with(option, value).refused(words));
        }
    }
    trial::run("paths", forms);
}

#[test]
fn a_file_of_another_case_is_named() {
    let mut forms = Vec::new();
    for (option, form) in options("of another case") {
        let form = form
            .named("Office.PEM")
            .followed_by("root.pem")
            .with(option, "DIR/office.pem");
        forms.push(
            form.refused(
                "there is DIR/Office.PEM, whose name differs only in upper and lower case",
            ),
        );
    }
    // If the file system ignores case, the file is found.
    if cfg!(target_os = "linux") {
        trial::run("cases", forms);
    }
}

#[test]
fn folders_are_refused_where_a_file_is_meant_or_nothing_of_use_is_in_them() {
    let folder = |form: Form| form.made("mkdir DIR/folder");
    let mut forms = Vec::new();
    for (option, form) in options("a folder") {
        let words = match option {
            "trusted-ca" => "the folder DIR/folder holds no certificate",
            "tls-crl" => "the folder DIR/folder holds no certificate revocation list",
            _ => "DIR/folder is a directory",
        };
        forms.push(folder(form).with(option, "DIR/folder").refused(words));
    }
    forms.push(
        folder(Form::cas("a folder of nothing but keys"))
            .made("cp root.key DIR/folder")
            .with("trusted-ca", "DIR/folder")
            .refused("the folder DIR/folder holds no certificate"),
    );
    forms.push(
        folder(Form::lists("a folder of CAs with hashed names"))
            .made("cp root.pem DIR/folder")
            .made("openssl rehash DIR/folder")
            .with("tls-crl", "DIR/folder")
            .refused("holds no certificate revocation list with a name made by `openssl rehash`, and OpenSSL ignores other names"),
    );
    forms.push(
        Form::identity("p256", "the database of NSS")
            .made("certutil -N -d sql:DIR --empty-password")
            .with("certificate", "DIR")
            .refused("is a directory"),
    );
    trial::run("no-folders", forms);
}

fn options(name: &str) -> [(&'static str, Form); 4] {
    [
        ("certificate", Form::chain("p256", name)),
        ("certificate-key", Form::key("p256", name)),
        ("trusted-ca", Form::cas(name)),
        ("tls-crl", Form::lists(name)),
    ]
}

const VALUES: [(&str, &str); 14] = [
    (
        "PKI/none.pem",
        "cannot read PKI/none.pem: No such file or directory",
    ),
    (
        "file:///etc/ssl/ca.pem",
        "the value is a URL: write the path alone, `/etc/ssl/ca.pem`",
    ),
    (
        "file://localhost/etc/ca.pem",
        "the value is a URL: write the path alone, `/etc/ca.pem`",
    ),
    (
        "File:/etc/ca.pem",
        "the value is a URL: write the path alone, `/etc/ca.pem`",
    ),
    ("http://ca.example.com/ca.crl", DOWNLOAD),
    ("https://ca.example.com/ca.crl", DOWNLOAD),
    ("ldap://ca.example.com/cn=CA", DOWNLOAD),
    ("\"PKI/root.pem\"", QUOTES),
    ("'PKI/root.pem'", QUOTES),
    ("\u{201c}PKI/root.pem\u{201d}", QUOTES),
    (
        "~/ca.pem",
        "only a shell replaces `~` by a home folder: write the whole path",
    ),
    ("C:\\certs\\ca.pem", WINDOWS),
    ("c:/certs/ca.pem", WINDOWS),
    ("\\\\server\\share\\ca.pem", WINDOWS),
];
const DOWNLOAD: &str = "the value is a URL: download the file and name the path of the copy";
const QUOTES: &str = "the quotes count as part of the name: leave them out";
const WINDOWS: &str =
    "this is a Windows path: copy the file to this machine and write its path here";
