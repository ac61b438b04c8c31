//! The ClientHello of a client.

use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::server::Acceptor;
use rustls::{ClientConfig, ClientConnection};

/// The parts of a ClientHello that tests look at.
pub(crate) struct Hello {
    pub(crate) sni: Option<String>,
    /// The numbers of the suites, in the client's order.
    pub(crate) suites: Vec<u16>,
    /// The numbers of the groups, in the client's order.
    pub(crate) groups: Vec<u16>,
}

impl Hello {
    pub(crate) fn of(config: &Arc<ClientConfig>, name: ServerName<'static>) -> Self {
        let mut client = ClientConnection::new(config.clone(), name).unwrap();
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        let mut acceptor = Acceptor::default();
        acceptor.read_tls(&mut &bytes[..]).unwrap();
        let accepted = acceptor.accept().unwrap().expect("a whole ClientHello");
        let hello = accepted.client_hello();
        Self {
            sni: hello.server_name().map(str::to_owned),
            groups: (hello.named_groups().unwrap_or_default().iter())
                .map(|group| (*group).into())
                .collect(),
            suites: hello.cipher_suites().iter().map(|s| (*s).into()).collect(),
        }
    }
}
