//! The machine and the programs with which the figures were measured.

use std::fs;
use std::process::Command;

/// What a reader needs to know of the machine and the programs.
pub fn facts() -> Vec<(&'static str, String)> {
    vec![
        ("CPU", cpu("model name")),
        ("flags that matter", flags()),
        ("kernel", kernel()),
        ("rustc", first_line("rustc", &["--version"])),
        ("OpenSSL", openssl::version::version().to_owned()),
        ("date", first_line("date", &["-u", "+%Y-%m-%d"])),
    ]
}

/// The major and minor version of the OpenSSL that is linked in.
pub fn openssl_version() -> String {
    let number = openssl::version::number();
    format!("{}.{}", number >> 28, number >> 20 & 0xff)
}

/// Whether this CPU has what OpenSSL's fastest code for RSA and ChaCha20 needs.
pub fn has_avx512() -> bool {
    flags().contains("avx512ifma")
}

fn flags() -> String {
    let all = cpu("flags");
    let matter = |flag: &&str| {
        flag.starts_with("avx")
            || ["adx", "aes", "bmi2", "sha_ni", "vaes", "vpclmulqdq"].contains(flag)
    };
    all.split(' ').filter(matter).collect::<Vec<_>>().join(" ")
}

fn cpu(field: &str) -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field));
    let value = line.and_then(|line| line.split_once(": "));
    value.map_or_else(|| "unknown".to_owned(), |(_, value)| value.to_owned())
}

/// The version, without what was added for one machine or distribution.
fn kernel() -> String {
    let release = first_line("uname", &["-sr"]);
    release.split('-').next().unwrap_or_default().to_owned()
}

fn first_line(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let line = text
        .ok()
        .and_then(|text| Some(text.lines().next()?.to_owned()));
    line.unwrap_or_else(|| "unknown".to_owned())
}
