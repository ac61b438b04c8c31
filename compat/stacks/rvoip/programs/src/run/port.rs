//! Ports for programs that do not tell which one they took.

use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

/// A port that nobody uses. It is below those of outgoing connections, of which any may be taken at any time.
pub(crate) fn free_port() -> Result<u16, String> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Runs that began together have ids that are close, and ports that are not.
    let start = (std::process::id().wrapping_mul(0x9e37_79b1) >> 18) as u16;
    for _ in 0..PORTS {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = FIRST_PORT + start.wrapping_add(number) % PORTS;
        let tcp = TcpListener::bind(("127.0.0.1", port));
        let udp = UdpSocket::bind(("127.0.0.1", port));
        if tcp.is_ok() && udp.is_ok() {
            return Ok(port);
        }
    }
    Err("there is no free port".to_owned())
}

const FIRST_PORT: u16 = 16_384;
const PORTS: u16 = 16_384;
