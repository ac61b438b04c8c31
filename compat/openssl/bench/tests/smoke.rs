//! Runs the bench with little of everything. It fails if a connection is not what a row says.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

#[test]
fn every_topic_works() {
    let mut bench = Bench::start();
    // The bench may have to build the program first.
    let end = Instant::now() + Duration::from_secs(900);
    loop {
        if let Some(status) = bench.0.try_wait().unwrap() {
            assert!(status.success(), "{status}");
            return;
        }
        assert!(Instant::now() < end, "the bench does not end");
        thread::sleep(Duration::from_millis(50));
    }
}

/// The process of the bench, which ends with its test.
struct Bench(Child);

impl Bench {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_compat-bench"));
        command
            .arg("--smoke")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Self(command.spawn().unwrap())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
