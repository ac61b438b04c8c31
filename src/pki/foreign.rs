//! Formats that are recognised by their content, but not read.
//!
//! A file of the wrong kind is a frequent mistake, and "not PEM" is a poor answer to it. The error
//! names what the file is, and the command that converts it. Nothing is converted here.

/// A format that no option accepts.
pub(super) struct Foreign {
    /// The name of the format, with an article where it needs one.
    pub(super) name: &'static str,
    /// What can be done about it.
    pub(super) remedy: &'static str,
    is: fn(&[u8]) -> bool,
}

impl Foreign {
    /// Recognises the content of a whole file.
    pub(super) fn of(content: &[u8]) -> Option<&'static Self> {
        FORMATS.iter().find(|format| (format.is)(content))
    }
}

/// Returns what can be done about a PEM block with this label, which no option accepts.
pub(super) fn of_label(label: &str) -> Option<&'static str> {
    Some(match label {
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => REQUEST,
        "PUBLIC KEY" | "RSA PUBLIC KEY" => OTHER_FILE,
        "CRL" => "the label of a revocation list must be `X509 CRL`",
        "OPENSSH PRIVATE KEY" => OPENSSH,
        "PKCS12" => "`sed '/-----/d' FILE | base64 -d >NEWFILE` converts it to DER",
        _ => return None,
    })
}

/// A certificate request in DER.
pub(super) const CERTIFICATE_REQUEST: Foreign = Foreign {
    name: "a certificate request",
    remedy: REQUEST,
    is: |_| false,
};

/// A public key in DER.
pub(super) const PUBLIC_KEY: Foreign = Foreign {
    name: "a public key",
    remedy: OTHER_FILE,
    is: |_| false,
};

const FORMATS: &[Foreign] = &[
    Foreign {
        name: "UTF-16 text",
        remedy: "`iconv -f UTF-16 -t ASCII FILE >NEWFILE` converts it to ASCII",
        is: is_utf_16,
    },
    Foreign {
        name: "a Java keystore (JKS)",
        remedy: "`keytool -importkeystore -srckeystore FILE -destkeystore NEWFILE -deststoretype PKCS12` converts it to PKCS#12",
        is: |content| content.starts_with(b"\xfe\xed\xfe\xed"),
    },
    Foreign {
        name: "a Java keystore (JCEKS)",
        remedy: "`keytool -importkeystore -srckeystore FILE -srcstoretype JCEKS -destkeystore NEWFILE -deststoretype PKCS12` converts it to PKCS#12",
        is: |content| content.starts_with(b"\xce\xce\xce\xce"),
    },
    Foreign {
        name: "a PuTTY private key",
        remedy: "`puttygen FILE -O private-openssh -o NEWFILE && ssh-keygen -p -m PKCS8 -f NEWFILE` converts it to PKCS#8, unless it is an Ed25519 key, which neither program exports",
        is: |content| content.starts_with(b"PuTTY-User-Key-File-"),
    },
    Foreign {
        name: "an OpenSSH public key",
        remedy: OTHER_FILE,
        is: |content| {
            [&b"ssh-"[..], b"ecdsa-sha2-", b"sk-ssh-"]
                .iter()
                .any(|start| content.starts_with(start))
        },
    },
    Foreign {
        name: "an SSH2 public key (RFC 4716)",
        remedy: OTHER_FILE,
        is: |content| content.starts_with(b"---- BEGIN SSH2 PUBLIC KEY ----"),
    },
    Foreign {
        name: "a Microsoft private key (PVK)",
        remedy: "`openssl rsa -provider default -provider legacy -inform PVK -in FILE -out NEWFILE` converts it to PEM",
        is: |content| content.starts_with(b"\x1e\xf1\xb5\xb0"),
    },
    Foreign {
        name: "a Microsoft private key (PRIVATEKEYBLOB)",
        remedy: "`openssl rsa -inform MSBLOB -in FILE -out NEWFILE` converts it to PEM",
        is: |content| content.starts_with(b"\x07\x02\0\0"),
    },
    Foreign {
        name: "a Microsoft public key (PUBLICKEYBLOB)",
        remedy: OTHER_FILE,
        is: |content| content.starts_with(b"\x06\x02\0\0"),
    },
    Foreign {
        name: "an HTML page",
        remedy: "the download failed: open the file in a browser to see what the server said",
        is: |content| {
            let start = &content[..content.len().min(16)].to_ascii_lowercase();
            start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
        },
    },
    Foreign {
        name: "XML",
        remedy: "name the files that hold certificates, keys or lists",
        is: |content| content.starts_with(b"<?xml"),
    },
    Foreign {
        name: "base64 text without BEGIN and END lines",
        remedy: "`base64 -di FILE >NEWFILE` converts it to DER",
        is: is_bare_base64,
    },
];

fn is_utf_16(text: &[u8]) -> bool {
    text.starts_with(b"\xff\xfe")
        || text.starts_with(b"\xfe\xff")
        || contains(text, b"-\0-\0-\0-\0-\0B\0")
}

/// Whether a text is the base64 text of a SEQUENCE.
fn is_bare_base64(text: &[u8]) -> bool {
    let is_space = |b: &u8| b.is_ascii_whitespace();
    let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
    text.len() > 60 && text.starts_with(b"M") && text.iter().all(|b| is_base64(b) || is_space(b))
}

pub(super) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

const REQUEST: &str = "send it to a CA, and name the certificate that the CA issues";
const OTHER_FILE: &str = "name the file that holds the private key or the certificate";
const OPENSSH: &str = "`ssh-keygen -p -m PKCS8 -f COPY` converts a copy of it to PKCS#8, in the same file, unless it is an Ed25519 key, which the program does not export";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_recognised_by_their_content() {
        for (content, name) in [
            (&b"\xff\xfe-\0"[..], "UTF-16 text"),
            (b"\xfe\xff\0-", "UTF-16 text"),
            (b"-\0-\0-\0-\0-\0B\0E\0G\0I\0N\0", "UTF-16 text"),
            (b"\xfe\xed\xfe\xed\0\0\0\x02", "a Java keystore (JKS)"),
            (b"\xce\xce\xce\xce\0\0\0\x02", "a Java keystore (JCEKS)"),
            (b"PuTTY-User-Key-File-3: ssh-rsa", "a PuTTY private key"),
            (b"ssh-ed25519 AAAA", "an OpenSSH public key"),
            (b"ecdsa-sha2-nistp256 AAAA", "an OpenSSH public key"),
            (b"sk-ssh-ed25519@openssh.com AAAA", "an OpenSSH public key"),
            (
                b"---- BEGIN SSH2 PUBLIC KEY ----",
                "an SSH2 public key (RFC 4716)",
            ),
            (b"\x1e\xf1\xb5\xb0\0", "a Microsoft private key (PVK)"),
            (
                b"\x07\x02\0\0\0\xa4\0\0RSA2",
                "a Microsoft private key (PRIVATEKEYBLOB)",
            ),
            (
                b"\x06\x02\0\0\0\xa4\0\0RSA1",
                "a Microsoft public key (PUBLICKEYBLOB)",
            ),
            (b"<!DOCTYPE HTML>\n<title>404", "an HTML page"),
            (b"<HTML><body>", "an HTML page"),
            (b"<?xml version=\"1.0\"?>", "XML"),
            (&[b'M'; 100], "base64 text without BEGIN and END lines"),
            (&[b'M'; 61], "base64 text without BEGIN and END lines"),
            (
                &b"MIIB+/09azAZ \r\n".repeat(5),
                "base64 text without BEGIN and END lines",
            ),
        ] {
            assert_eq!(Foreign::of(content).map(|foreign| foreign.name), Some(name));
        }
        for content in [
            &b""[..],
            b"hello",
            b"\x30\x82",
            &[b'A'; 100],
            b"MII",
            &[b'M'; 60],
            &b"Mr. Example has the certificates. ".repeat(5),
        ] {
            assert!(Foreign::of(content).is_none());
        }
    }

    #[test]
    fn blocks_of_no_use_are_known_by_their_labels() {
        for (label, remedy) in [
            ("CERTIFICATE REQUEST", Some("send it to a CA")),
            ("NEW CERTIFICATE REQUEST", Some("send it to a CA")),
            (
                "PUBLIC KEY",
                Some("name the file that holds the private key"),
            ),
            (
                "RSA PUBLIC KEY",
                Some("name the file that holds the private key"),
            ),
            (
                "CRL",
                Some("the label of a revocation list must be `X509 CRL`"),
            ),
            (
                "OPENSSH PRIVATE KEY",
                Some("`ssh-keygen -p -m PKCS8 -f COPY`"),
            ),
            ("PKCS12", Some("`sed '/-----/d' FILE | base64 -d >NEWFILE`")),
            ("DSA PRIVATE KEY", None),
            ("CERTIFICATE", None),
        ] {
            let found = of_label(label);
            assert_eq!(found.is_some(), remedy.is_some(), "{label}");
            assert!(
                found
                    .unwrap_or_default()
                    .starts_with(remedy.unwrap_or_default())
            );
        }
    }
}
