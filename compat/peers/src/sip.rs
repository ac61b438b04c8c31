//! A SIP request for peers that send their input unchanged.

/// The OPTIONS request of a client.
pub(crate) const OPTIONS: &str = "\
OPTIONS sip:localhost SIP/2.0\r
Via: SIP/2.0/TLS 127.0.0.1:5061;branch=z9hG4bKpeers\r
Max-Forwards: 70\r
From: <sip:peer@localhost>;tag=peer\r
To: <sip:localhost>\r
Call-ID: peers@127.0.0.1\r
CSeq: 1 OPTIONS\r
Content-Length: 0\r
\r
";

/// The beginning of the answer.
pub(crate) const ANSWER: &str = "SIP/2.0 200 OK";
