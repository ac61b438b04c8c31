//! `sip-tls demo`: a phone and a server, and what happens if something is wrong.
//!
//! Everything is real: files, endpoints, TCP over the loopback interface, TLS and SIP. Only the PKI
//! is thrown away afterwards. A scene knows what it has to come to, so the demo is a test of the
//! program as well.

mod folder;
mod key;
mod pki;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::mpsc;
use std::time::Duration;

use serde::Serialize;
use sip_tls::options::TlsOptions;
use sip_tls::profile::Profile;
use sip_tls::{Endpoint, crypto};
use tokio::net::TcpListener;

use crate::connect::{Attempt, Record, Route, Target};
use crate::connection::Verdict;
use crate::failure::{Exit, Failure};
use crate::listen::{self, Limits, Session};
use crate::output::{self, Table, bold, green, red};
use folder::Folder;

#[derive(clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let json = args.json;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::unusable)?;
    let stage = Stage::set()?;
    if !json {
        stage.introduce()?;
    }
    let steps = runtime.block_on(async {
        tokio::select! {
            steps = stage.play(json) => steps,
            _ = tokio::signal::ctrl_c() => Err(Failure::unusable("interrupted")),
        }
    })?;
    // The folder is removed first: the last lines say that it is gone.
    drop(stage);
    let failed = steps.iter().filter(|step| !step.as_expected).count();
    match json {
        true => output::json(&Played { steps })?,
        false => output::line(farewell(failed))?,
    }
    let text = match failed {
        0 => return Ok(Exit::Done),
        1 => "1 step failed".to_owned(),
        _ => format!("{failed} steps failed"),
    };
    Err(Failure::new(Exit::Refused, text))
}

/// The folder of the demonstration, and its profile.
struct Stage {
    folder: Folder,
    profile: Profile,
}

/// One connection of the demonstration: the options of both sides, and the expected result.
struct Scene {
    title: &'static str,
    phone: &'static [(&'static str, &'static str)],
    server: &'static [(&'static str, &'static str)],
    expected: Expected,
}

/// How a scene has to end.
enum Expected {
    /// With 200 OK, over this protocol.
    Answered(&'static str),
    /// The phone refuses the server with this error code of OpenSSL.
    PhoneRefuses(u8),
    /// The server refuses the phone with this alert.
    ServerRefuses(&'static str),
}

/// The output of `--json`.
#[derive(Serialize)]
struct Played {
    steps: Vec<Step>,
}

/// A scene with its result.
#[derive(Serialize)]
struct Step {
    title: &'static str,
    as_expected: bool,
    client: Record,
    server: Session,
}

impl Stage {
    /// Makes the folder with PKI and configuration.
    fn set() -> Result<Self, Failure> {
        let provider = crypto::default_base()?;
        let mut random = [0; 16];
        let filled = provider.secure_random.fill(&mut random);
        filled.map_err(|_| Failure::unusable("there are no random numbers"))?;
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = Folder::new(&name).map_err(Failure::unusable)?;
        pki::write(&folder, provider.secure_random).map_err(Failure::unusable)?;
        folder
            .write("SipEndpoint.config", CONFIG)
            .map_err(Failure::unusable)?;
        let profile = Profile::from_file(folder.path().join("SipEndpoint.config"));
        Ok(Self {
            profile: profile.map_err(Failure::unusable)?,
            folder,
        })
    }

    /// Shows the settings of the phone.
    fn introduce(&self) -> Result<(), Failure> {
        let title = bold("sip-tls: TLS options written for OpenSSL, run on rustls");
        let folder = self.folder.path().display();
        output::line(format!(
            "{title}\n\nThe temporary folder {folder} holds a CA, servers, phones, and\n\
             the phone's SipEndpoint.config, as OpenSSL would use it:\n"
        ))?;
        let mut table = Table::default();
        for setting in self.profile.security() {
            table.row([setting.name(), setting.value()].map(str::to_owned));
        }
        output::line(format!("{table}\n"))
    }

    /// Plays all scenes, and tells of each when it is over.
    async fn play(&self, quiet: bool) -> Result<Vec<Step>, Failure> {
        let mut steps = Vec::new();
        for (number, scene) in (1..).zip(SCENES) {
            let step = self.step(scene).await?;
            if !quiet {
                output::line(step.tell(number))?;
            }
            steps.push(step);
        }
        Ok(steps)
    }

    /// Plays one scene, with endpoints of its own.
    async fn step(&self, scene: &Scene) -> Result<Step, Failure> {
        let (client, server) = self.meet(&self.phone(scene)?, self.server(scene)?).await?;
        Ok(Step {
            title: scene.title,
            as_expected: scene.expected.is_met_by(&client, &server),
            client,
            server,
        })
    }

    /// Makes the phone's endpoint from the configuration file, with the changes of the scene.
    fn phone(&self, scene: &Scene) -> Result<Endpoint, Failure> {
        let mut options = TlsOptions::builder().profile(&self.profile);
        for (name, value) in scene.phone {
            options = options.set(*name, self.value(value));
        }
        let options = options.build().map_err(Failure::unusable)?;
        Ok(Endpoint::builder(options).timeout(PATIENCE).build()?)
    }

    /// Makes the server's endpoint, which is configured in code.
    fn server(&self, scene: &Scene) -> Result<Endpoint, Failure> {
        let mut options = TlsOptions::builder()
            .set("certificate", self.folder.file("server.pem"))
            .set("certificate-key", self.folder.file("server.key"))
            .set("trusted-ca", self.folder.file("ca.pem"))
            .set("tls-crl", self.folder.file("ca.crl"))
            .set("tls-mutual", "1");
        for (name, value) in scene.server {
            options = options.set(*name, self.value(value));
        }
        let options = options.build().map_err(Failure::unusable)?;
        Ok(Endpoint::builder(options).timeout(PATIENCE).build()?)
    }

    /// A value with a dot is the name of a file in the folder.
    fn value(&self, value: &str) -> String {
        match value.contains('.') {
            true => self.folder.file(value),
            false => value.to_owned(),
        }
    }

    /// Connects the phone to the server over the loopback interface.
    ///
    /// Both sides run at the same time, and each reports what it saw.
    async fn meet(&self, phone: &Endpoint, server: Endpoint) -> Result<(Record, Session), Failure> {
        let network = |error| Failure::new(Exit::Network, error);
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = TcpListener::bind(any).await.map_err(network)?;
        let address = listener.local_addr().map_err(network)?;
        let (report, sessions) = mpsc::channel();
        let report = move |session| drop(report.send(session));
        let serving = listen::server(&server, listener, Limits::default(), report)?.at_most(1);
        let target = Target::from(&self.profile.connectivities()[0]);
        let attempt = Attempt {
            endpoint: phone,
            target: &target,
            route: Route::Address(address),
            sip: true,
            timeout: PATIENCE,
        };
        let (record, ()) = tokio::join!(attempt.run(), serving.into_future());
        let session = sessions.recv().map_err(Failure::unusable)?;
        Ok((record, session))
    }
}

impl Expected {
    /// Whether both sides saw what they had to see.
    fn is_met_by(&self, client: &Record, server: &Session) -> bool {
        let (ours, theirs) = (&client.outcome, &server.outcome);
        let alert = |alert: &str| ours.alert_name() == Some(alert);
        match self {
            Self::Answered(protocol) => {
                ours.result == Verdict::Connected
                    && ours.protocol == Some(protocol)
                    && client.status() == Some(200)
                    && theirs.result == Verdict::Connected
                    && server.sip.iter().any(|answered| answered.status == 200)
            }
            Self::PhoneRefuses(code) => {
                ours.result == Verdict::Refused
                    && ours
                        .openssl
                        .as_ref()
                        .is_some_and(|found| found.code == *code)
                    && theirs.result == Verdict::Refused
            }
            Self::ServerRefuses(name) => {
                ours.result == Verdict::Refused && theirs.result == Verdict::Refused && alert(name)
            }
        }
    }
}

impl Step {
    /// The scene in words: what each side says of it.
    fn tell(&self, number: usize) -> String {
        let mark = match self.as_expected {
            true => green("ok"),
            false => red("WRONG"),
        };
        let mut table = Table::default();
        let mut row = |who: &str, what: String| table.row([format!("   {who}"), what]);
        row("phone", self.client.sentence());
        row("server", self.server.sentence());
        format!("{number}. {}: {mark}\n{table}", bold(self.title))
    }
}

/// The last lines: how it went, and what to try next.
fn farewell(failed: usize) -> String {
    let verdict = match failed {
        0 => green("Every step had the expected result."),
        _ => red("Some steps did not have the expected result."),
    };
    format!(
        "\n{verdict} The folder is removed. Try your own configuration:\n\n  \
         sip-tls check SipEndpoint.config     shows how every option is treated\n  \
         sip-tls connect SipEndpoint.config   makes the same connection to your server"
    )
}

/// The scenes, in order. Each changes one thing about the first.
const SCENES: &[Scene] = &[
    Scene {
        title: "Mutual TLS with host check and revocation list, then SIP OPTIONS",
        phone: &[],
        server: &[],
        expected: Expected::Answered("TLSv1.3"),
    },
    Scene {
        title: "The server's certificate is revoked",
        phone: &[],
        server: &[
            ("certificate", "retired-server.pem"),
            ("certificate-key", "retired-server.key"),
        ],
        expected: Expected::PhoneRefuses(23),
    },
    Scene {
        title: "The server's certificate is for another host",
        phone: &[],
        server: &[
            ("certificate", "other-server.pem"),
            ("certificate-key", "other-server.key"),
        ],
        expected: Expected::PhoneRefuses(62),
    },
    Scene {
        title: "The phone's certificate is revoked",
        phone: &[
            ("certificate", "stolen-phone.pem"),
            ("certificate-key", "stolen-phone.key"),
        ],
        server: &[],
        expected: Expected::ServerRefuses("certificate_revoked"),
    },
    Scene {
        title: "The server supports only TLS 1.2",
        phone: &[],
        server: &[("sec-protocol", "TLSv12")],
        expected: Expected::Answered("TLSv1.2"),
    },
    Scene {
        title: "The same server, but the phone has sec-protocol=TLSv13",
        phone: &[("sec-protocol", "TLSv13")],
        server: &[("sec-protocol", "TLSv12")],
        expected: Expected::ServerRefuses("protocol_version"),
    },
];

/// The phone's configuration. It is read from a file, as any other.
const CONFIG: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<SipEndpoint xmlns="http://schemas.genesyslab.com/2009/sipendpoint">
  <Container name="Basic">
    <Connectivity user="4021" server="sip.demo.example:5061" protocol="tls"/>
  </Container>
  <Container name="Genesys">
    <settings version="1.0" xmlns="http://www.genesyslab.com/sip">
      <domain name="system">
        <section name="security">
          <setting name="certificate" value="phone.pem"/>
          <setting name="certificate-key" value="phone.key"/>
          <setting name="trusted-ca" value="ca.pem"/>
          <setting name="tls-crl" value="ca.crl"/>
          <setting name="tls-target-name-check" value="host"/>
          <setting name="cipher-list" value="ECDHE+AESGCM:!aNULL"/>
        </section>
      </domain>
    </settings>
  </Container>
</SipEndpoint>
"#;

/// The time-out of both sides.
const PATIENCE: Duration = Duration::from_secs(10);

const AFTER_HELP: &str = "\
Makes a temporary PKI and a configuration in a temporary folder. A phone and a server then connect
over the loopback interface, with and without faults. The exit code is 0 only if every step had the
expected result.";
