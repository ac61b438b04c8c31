//! `trusted-ca` = `system`: the CAs that the system trusts.

#[cfg(not(feature = "native-certs"))]
#[test]
fn without_its_feature_the_value_is_refused_by_name() {
    let why = "`system` needs the feature `native-certs`, and this program was built without it; for a file with this \
               name write `./system`";
    super::assert_refused(&[("trusted-ca", "system")], "trusted-ca", why);
}

#[test]
fn a_file_of_that_name_is_named_with_its_folder() {
    let attempt = super::Attempt::of(&[("trusted-ca", "./system")]);
    let error = attempt.error.expect("there is no such file");
    assert!(error.contains("./system"), "{error}");
}

#[cfg(feature = "native-certs")]
mod with_feature {
    use std::path::Path;

    use crate::child;
    use crate::endpoint::in_memory::{VERSIONS, peer_client, peer_server, shake};
    use crate::endpoint::options::chain;
    use crate::endpoint::settings::builder;
    use crate::endpoint::test_pki::{HOST, TestPki};

    /// The files that OpenSSL's environment variables name, and the expected results.
    struct Case {
        file: Option<&'static str>,
        folder: Option<&'static str>,
        expected: &'static [&'static str],
    }

    const CASES: &[Case] = &[
        Case {
            file: Some("root.pem"),
            folder: None,
            expected: &[
                "generation 1, certificates 2",
                "client true, server true",
                "generation 2, certificates 2",
                "client true, server true",
            ],
        },
        Case {
            file: Some("stranger.pem"),
            folder: None,
            expected: &[
                "generation 1, certificates 2",
                "client false, server false",
                "generation 2, certificates 2",
                "client false, server false",
            ],
        },
        Case {
            file: Some("root.pem"),
            folder: Some("missing"),
            expected: &[
                "generation 1, certificates 2",
                "warning: `trusted-ca`: ignored: cannot read the certificate store of the system: opening directory: No \
                 such file or directory (os error 2) at 'FOLDER/missing'",
                "client true, server true",
                "generation 2, certificates 2",
                "warning: `trusted-ca`: ignored: cannot read the certificate store of the system: opening directory: No \
                 such file or directory (os error 2) at 'FOLDER/missing'",
                "client true, server true",
            ],
        },
        Case {
            file: Some("good.key"),
            folder: None,
            expected: &[
                "error: `trusted-ca`: the certificate store of the system holds no certificate",
            ],
        },
        Case {
            file: Some("missing.pem"),
            folder: None,
            expected: &[
                "error: `trusted-ca`: the certificate store of the system holds no certificate",
                "warning: `trusted-ca`: ignored: cannot read the certificate store of the system: failed to read PEM from \
                 file: No such file or directory (os error 2) at 'FOLDER/missing.pem'",
            ],
        },
    ];

    /// The variables apply to a whole process, so each case runs in its own process.
    #[test]
    fn the_environment_of_openssl_decides_whom_an_endpoint_believes() {
        let folder = TestPki::get().path("root.pem");
        let folder = folder.parent().unwrap();
        for case in CASES {
            let printed = in_environment(folder, case);
            let path = folder.display().to_string();
            let expected: Vec<_> = case
                .expected
                .iter()
                .map(|line| line.replace("FOLDER", &path))
                .collect();
            assert_eq!(printed, expected);
        }
    }

    fn in_environment(folder: &Path, case: &Case) -> Vec<String> {
        let mut program = child::command(std::env::current_exe().unwrap());
        program
            .args(["--exact", CHILD, "--ignored", "--nocapture"])
            .env_remove("SSL_CERT_FILE")
            .env_remove("SSL_CERT_DIR");
        for (variable, name) in [("SSL_CERT_FILE", case.file), ("SSL_CERT_DIR", case.folder)] {
            program.envs(name.map(|name| (variable, folder.join(name))));
        }
        let output = child::output(&mut program);
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let lines = text.lines().filter_map(|line| line.split_once(MARK));
        lines.map(|(_, said)| said.to_owned()).collect()
    }

    #[test]
    #[ignore = "run by its parent, in an environment of its own"]
    fn child() {
        let own = [
            ("certificate", "good.pem"),
            ("certificate-key", "good.key"),
            ("tls-mutual", "1"),
        ];
        let settings = [&own[..], &[("trusted-ca", "system")]].concat();
        let (report, endpoint) = builder(&settings).build_with_report();
        let warn = |report: &sip_tls::report::Report| {
            for warning in report.warnings() {
                say(&format!("warning: {warning}"));
            }
        };
        let endpoint = match endpoint {
            Ok(endpoint) => endpoint,
            Err(error) => {
                say(&format!("error: {}", chain(&error)));
                return warn(&report);
            }
        };
        let alone = builder(&[("trusted-ca", "system")]).build().unwrap();
        assert_eq!(alone.next_expiry(), None, "the system renews its own");
        for _ in 0..2 {
            say(&format!(
                "generation {}, certificates {}",
                endpoint.generation(),
                endpoint.report().certificates().len(),
            ));
            warn(&endpoint.report());
            let good = &TestPki::get().good;
            let all = |succeeds: &dyn Fn(_) -> bool| {
                let results = VERSIONS.map(succeeds);
                assert_eq!(results[0], results[1]);
                results[0]
            };
            let (client, server) = (endpoint.client_config(), endpoint.server_config().unwrap());
            let client =
                all(&|version| shake(&client, &peer_server(good, &[version]), HOST).succeeded());
            let server = all(&|version| {
                shake(&peer_client(Some(good), &[version]), &server, HOST).succeeded()
            });
            say(&format!("client {client}, server {server}"));
            endpoint.reload().unwrap();
        }
    }

    /// Marks a line, because the test harness also prints lines.
    fn say(text: &str) {
        println!("{MARK}{text}");
    }

    const CHILD: &str = "endpoint::options::system::with_feature::child";
    const MARK: &str = "said: ";
}
