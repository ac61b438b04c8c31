//! Resident memory of a loaded list, each figure in a process of its own.

use std::{env, fs, process::Command};

use compat_openssl::{build::Built, oracle::Store, ours, plan::Plan};

use crate::{
    lists,
    measure::{Figure, Row},
};

pub fn rows() -> Vec<Row> {
    let row = |count: usize| Row {
        name: format!("resident after loading {count} entries"),
        ours: Figure::Bytes(resident("ours", count)),
        openssl: Figure::Bytes(resident("openssl", count)),
    };
    [100_000, 1_000_000].into_iter().map(row).collect()
}

fn resident(side: &str, count: usize) -> u64 {
    let own = env::current_exe().expect("running");
    let output = Command::new(own)
        .args(["resident", side, &count.to_string()])
        .output()
        .expect("this program runs");
    let text = String::from_utf8(output.stdout).expect("a number");
    text.trim().parse().expect("a number")
}

/// Prints by how many bytes the process has grown: files loaded, one peer verified, what loading needed given back.
pub fn child(side: &str, count: usize) {
    let plain = Plan::new().build();
    let verify_plain = || {
        (
            ours::ask(&plain),
            Store::load(&plain).map(|s| s.ask(&plain)),
        )
    };
    verify_plain();
    // Making the list takes memory as well; another process does it, through files.
    let case = in_files(count);
    let before = rss();
    let kept = keep(side, &case);
    let after = rss();
    println!("{}", after.saturating_sub(before));
    drop(kept);
}

fn keep(side: &str, case: &Built) -> Box<dyn std::any::Any> {
    match side {
        "ours" => {
            let verifier = ours::verifier(case).expect("nothing is wrong with the files");
            assert!(ours::answer(&ours::verify(&verifier, case)).accepts());
            Box::new(verifier)
        }
        _ => {
            let store = Store::load(case).expect("nothing is wrong with the files");
            assert!(store.ask(case).accepts());
            Box::new(store)
        }
    }
}

fn in_files(count: usize) -> Built {
    let case = lists::good_with_list_of(count);
    trim();
    case
}

fn rss() -> u64 {
    trim();
    let text = fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages: u64 = text
        .split(' ')
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number of pages");
    pages * 4096
}

/// Gives freed memory back to the system, so that it does not hide what is allocated next.
fn trim() {
    // SAFETY: no arguments but a number.
    unsafe { malloc_trim(0) };
}

unsafe extern "C" {
    fn malloc_trim(pad: usize) -> std::os::raw::c_int;
}
