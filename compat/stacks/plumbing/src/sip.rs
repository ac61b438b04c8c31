//! As much of SIP as is needed to show that a connection works.

/// Returns the OPTIONS request of a client.
pub fn options(transport: &str) -> String {
    format!(
        "OPTIONS sip:localhost SIP/2.0\r\n\
         Via: SIP/2.0/{transport} plumbing.invalid;branch=z9hG4bKplumbing\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:client@localhost>;tag=client\r\n\
         To: <sip:localhost>\r\n\
         Call-ID: plumbing\r\n\
         CSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

/// Returns the answer to a request. `None` if the text is not a request.
pub fn answer(request: &str) -> Option<String> {
    let (line, headers) = request.split_once("\r\n")?;
    if !line.ends_with(" SIP/2.0") {
        return None;
    }
    let mut answer = "SIP/2.0 200 OK\r\n".to_owned();
    for header in headers.split("\r\n") {
        let name = header.split(':').next().unwrap_or_default();
        if ["Via", "From", "Call-ID", "CSeq"].contains(&name) {
            answer += &format!("{header}\r\n");
        } else if name == "To" {
            answer += &format!("{header};tag=server\r\n");
        }
    }
    Some(answer + "Content-Length: 0\r\n\r\n")
}
