//! Files with one octet changed: a file that OpenSSL cannot read is not loaded.

use super::form::Form;
use super::pki::Pki;
use super::trial::Trial;
use crate::child;

#[test]
fn what_openssl_does_not_read_is_not_loaded() {
    if !child::is_found("openssl") {
        return;
    }
    let pki = Pki::get();
    std::thread::scope(|scope| {
        for form in forms() {
            let pki = &pki;
            scope.spawn(move || change_every_octet(pki, &form));
        }
    });
}

fn change_every_octet(pki: &Pki, form: &Form) {
    let trial = Trial::new(pki, form, &form.name.replace(' ', "-"));
    trial.make().unwrap();
    let file = trial.read();
    // After these octets, only certificates follow.
    for at in 0..file.len().min(MOST_OCTETS) {
        for change in [0x01, 0x20, 0x80] {
            let mut changed = file.clone();
            changed[at] ^= change;
            trial.write(&changed);
            if trial.is_loaded() {
                let asked = trial.ask();
                assert!(
                    asked.is_ok(),
                    "{}, {at} ^ {change:#x}: {asked:?}",
                    form.name
                );
            }
        }
    }
}

fn forms() -> [Form; 6] {
    let key = |name: &str, words: &str| {
        Form::key("p256", name).passphrase("secret").made(format!(
            "openssl pkcs8 -topk8 -in p256.key {words} -outform DER -passout pass:PASS -out FILE"
        ))
    };
    [
        key("PBES2", "-iter 1"),
        key("PBES1", "-iter 1 -v1 PBE-SHA1-3DES"),
        key("scrypt", "-scrypt_N 2 -scrypt_r 1 -scrypt_p 1"),
        Form::key("p256", "PKCS#8").made("openssl pkey -in p256.key -outform DER -out FILE"),
        Form::key("p256", "PKCS#12")
            .made("openssl pkcs12 -export -inkey p256.key -nocerts -keyex -name x -keypbe NONE -nomac -passout pass: -out FILE")
            .asked("openssl pkcs12 -in FILE -passin pass: -nodes -out DIR/asked"),
        Form::chain("p256", "PKCS#7")
            .made("openssl crl2pkcs7 -nocrl -certfile p256.pem -outform DER -out FILE")
            .asked("openssl pkcs7 -inform DER -in FILE -print_certs -out DIR/asked"),
    ]
}

const MOST_OCTETS: usize = 250;
