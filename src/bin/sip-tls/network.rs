//! Networks on the command line.
//!
//! `--crl-allow` and `--proxies` take networks in the same notation.

use std::net::IpAddr;

use ipnet::IpNet;

/// Parses a network. An address is a network of its own.
pub(crate) fn network(text: &str) -> Result<IpNet, String> {
    let address = |_| text.parse::<IpAddr>().map(IpNet::from);
    let network = text.parse().or_else(address);
    network.map_err(|_| "it must be an address or a network, such as 192.0.2.0/24".to_owned())
}
