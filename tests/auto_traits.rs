//! Tests that public types can be sent to other threads and shared with them.

use sip_tls::check::{self, Checked};
use sip_tls::options::{
    CipherList, Ciphersuites, FileList, NameCheck, OptionError, SecProtocol, Source, Sources,
    TlsOptions, TlsOptionsBuilder, TrustedCa, ValueError,
};
use sip_tls::pki::{
    Credentials, DecryptionError, FileError, Flaw, Opener, Origin, PassphraseRequest, Passphrases,
    PathHint, Remark, RemarkKind, RevocationList, RevocationLists, Roots, TrustedCertificate,
};
use sip_tls::profile::{
    Connectivity, ConnectivityError, Profile, ProfileError, Server, UnusableConnectivity,
};
use sip_tls::report::{Offered, Outcome, Report, Row};
use sip_tls::verify::{
    ClientVerifier, ConnectionInfo, Explanation, Finding, Observation, Observer, PathCheck,
    PathStep, ReferenceName, ServerVerifier, Verifier, VerifierBuilder, VerifierError,
    VerifyStatus,
};
use sip_tls::{
    Alias, Aliases, ConnectError, Connection, Counters, Danger, DirectionCounters, Endpoint,
    EndpointBuilder, Endpoints, Error, Expiry, NextHop, Resolver, ServeError, ServingCounters,
    Stopping, Tap, Target, TargetFailure, Timing,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};

fn assert_all<T: Send + Sync + Unpin + 'static>() {}

#[test]
fn public_types_are_send_and_sync() {
    assert_all::<Alias<TcpStream>>();
    assert_all::<Aliases<TcpStream>>();
    assert_all::<Checked>();
    assert_all::<check::Finding>();
    assert_all::<CipherList>();
    assert_all::<Ciphersuites>();
    assert_all::<ClientVerifier>();
    assert_all::<ConnectError>();
    assert_all::<Connection<TcpStream>>();
    assert_all::<ConnectionInfo>();
    assert_all::<Connectivity>();
    assert_all::<ConnectivityError>();
    assert_all::<Counters>();
    assert_all::<Credentials>();
    assert_all::<Danger>();
    assert_all::<DirectionCounters>();
    assert_all::<Endpoint>();
    assert_all::<EndpointBuilder>();
    assert_all::<Endpoints>();
    assert_all::<Error>();
    assert_all::<Expiry>();
    assert_all::<Explanation>();
    assert_all::<FileError>();
    assert_all::<FileList>();
    assert_all::<Source>();
    assert_all::<Sources>();
    assert_all::<Finding>();
    assert_all::<Flaw>();
    assert_all::<NameCheck>();
    assert_all::<Observation<'static>>();
    assert_all::<Observer>();
    assert_all::<NextHop>();
    assert_all::<Origin>();
    assert_all::<Offered>();
    assert_all::<OptionError>();
    assert_all::<Outcome>();
    assert_all::<PathCheck>();
    assert_all::<PathStep>();
    assert_all::<Profile>();
    assert_all::<ProfileError>();
    assert_all::<ReferenceName>();
    assert_all::<Report>();
    assert_all::<RevocationList>();
    assert_all::<RevocationLists>();
    assert_all::<Roots>();
    assert_all::<Row>();
    assert_all::<SecProtocol>();
    assert_all::<ServeError>();
    assert_all::<Server>();
    assert_all::<ServerVerifier>();
    assert_all::<ServingCounters>();
    assert_all::<Stopping>();
    assert_all::<Tap<TcpStream>>();
    assert_all::<Target>();
    assert_all::<TargetFailure>();
    assert_all::<TlsOptions>();
    assert_all::<TlsOptionsBuilder>();
    assert_all::<TrustedCa>();
    assert_all::<TrustedCertificate>();
    assert_all::<Remark>();
    assert_all::<RemarkKind>();
    assert_all::<Passphrases>();
    assert_all::<Opener>();
    assert_all::<PassphraseRequest<'_>>();
    assert_all::<PathHint>();
    assert_all::<DecryptionError>();
    assert_all::<Timing>();
    assert_all::<UnusableConnectivity>();
    assert_all::<ValueError>();
    assert_all::<Verifier>();
    assert_all::<VerifierBuilder>();
    assert_all::<VerifierError>();
    assert_all::<VerifyStatus>();
    #[cfg(feature = "crl-fetch")]
    {
        use sip_tls::{CachedList, CachedLists, CrlFetch, FetchError, FetchLimits, FetchProgress};
        assert_all::<CachedList>();
        assert_all::<CachedLists>();
        assert_all::<CrlFetch>();
        assert_all::<FetchError>();
        assert_all::<FetchLimits>();
        assert_all::<FetchProgress<'static>>();
        assert_all::<sip_tls::ListError>();
        assert_all::<sip_tls::ListFailure>();
        assert_all::<sip_tls::verify::ListFault>();
        assert_all::<sip_tls::verify::WantedList>();
    }
    #[cfg(feature = "srv")]
    assert_all::<sip_tls::SrvResolver>();
    #[cfg(feature = "watch")]
    assert_all::<sip_tls::Watcher>();
    assert_all::<std::sync::Arc<dyn Resolver>>();
}

fn assert_task<T: Send + 'static>(_: T) {}

fn assert_static<T: 'static>(_: T) {}

/// A SIP stack makes each connection in its own task, and may drop the endpoint at any time.
#[test]
fn connections_can_be_made_in_any_task() {
    fn check(
        endpoint: &Endpoint,
        connectivity: &Connectivity,
        stream: fn() -> TcpStream,
        listener: fn() -> TcpListener,
    ) {
        assert_task(endpoint.accept(stream()));
        assert_task(endpoint.serve(listener(), |_, _| async {}));
        assert_task(Endpoints::from(endpoint.clone()).accept(stream()));
        assert_task(endpoint.connect(connectivity));
        assert_task(endpoint.connect_domain("host", NextHop::Resolve));
        assert_task(endpoint.connect_domain("host", connectivity.server()));
        assert_task(endpoint.connect_stream("host", stream()));
        assert_task(endpoint.connect_tcp(connectivity.server(), None));
        assert_task(endpoint.connect_to(connectivity.server(), None));
        let (reloading, other) = (endpoint.clone(), endpoint.clone());
        assert_task(async move { reloading.reload_async().await });
        assert_task(async move { other.reload_with_async(TlsOptions::default()).await });
    }
    let _ = check;
}

/// The futures over a stream of the caller are `Send` and `'static` if the stream is.
#[test]
fn connections_can_be_made_over_any_stream() {
    fn check<IO: AsyncRead + AsyncWrite + Unpin + 'static>(endpoint: &Endpoint, io: fn() -> IO) {
        assert_static(endpoint.accept(io()));
        assert_static(endpoint.connect_stream("host", io()));
    }
    fn check_send<IO: AsyncRead + AsyncWrite + Send + Unpin + 'static>(
        endpoint: &Endpoint,
        io: fn() -> IO,
    ) {
        assert_task(endpoint.accept(io()));
        assert_task(endpoint.connect_stream("host", io()));
    }
    let _ = (check::<TcpStream>, check_send::<TcpStream>);
}
