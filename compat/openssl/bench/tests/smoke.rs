//! Runs the bench with little of everything. It fails if a connection is not what a row says.

use std::time::Duration;

#[path = "../../../../tests/child.rs"]
#[allow(dead_code, reason = "the tests of sip-tls use the rest")]
mod child;

#[test]
fn every_topic_works() {
    let mut bench = child::command(env!("CARGO_BIN_EXE_compat-bench"));
    // The bench may have to build the program first.
    let limit = Duration::from_secs(900);
    let output = child::output_within(limit, bench.arg("--smoke"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", output.status);
}
