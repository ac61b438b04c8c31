//! Private keys with a passphrase.

use super::edit;
use super::form::Form;
use super::trial;

#[test]
fn encrypted_keys_load_with_their_passphrase_alone() {
    let mut forms = pbes2();
    forms.extend(pbes1());
    forms.extend(work());
    forms.extend(traditional());
    forms.extend(passphrases());
    forms.extend(other_tools());
    trial::run("encrypted-keys", forms);
}

#[test]
fn keys_in_other_ciphers_are_refused_with_the_command_that_converts() {
    let mut forms = Vec::new();
    for (words, name) in REFUSED {
        for outform in ["PEM", "DER"] {
            let command = format!("{TOPK8} {words} -outform {outform} {LEGACY}");
            forms.push(refused("p256", format!("{words} {outform}"), command, name));
        }
    }
    for (cipher, name) in REFUSED_TRADITIONAL {
        for of in ["rsa", "p256"] {
            let program = if of == "rsa" {
                "rsa -traditional"
            } else {
                "ec"
            };
            let command = format!(
                "openssl {program} -in {of}.key -{cipher} {LEGACY} -passout pass:PASS -out FILE"
            );
            forms.push(refused(of, format!("traditional {cipher}"), command, name));
        }
    }
    trial::run("other-ciphers", forms);
}

/// Every cipher with every digest, in PEM and DER.
fn pbes2() -> Vec<Form> {
    let mut forms = Vec::new();
    for cipher in ["aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "des3"] {
        for digest in ["SHA1", "SHA224", "SHA256", "SHA384", "SHA512"] {
            for (of, outform) in [
                ("rsa", "PEM"),
                ("rsa", "DER"),
                ("p256", "PEM"),
                ("p256", "DER"),
            ] {
                let form = secret(of, format!("PBES2 {cipher} {digest} {outform}")).made(format!(
                    "openssl pkcs8 -topk8 -in {of}.key -v2 {cipher} -v2prf hmacWith{digest} -outform {outform} -passout pass:PASS -out FILE"
                ));
                forms.push(match cipher {
                    "des3" => form.in_short_blocks(),
                    _ => form,
                });
            }
        }
        let form = secret("p256", format!("PBES2 {cipher} scrypt"))
            .made(format!("{TOPK8} -v2 {cipher} -scrypt_N 16"));
        forms.push(if cipher == "des3" {
            form.in_short_blocks()
        } else {
            form
        });
    }
    for of in ["p384", "p521", "ed25519"] {
        let command = format!("openssl pkcs8 -topk8 -in {of}.key -passout pass:PASS -out FILE");
        forms.push(secret(of, "PBES2 as OpenSSL does it by default").made(command));
    }
    forms
}

fn pbes1() -> Vec<Form> {
    let mut forms = Vec::new();
    for scheme in ["PBE-SHA1-3DES", "PBE-SHA1-2DES"] {
        for of in ["rsa", "p256"] {
            for outform in ["PEM", "DER"] {
                forms.push(
                    secret(of, format!("{scheme} {outform}"))
                        .in_short_blocks()
                        .made(format!(
                            "openssl pkcs8 -topk8 -in {of}.key -v1 {scheme} -outform {outform} -passout pass:PASS -out FILE"
                        )),
                );
            }
        }
    }
    forms
}

/// Key derivations with little work, with much work, and with more work than is allowed for a file.
fn work() -> Vec<Form> {
    let too_costly = "takes too much work to decrypt; the limit for a file is";
    let mut forms = vec![
        secret("p256", "one round").made(format!("{TOPK8} -iter 1")),
        secret("p256", "100,000 rounds")
            .costly()
            .made(format!("{TOPK8} -iter 100000")),
        secret("p256", "scrypt with small numbers")
            .made(format!("{TOPK8} -scrypt_N 2 -scrypt_r 1 -scrypt_p 1")),
        secret("p256", "scrypt with as much memory as OpenSSL gives it")
            .costly()
            .made(format!("{TOPK8} -scrypt")),
        rounds(" -v1 PBE-SHA1-3DES", &[i32::MAX as u32]).refused(too_costly),
        rounds("", &[i32::MAX as u32]).refused(too_costly),
        rounds("", &[u32::MAX >> 9 | 1 << 24]).refused(too_costly),
    ];
    // A gigabyte of memory, half a minute, and a little more memory than OpenSSL allows.
    let scrypt: [&'static [u32]; 3] = [&[1 << 20, 8, 1], &[1 << 14, 8, 64], &[1 << 15, 8, 1]];
    for numbers in scrypt {
        forms.push(rounds(" -scrypt_N 2 -scrypt_r 1 -scrypt_p 1", numbers).refused(too_costly));
    }
    forms
}

/// A key whose encryption claims this amount of work.
fn rounds(words: &str, numbers: &'static [u32]) -> Form {
    secret("p256", format!("{words} with {numbers:?}"))
        .made(format!("{TOPK8} -iter 1 -outform DER {words}"))
        .edited(edit::with_numbers(numbers))
}

/// Keys as `openssl rsa -traditional` and `openssl ec` write them.
fn traditional() -> Vec<Form> {
    let mut forms = Vec::new();
    for cipher in ["aes128", "aes192", "aes256", "des3"] {
        for (of, program) in [
            ("rsa", "rsa -traditional"),
            ("p256", "ec"),
            ("p384", "ec"),
            ("p521", "ec"),
        ] {
            let command = format!("openssl {program} -in {of}.key -{cipher} -passout pass:PASS");
            let made = |name: &str| {
                let form = secret(of, format!("traditional {cipher}{name}"));
                if cipher == "des3" {
                    form.in_short_blocks()
                } else {
                    form
                }
            };
            forms.push(made("").made(format!("{command} -out FILE")));
            if of != "rsa" && of != "p256" {
                continue;
            }
            forms.push(
                made(" with CRLF")
                    .made(format!("{command} -out FILE"))
                    .edited(edit::crlf),
            );
            forms.push(
                made(" below EC PARAMETERS")
                    .made("openssl ecparam -name prime256v1 -out FILE")
                    .made(format!("{command} -out DIR/key"))
                    .followed_by("DIR/key"),
            );
        }
    }
    forms
}

/// Passphrases with characters other than letters.
fn passphrases() -> Vec<Form> {
    let mut forms = Vec::new();
    for passphrase in [
        "two words",
        "pässwörd",
        "密码-пароль",
        "$P'\"\\`;#",
        &"long".repeat(200),
    ] {
        for (name, words) in [
            ("PBES2", "pkcs8 -topk8"),
            ("PBES1", "pkcs8 -topk8 -v1 PBE-SHA1-3DES"),
            ("traditional", "ec -aes256"),
        ] {
            let name = format!("{name} with the passphrase {:.12}", passphrase);
            let form = Form::key("p256", name).passphrase(passphrase);
            let form = form.made(format!(
                "openssl {words} -in p256.key -passout pass:PASS -out FILE"
            ));
            forms.push(if words.contains("3DES") {
                form.in_short_blocks()
            } else {
                form
            });
        }
    }
    forms.push(
        Form::key("p256", "PBES2 with an empty passphrase")
            .passphrase("")
            .made(TOPK8),
    );
    forms.push(
        Form::key("p256", "PBES2 without a passphrase, written by certtool")
            .passphrase("")
            .costly()
            .made("certtool --to-p8 --load-privkey p256.key --null-password --outfile FILE"),
    );
    forms
}

/// Encrypted keys written by GnuTLS, PuTTY and OpenSSH.
fn other_tools() -> Vec<Form> {
    let mut forms = Vec::new();
    for (cipher, words) in [
        ("3des", ""),
        ("3des-pkcs12", ""),
        ("aes-128", "--outder"),
        ("aes-192", ""),
        ("aes-256", ""),
    ] {
        forms.push(secret("p256", format!("certtool {cipher} {words}")).costly().made(format!(
            "certtool --to-p8 --load-privkey p256.key --password PASS --pkcs-cipher {cipher} {words} --outfile FILE"
        )));
    }
    for of in ["rsa", "p256", "p384", "p521"] {
        forms.push(
            secret(of, "written by puttygen")
                .in_short_blocks()
                .written("secret")
                .made("mv FILE DIR/passphrase")
                .made(format!(
                    "openssl pkey -in {of}.key -traditional -out DIR/key"
                ))
                .made("puttygen DIR/key -o DIR/ppk --new-passphrase DIR/passphrase")
                .made(
                    "puttygen DIR/ppk -O private-openssh -o FILE --old-passphrase DIR/passphrase",
                ),
        );
        for format in ["PEM", "PKCS8"] {
            forms.push(
                secret(of, format!("{format}, written by ssh-keygen"))
                    .made(format!("install -m 600 {of}.key FILE"))
                    .made(format!("ssh-keygen -q -p -m {format} -N PASS -f FILE")),
            );
        }
    }
    for (cipher, name) in [("rc2-40", "RC2-40"), ("arcfour", "RC4-128")] {
        let command = format!(
            "certtool --to-p8 --load-privkey rsa.key --password PASS --pkcs-cipher {cipher} --outfile FILE"
        );
        forms.push(refused("rsa", format!("certtool {cipher}"), command, name));
    }
    forms
}

/// A key that is refused. The command in the sentence gets both passphrases on its command line.
fn refused(of: &'static str, name: String, command: String, cipher: &str) -> Form {
    secret(of, name).made(command).converted(
        format!("{cipher}, which is not supported"),
        &[
            ("-in FILE", "-in FILE -passin pass:PASS"),
            ("-out NEWFILE", "-out NEWFILE -passout pass:PASS"),
        ],
    )
}

fn secret(of: &'static str, name: impl Into<String>) -> Form {
    Form::key(of, name).passphrase("secret")
}

/// Options for `openssl`, and the name of the encryption in the sentence.
const REFUSED: [(&str, &str); 20] = [
    ("-v1 PBE-MD5-DES", "DES and MD5 (PBES1)"),
    ("-v1 PBE-SHA1-DES", "DES and SHA-1 (PBES1)"),
    ("-v1 PBE-MD5-RC2-64", "RC2 and MD5 (PBES1)"),
    ("-v1 PBE-SHA1-RC2-64", "RC2 and SHA-1 (PBES1)"),
    ("-v1 PBE-SHA1-RC2-128", "RC2-128"),
    ("-v1 PBE-SHA1-RC2-40", "RC2-40"),
    ("-v1 PBE-SHA1-RC4-128", "RC4-128"),
    ("-v1 PBE-SHA1-RC4-40", "RC4-40"),
    ("-v2 des", "DES-CBC"),
    ("-v2 rc2", "RC2-CBC"),
    ("-v2 bf", "Blowfish-CBC"),
    ("-v2 cast5-cbc", "CAST5-CBC"),
    ("-v2 seed", "SEED-CBC"),
    ("-v2 camellia128", "Camellia-128-CBC"),
    ("-v2 camellia192", "Camellia-192-CBC"),
    ("-v2 camellia256", "Camellia-256-CBC"),
    ("-v2 aria128", "ARIA-128-CBC"),
    ("-v2 aria192", "ARIA-192-CBC"),
    ("-v2 aria256", "ARIA-256-CBC"),
    ("-v2 aes256 -v2prf hmacWithMD5", "HMAC-MD5"),
];
const REFUSED_TRADITIONAL: [(&str, &str); 9] = [
    ("des", "DES-CBC"),
    ("seed", "SEED-CBC"),
    ("bf", "BF-CBC"),
    ("camellia128", "CAMELLIA-128-CBC"),
    ("camellia192", "CAMELLIA-192-CBC"),
    ("camellia256", "CAMELLIA-256-CBC"),
    ("aria128", "ARIA-128-CBC"),
    ("aria192", "ARIA-192-CBC"),
    ("aria256", "ARIA-256-CBC"),
];
const TOPK8: &str = "openssl pkcs8 -topk8 -in p256.key -passout pass:PASS -out FILE";
const LEGACY: &str = "-provider default -provider legacy";
