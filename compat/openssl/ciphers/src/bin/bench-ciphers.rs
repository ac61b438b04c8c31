//! Prints how long a cipher string takes us and OpenSSL, side by side.

use compat_ciphers::{bench, live};

fn main() {
    println!("{}", live::version());
    println!(
        "{:24} {:>10} {:>10} {:>8}",
        "cipher list", "OpenSSL", "sip-tls", "times"
    );
    for row in bench::rows() {
        let micros = |time: std::time::Duration| format!("{:.1} us", time.as_secs_f64() * 1e6);
        let (openssl, ours) = (micros(row.openssl), micros(row.ours));
        println!(
            "{:24} {openssl:>10} {ours:>10} {:>8.1}",
            row.name,
            row.ratio()
        );
    }
}
