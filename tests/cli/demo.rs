use std::{env, fs};

use serde_json::json;

use super::program::run;

#[test]
fn every_step_goes_as_it_should_and_nothing_is_left_behind() {
    let run = run(["demo"]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{run:?}");
    assert_eq!(run.stdout.matches(": ok\n").count(), 6, "{run:?}");
    assert!(run.stdout.lines().count() <= 50, "one screen: {run:?}");
    let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "OPTIONS: 200 OK",
        "certificate revoked (23) at depth 0",
        "hostname mismatch (62) at depth 0",
        "TLS alert certificate_revoked (44)",
        "connected, TLSv1.2, ECDHE-ECDSA-AES256-GCM-SHA384",
    ] {
        assert!(text.contains(part), "{part} is not in {run:?}");
    }
    let folder = run
        .stdout
        .split_whitespace()
        .find(|word| word.contains("sip-tls-demo-"))
        .unwrap();
    assert!(
        folder.starts_with(env::temp_dir().to_str().unwrap()),
        "{folder}"
    );
    assert!(fs::metadata(folder.trim_end_matches(',')).is_err());
}

#[test]
fn json_holds_both_sides_of_every_step() {
    let run = run(["demo", "--json"]);
    assert_eq!(run.exit, 0);
    let played = run.json();
    let steps = played["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 6);
    assert!(steps.iter().all(|step| step["as_expected"] == true));
    assert_eq!(steps[0]["client"]["sip"]["status"], 200);
    assert_eq!(steps[0]["server"]["client"], "CN = phone-4021.demo.example");
    assert_eq!(
        steps[1]["client"]["openssl"],
        json!({"code": 23, "name": "X509_V_ERR_CERT_REVOKED"})
    );
}
