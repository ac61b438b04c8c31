//! Public types can be sent to and shared with other threads.

use sip_tls::options::{
    CipherList, Ciphersuites, FileList, NameCheck, OptionError, SecProtocol, TlsOptions,
    TlsOptionsBuilder, TrustedCa, ValueError,
};
use sip_tls::pki::{
    Credentials, FileError, Flaw, Origin, RevocationList, RevocationLists, Roots,
    TrustedCertificate, UnusedBlock,
};
use sip_tls::profile::{Connectivity, Profile, ProfileError, Server};
use sip_tls::report::{Outcome, Report, Row};
use sip_tls::verify::{
    ClientVerifier, Finding, Observer, ReferenceName, ServerVerifier, Verifier, VerifierBuilder,
    VerifierError, VerifyStatus,
};
use sip_tls::{ConnectError, Connection, Endpoint, EndpointBuilder, Error};
use tokio::net::TcpStream;

fn assert_all<T: Send + Sync + Unpin + 'static>() {}

#[test]
fn public_types_are_send_and_sync() {
    assert_all::<CipherList>();
    assert_all::<Ciphersuites>();
    assert_all::<ClientVerifier>();
    assert_all::<ConnectError>();
    assert_all::<Connection<TcpStream>>();
    assert_all::<Connectivity>();
    assert_all::<Credentials>();
    assert_all::<Endpoint>();
    assert_all::<EndpointBuilder>();
    assert_all::<Error>();
    assert_all::<FileError>();
    assert_all::<FileList>();
    assert_all::<Finding>();
    assert_all::<Flaw>();
    assert_all::<NameCheck>();
    assert_all::<Observer>();
    assert_all::<Origin>();
    assert_all::<OptionError>();
    assert_all::<Outcome>();
    assert_all::<Profile>();
    assert_all::<ProfileError>();
    assert_all::<ReferenceName>();
    assert_all::<Report>();
    assert_all::<RevocationList>();
    assert_all::<RevocationLists>();
    assert_all::<Roots>();
    assert_all::<Row>();
    assert_all::<SecProtocol>();
    assert_all::<Server>();
    assert_all::<ServerVerifier>();
    assert_all::<TlsOptions>();
    assert_all::<TlsOptionsBuilder>();
    assert_all::<TrustedCa>();
    assert_all::<TrustedCertificate>();
    assert_all::<UnusedBlock>();
    assert_all::<ValueError>();
    assert_all::<Verifier>();
    assert_all::<VerifierBuilder>();
    assert_all::<VerifierError>();
    assert_all::<VerifyStatus>();
}

fn assert_send<T: Send>(_: T) {}

/// A SIP stack makes its connections in tasks of their own.
#[test]
fn connections_can_be_made_in_any_task() {
    fn check(endpoint: &Endpoint, connectivity: &Connectivity, stream: TcpStream) {
        assert_send(endpoint.connect(connectivity));
        assert_send(endpoint.accept(stream));
    }
    let _ = check;
}
