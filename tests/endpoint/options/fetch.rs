//! `tls-crl` = `fetch`: lists from the URLs in certificates.

#[cfg(not(feature = "crl-fetch"))]
#[test]
fn without_its_feature_the_word_is_refused_by_name() {
    let why = "`fetch` needs the feature `crl-fetch`, and this program was built without it; for a file with this name \
               write `./fetch`";
    for value in ["fetch", "current.crl,fetch", "fetch,current.crl"] {
        super::assert_refused(&[super::CA, ("tls-crl", value)], "tls-crl", why);
    }
}

#[test]
fn a_file_of_that_name_is_named_with_its_folder() {
    for value in ["./fetch", "fetch.crl", "Fetch"] {
        let builder = super::options(&[super::CA]).set("tls-crl", value);
        let options = builder.build().unwrap();
        assert!(!options.fetches_lists(), "{value}");
        assert!(options.tls_crl().is_some(), "{value}");
        let error = sip_tls::Endpoint::builder(options).build().unwrap_err();
        assert!(error.to_string().contains(value), "{error}");
    }
}

#[test]
fn a_path_of_code_is_never_the_word() {
    let file = sip_tls::options::Source::path("fetch");
    let options = super::options(&[super::CA]).tls_crl(file).build().unwrap();
    assert!(!options.fetches_lists());
    assert_eq!(options.tls_crl().unwrap().to_string(), "fetch");
}

#[cfg(feature = "crl-fetch")]
mod with_feature {
    use sip_tls::Endpoint;
    use sip_tls::options::TlsOptions;
    use sip_tls::report::Outcome;

    use crate::endpoint::in_memory::{FixedTime, VERSIONS, peer_server, shake};
    use crate::endpoint::options::{CA, CERTIFICATE, KEY, assert_applied, at_our_server};
    use crate::endpoint::settings::{builder, options};
    use crate::endpoint::test_pki::{HOST, TestPki};

    #[test]
    fn the_word_stands_alone_or_among_paths() {
        for (value, files) in [
            ("fetch", None),
            (" fetch ", None),
            ("fetch,", None),
            ("fetch,fetch", None),
            ("ca.crl,fetch", Some("ca.crl")),
            ("fetch, ca.crl", Some("ca.crl")),
            ("a.crl , fetch,b.crl", Some("a.crl ,b.crl")),
        ] {
            let options = TlsOptions::builder().set("tls-crl", value).build().unwrap();
            assert!(options.fetches_lists(), "{value}");
            let found = options.tls_crl().map(ToString::to_string);
            assert_eq!(found.as_deref(), files, "{value}");
            let rows = options.report().rows();
            let row = rows.iter().find(|row| row.option() == "tls-crl").unwrap();
            assert_eq!(
                (row.value(), row.outcome()),
                (Some(value.trim()), &Outcome::Applied)
            );
        }
    }

    #[test]
    fn absent_nothing_is_fetched() {
        for value in ["", "ca.crl"] {
            let options = TlsOptions::builder().set("tls-crl", value).build().unwrap();
            assert!(!options.fetches_lists(), "{value}");
        }
    }

    #[test]
    fn relative_paths_beside_the_word_are_placed() {
        let pki = TestPki::get();
        let folder = pki.path("root.pem").parent().unwrap().to_path_buf();
        let options = options(&[CA]).base_dir(folder);
        let options = options
            .set("tls-crl", "current.crl, fetch")
            .build()
            .unwrap();
        let endpoint = Endpoint::builder(options).build().unwrap();
        assert_eq!(endpoint.verifier().revocation_lists().count(), 1);
    }

    #[test]
    fn without_any_list_revocation_is_checked_all_the_same() {
        let settings = [
            CA,
            CERTIFICATE,
            KEY,
            ("tls-crl", "fetch"),
            ("tls-mutual", "1"),
        ];
        assert_applied(&settings, "tls-crl");
        for ends in at_our_server(&settings) {
            assert!(!ends.succeeded());
        }
        let without = [CA, CERTIFICATE, KEY, ("tls-mutual", "1")];
        assert!(at_our_server(&without).iter().all(|ends| ends.succeeded()));
    }

    #[test]
    fn with_a_good_list_of_a_file_nothing_has_to_be_fetched() {
        let folder = TestPki::get().path("root.pem");
        let options = options(&[CA]).base_dir(folder.parent().unwrap());
        let options = options.set("tls-crl", "fetch,current.crl").build().unwrap();
        let now = FixedTime(crate::endpoint::test_pki::NOW);
        let endpoint = Endpoint::builder(options).time_provider(std::sync::Arc::new(now));
        let client = endpoint.build().unwrap().client_config();
        for version in VERSIONS {
            let good = peer_server(&TestPki::get().good, &[version]);
            assert!(shake(&client, &good, HOST).succeeded());
            let revoked = peer_server(&TestPki::get().revoked, &[version]);
            assert!(!shake(&client, &revoked, HOST).succeeded());
        }
    }

    #[cfg(feature = "serde")]
    #[test]
    fn the_word_may_stand_in_a_list_of_paths() {
        let read = |text: &str| toml::from_str::<TlsOptions>(text).unwrap();
        let options = read("tls-crl = \"fetch\"");
        assert!(options.fetches_lists() && options.tls_crl().is_none());
        let options = read("tls-crl = [\"a, b.crl\", \"fetch\"]");
        assert!(options.fetches_lists());
        assert_eq!(options.tls_crl().unwrap().to_string(), "a, b.crl");
        let options = read("tls-crl = [\"fetch\"]");
        assert!(options.fetches_lists() && options.tls_crl().is_none());
        let options = read("tls-crl = [\"./fetch\"]");
        assert!(!options.fetches_lists() && options.tls_crl().is_some());
    }

    #[test]
    fn a_reload_may_bring_the_word_and_take_it_away() {
        let with = options(&[CA, ("tls-crl", "fetch")]).build().unwrap();
        let endpoint = builder(&[CA]).build().unwrap();
        let status = |endpoint: &Endpoint| {
            let client = endpoint.client_config();
            let server = peer_server(&TestPki::get().good, &VERSIONS);
            shake(&client, &server, HOST).succeeded()
        };
        assert!(status(&endpoint));
        endpoint.reload_with(with).unwrap();
        assert!(!status(&endpoint));
        endpoint
            .reload_with(options(&[CA]).build().unwrap())
            .unwrap();
        assert!(status(&endpoint));
    }
}
