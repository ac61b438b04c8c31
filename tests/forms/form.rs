//! A form of a file: how it is made, and what is expected of it.

use super::edit::Edit;

/// A file, or several files, in one of the forms that administrators use.
///
/// In commands and values, `FILE` is the file that is made, `DIR` its folder, and `PASS` the passphrase. In values,
/// `PKI/` is the folder of the PKI, in which commands are run.
pub(super) struct Form {
    pub(super) name: String,
    pub(super) file: &'static str,
    pub(super) steps: Vec<Step>,
    pub(super) settings: Vec<(&'static str, String)>,
    pub(super) passphrase: Option<String>,
    /// The block length of the encryption; `None` if damage cannot be detected, because there is no MAC.
    pub(super) block_len: Option<usize>,
    pub(super) is_costly: bool,
    pub(super) oracle: Oracle,
    pub(super) version: &'static str,
    /// The file with the CAs that `s_client` trusts.
    pub(super) peer_cas: &'static str,
    /// Words that the report must contain.
    pub(super) remarks: Vec<String>,
    pub(super) expected: Expected,
}

/// A step in which a file is made.
pub(super) enum Step {
    /// Runs a program with its arguments.
    Run(String),
    /// Appends the content of another file.
    Append(String),
    /// Changes the content of `FILE`, which is empty if there is no file yet.
    Edit(Box<Edit>),
}

/// How OpenSSL is asked whether it can read the file.
pub(super) enum Oracle {
    /// Runs this command, which must succeed.
    Command(String),
    /// No way to ask OpenSSL is set, which is an error.
    Forgotten,
    /// OpenSSL cannot be asked, or refuses the file. This is the reason why that does not matter.
    Silent(&'static str),
}

pub(super) enum Expected {
    /// Our server sends these certificates of the PKI.
    Chain(Vec<&'static str>),
    /// Our client accepts the good server.
    Trust,
    /// Our client accepts the good server, and refuses the one with a revoked certificate.
    Revocation,
    /// The form is refused by a sentence with these words.
    Refused {
        words: Vec<String>,
        cure: Option<Cure>,
    },
}

/// A command that the sentence of a refusal contains, and the words that a person would add to it.
pub(super) struct Cure {
    pub(super) typed: Vec<(&'static str, &'static str)>,
    /// What is expected of the converted file.
    pub(super) then: Box<Expected>,
}

impl Form {
    fn new(name: impl Into<String>, settings: &[(&'static str, &str)], expected: Expected) -> Self {
        Self {
            name: name.into(),
            file: "form",
            steps: Vec::new(),
            settings: settings
                .iter()
                .map(|(option, value)| (*option, (*value).to_owned()))
                .collect(),
            passphrase: None,
            block_len: Some(16),
            is_costly: false,
            oracle: Oracle::Forgotten,
            version: "-tls1_3",
            peer_cas: "root.pem",
            remarks: Vec::new(),
            expected,
        }
    }

    /// The private key of a certificate, in a separate file.
    pub(super) fn key(of: &'static str, name: impl Into<String>) -> Self {
        let chain = format!("PKI/{of}.chain.pem");
        let settings = [
            ("certificate", chain.as_str()),
            ("certificate-key", "FILE"),
            ROOT,
        ];
        let name = format!("key of {of}, {}", name.into());
        Self::new(name, &settings, Expected::Chain(vec![of, "inter"]))
            .asked("openssl pkey -in FILE -passin pass:PASS -noout")
    }

    /// A certificate with its chain and its key in one file.
    pub(super) fn identity(of: &'static str, name: impl Into<String>) -> Self {
        let name = format!("identity of {of}, {}", name.into());
        let settings = [("certificate", "FILE"), ROOT];
        Self::new(name, &settings, Expected::Chain(vec![of, "inter"]))
    }

    /// The certificates of a chain; the key is in another file.
    pub(super) fn chain(of: &'static str, name: impl Into<String>) -> Self {
        let key = format!("PKI/{of}.key");
        let name = format!("chain of {of}, {}", name.into());
        let settings = [
            ("certificate", "FILE"),
            ("certificate-key", key.as_str()),
            ROOT,
        ];
        Self::new(name, &settings, Expected::Chain(vec![of, "inter"]))
    }

    /// Trusted CAs.
    pub(super) fn cas(name: impl Into<String>) -> Self {
        let name = format!("CAs, {}", name.into());
        Self::new(name, &[("trusted-ca", "FILE")], Expected::Trust)
    }

    /// Revocation lists.
    pub(super) fn lists(name: impl Into<String>) -> Self {
        let name = format!("lists, {}", name.into());
        Self::new(name, &[ROOT, ("tls-crl", "FILE")], Expected::Revocation)
    }

    /// Gives the file a name. The name must not change how the file is read.
    pub(super) fn named(mut self, file: &'static str) -> Self {
        self.file = file;
        self
    }

    /// Adds a command that makes the file.
    pub(super) fn made(mut self, command: impl Into<String>) -> Self {
        self.steps.push(Step::Run(command.into()));
        self
    }

    /// Adds the content of another file at the end.
    pub(super) fn followed_by(mut self, file: impl Into<String>) -> Self {
        self.steps.push(Step::Append(file.into()));
        self
    }

    /// Adds a change of the file.
    pub(super) fn edited(
        mut self,
        edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        self.steps.push(Step::Edit(Box::new(edit)));
        self
    }

    /// Writes the file.
    pub(super) fn written(self, content: impl Into<Vec<u8>>) -> Self {
        let content = content.into();
        self.edited(move |_| content.clone())
    }

    pub(super) fn passphrase(mut self, passphrase: impl Into<String>) -> Self {
        self.passphrase = Some(passphrase.into());
        self
    }

    /// Marks the form as encrypted with DES or RC2 instead of AES.
    pub(super) fn in_short_blocks(mut self) -> Self {
        self.block_len = Some(8);
        self
    }

    /// Marks the form as taking a second or more in a debug build. Other passphrases are then not tried.
    pub(super) fn costly(mut self) -> Self {
        self.is_costly = true;
        self
    }

    pub(super) fn without_mac(mut self) -> Self {
        self.block_len = None;
        self
    }

    /// Sets an option, or replaces its value.
    pub(super) fn with(mut self, option: &'static str, value: &str) -> Self {
        self.settings.retain(|(other, _)| *other != option);
        self.settings.push((option, value.to_owned()));
        self
    }

    pub(super) fn asked(mut self, command: impl Into<String>) -> Self {
        self.oracle = Oracle::Command(command.into());
        self
    }

    pub(super) fn unasked(mut self, reason: &'static str) -> Self {
        self.oracle = Oracle::Silent(reason);
        self
    }

    /// Makes the handshake in TLS 1.2.
    pub(super) fn in_tls12(mut self) -> Self {
        self.version = "-tls1_2";
        self
    }

    pub(super) fn sends(mut self, chain: &[&'static str]) -> Self {
        self.expected = Expected::Chain(chain.to_vec());
        self
    }

    /// Makes the handshake with a peer that trusts these CAs.
    pub(super) fn trusted_by(mut self, cas: &'static str) -> Self {
        self.peer_cas = cas;
        self
    }

    /// Expects a warning in the report.
    pub(super) fn reported(mut self, words: impl Into<String>) -> Self {
        self.remarks.push(words.into());
        self
    }

    pub(super) fn refused(mut self, words: impl Into<String>) -> Self {
        match &mut self.expected {
            Expected::Refused { words: others, .. } => others.push(words.into()),
            _ => {
                self.expected = Expected::Refused {
                    words: vec![words.into()],
                    cure: None,
                }
            }
        }
        self
    }

    /// Expects a refusal with a command that converts the file into one that does what the form did until now. `typed`
    /// replaces words in the command.
    pub(super) fn converted(
        mut self,
        words: impl Into<String>,
        typed: &[(&'static str, &'static str)],
    ) -> Self {
        self.expected = Expected::Refused {
            words: vec![words.into()],
            cure: Some(Cure {
                typed: typed.to_vec(),
                then: Box::new(self.expected),
            }),
        };
        self
    }
}

const ROOT: (&str, &str) = ("trusted-ca", "PKI/root.pem");
