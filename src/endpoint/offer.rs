//! What connections of an endpoint offer.
//!
//! The options name suites in OpenSSL's words, and the provider has some of them. The offer is what both have in
//! common, in the order of the options. OpenSSL's rules for an empty result are kept: without a suite of TLS 1.3 it
//! does not start, unless the version is ruled out; without one of TLS 1.2 it offers TLS 1.3 alone. The second is a
//! warning here, because it is rarely meant.

use rustls::crypto::CryptoProvider;
use rustls::{ProtocolVersion, SupportedCipherSuite, SupportedProtocolVersion};

use crate::crypto::{self, Cbc};
use crate::error::Error;
use crate::options::{
    CipherSuite, KeyExchange, MinVersion, NothingUsable, Role, SecProtocol, SecurityLevel,
    Selection, TlsOptions,
};
use crate::report::{Note, Offered, OfferedSuites};

/// What an endpoint offers in one role: the provider, reduced to the offer, and the protocol versions.
pub(super) struct Offer {
    pub(super) provider: CryptoProvider,
    pub(super) versions: Vec<&'static SupportedProtocolVersion>,
    /// Why TLS 1.2 is not offered, although the options allow it.
    tls12_off: Option<NothingUsable>,
}

impl Offer {
    /// Chooses suites, groups and versions as the options say, in their order.
    pub(super) fn new(
        options: &TlsOptions,
        base: &CryptoProvider,
        role: Role,
        cbc: Cbc,
    ) -> (Result<Self, NoSuites>, Offered) {
        let provider = crypto::provider_for(options.cipher_list(), base, role, cbc);
        let choice = Choice {
            options,
            role,
            level: options.security_level(),
            supported: crypto::suite_numbers(&provider),
        };
        let (tls13, tls12) = (choice.tls13(), choice.tls12());
        let chosen = tls13.iter().chain(&tls12).flat_map(Selection::offered);
        let provider = crypto::with_suites(&provider, chosen.map(CipherSuite::number));
        let versions = versions(&tls13, &tls12);
        let offered = Offered {
            versions: versions.iter().map(|version| name(version)).collect(),
            groups: group_names(&provider),
            tls13: tls13.as_ref().map(facts),
            tls12: tls12.as_ref().map(facts),
            not_handed_out: Vec::new(),
        };
        let offer = choice.judge().map(|tls12_off| Self {
            provider,
            versions,
            tls12_off,
        });
        (offer, offered)
    }

    /// Returns the suites with DHE, if TLS 1.2 can do without them.
    pub(super) fn dispensable_dhe(&self) -> Vec<&'static CipherSuite> {
        let is_dhe = |suite: &&CipherSuite| suite.key_exchange() == KeyExchange::Dhe;
        let tls12 = |suite: &&CipherSuite| suite.min_version() != MinVersion::Tls13;
        let (dhe, rest): (Vec<_>, Vec<_>) = self.suites().filter(tls12).partition(is_dhe);
        if rest.is_empty() { rest } else { dhe }
    }

    /// Returns the offer without DHE. `None` if no DHE suite is offered, or no other suite with TLS 1.2.
    pub(super) fn without_dhe(&self) -> Option<Self> {
        let dhe = self.dispensable_dhe();
        let rest = self.suites().filter(|suite| !dhe.contains(suite));
        (!dhe.is_empty()).then(|| Self {
            provider: crypto::with_suites(&self.provider, rest.map(CipherSuite::number)),
            versions: self.versions.clone(),
            tls12_off: self.tls12_off.clone(),
        })
    }

    /// Returns the part of the offer that rustls copies.
    pub(super) fn shape(&self) -> OfferShape {
        let suites = self.provider.cipher_suites.iter();
        let (tls13, tls12): (Vec<_>, _) = suites.partition(|suite| suite.tls13().is_some());
        let number = |suite: &SupportedCipherSuite| suite.suite().into();
        let groups = self.provider.kx_groups.iter();
        OfferShape {
            versions: (self.versions.iter().map(|version| version.version)).collect(),
            tls13: tls13.into_iter().map(number).collect(),
            tls12: Vec::into_iter(tls12).map(number).collect(),
            groups: groups.map(|group| group.name().into()).collect(),
        }
    }

    /// The suites of the offer, in its order.
    fn suites(&self) -> impl Iterator<Item = &'static CipherSuite> {
        let suites = self.provider.cipher_suites.iter();
        suites.filter_map(|suite| CipherSuite::by_number(suite.suite().into()))
    }

    /// Returns why TLS 1.2 is off, although the options allow it.
    pub(super) fn without_tls12(&self) -> Option<String> {
        self.tls12_off.as_ref().map(ToString::to_string)
    }

    /// Returns the notes that TLS 1.2 is off. Incoming connections are only mentioned if outgoing ones have TLS 1.2.
    pub(super) fn tls12_notes(outgoing: Option<&Self>, incoming: Option<&Self>) -> Vec<Note> {
        let off = |offer: &Self, whose| {
            let nothing = offer.tls12_off.as_ref()?;
            Some(format!("TLS 1.2 is off{whose}: {nothing}"))
        };
        let incoming = || off(incoming?, " for incoming connections");
        outgoing
            .and_then(|offer| off(offer, ""))
            .or_else(incoming)
            .map_or_else(Vec::new, narrowed_cipher_list)
    }
}

/// The numbers of an offer, in order of preference. To rustls, two offers with the same numbers are the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct OfferShape {
    pub(super) versions: Vec<ProtocolVersion>,
    pub(super) tls13: Vec<u16>,
    tls12: Vec<u16>,
    groups: Vec<u16>,
}

/// Why there is nothing to offer.
#[derive(Clone, Debug)]
pub(super) struct NoSuites {
    /// The option that names the suites.
    option: &'static str,
    pub(super) source: NothingUsable,
}

impl From<NoSuites> for Error {
    fn from(NoSuites { option, source }: NoSuites) -> Self {
        Self::Suites { option, source }
    }
}

/// The suites of both options that can be offered in one role.
struct Choice<'a> {
    options: &'a TlsOptions,
    role: Role,
    level: SecurityLevel,
    supported: Vec<u16>,
}

impl Choice<'_> {
    /// Selects the suites of TLS 1.3. Returns `None` if `sec-protocol` excludes that version.
    fn tls13(&self) -> Option<Selection> {
        let list = self.options.ciphersuites();
        let select = || list.select(self.role, self.level, &self.supported);
        (self.options.sec_protocol().allows_tls13()).then(select)
    }

    /// Selects the suites of TLS 1.2. Returns `None` if `sec-protocol` excludes that version.
    fn tls12(&self) -> Option<Selection> {
        let list = self.options.cipher_list();
        let select = || list.select(self.role, self.level, &self.supported);
        (self.options.sec_protocol().allows_tls12()).then(select)
    }

    /// Returns why TLS 1.2 is off, if it is off although `sec-protocol` allows it.
    fn judge(&self) -> Result<Option<NothingUsable>, NoSuites> {
        // OpenSSL refuses to start without a suite of TLS 1.3; rustls would silently leave out TLS 1.3.
        if let Some(source) = self.no_tls13() {
            let option = "ciphersuites";
            return Err(NoSuites { option, source });
        }
        match self.no_tls12() {
            Some(source) if !self.options.sec_protocol().allows_tls13() => Err(NoSuites {
                option: "cipher-list",
                source,
            }),
            nothing => Ok(nothing),
        }
    }

    /// Why no suite of TLS 1.3 is left. `None` if there is one, or the version is ruled out.
    fn no_tls13(&self) -> Option<NothingUsable> {
        let list = self.options.ciphersuites();
        let select = || list.select_some(self.role, self.level, &self.supported);
        (self.options.sec_protocol().allows_tls13())
            .then(select)?
            .err()
    }

    /// Why no suite of TLS 1.2 is left. `None` if there is one, or the version is ruled out.
    fn no_tls12(&self) -> Option<NothingUsable> {
        let list = self.options.cipher_list();
        let select = || list.select_some(self.role, self.level, &self.supported);
        (self.options.sec_protocol().allows_tls12())
            .then(select)?
            .err()
    }
}

/// Returns the versions for which there are suites, the newest first.
fn versions(
    tls13: &Option<Selection>,
    tls12: &Option<Selection>,
) -> Vec<&'static SupportedProtocolVersion> {
    let has_suites = |selection: &&Selection| selection.offered().next().is_some();
    let tls13 = (tls13.as_ref().filter(has_suites)).map(|_| &rustls::version::TLS13);
    let tls12 = (tls12.as_ref().filter(has_suites)).map(|_| &rustls::version::TLS12);
    tls13.into_iter().chain(tls12).collect()
}

/// Returns OpenSSL's name of a version.
fn name(version: &SupportedProtocolVersion) -> &'static str {
    match *version == rustls::version::TLS12 {
        true => "TLSv1.2",
        false => "TLSv1.3",
    }
}

/// OpenSSL's names of the groups, in order of preference.
fn group_names(provider: &CryptoProvider) -> Vec<&'static str> {
    let groups = provider.kx_groups.iter();
    groups
        .map(|group| crypto::group_name(group.name()))
        .collect()
}

/// A selection as the report has it.
fn facts(selection: &Selection) -> OfferedSuites {
    OfferedSuites {
        names: selection.offered().map(CipherSuite::openssl_name).collect(),
        left_out: selection
            .left_out()
            .map(|(suite, why)| (suite.openssl_name(), why.to_string()))
            .collect(),
    }
}

/// Returns the notes that `cipher-list` means less than with OpenSSL. One is a warning, so that nobody overlooks it.
pub(super) fn narrowed_cipher_list(why: String) -> Vec<Note> {
    vec![
        Note::Warning(format!("`cipher-list`: {why}")),
        Note::narrowed("cipher-list", why),
    ]
}

/// Returns notes on the options that mean less than they do with OpenSSL.
pub(super) fn narrowings(options: &TlsOptions) -> Vec<Note> {
    let mut notes = Vec::new();
    if options.sec_protocol() == SecProtocol::Sslv23 {
        let how = "TLS 1.2 and up: rustls does not support TLS 1.1, and OpenSSL 3 turns it off by default";
        notes.push(Note::narrowed("sec-protocol", how));
    }
    let (list, level) = (options.cipher_list(), options.security_level());
    if let Some(asked) = list.security_level().filter(|asked| *asked < level) {
        let how =
            format!("`@SECLEVEL={asked}` counts as {level}, the lowest level that rustls supports");
        notes.push(Note::narrowed("cipher-list", how));
    }
    let doubtful = list.rules().iter().filter(|rule| rule.is_doubtful());
    notes.extend(doubtful.map(|rule| Note::Warning(format!("`cipher-list`: {rule}"))));
    let ignored = options.ciphersuites().ignored().iter();
    notes.extend(ignored.map(|name| Note::Warning(format!("`ciphersuites`: {name}"))));
    notes
}

/// Refuses Suite B, which no offer can express.
pub(super) fn refuse_suite_b(options: &TlsOptions) -> Result<(), Error> {
    match options.cipher_list().suite_b() {
        None => Ok(()),
        Some(_) => Err(Error::Unsupported {
            option: "cipher-list",
            reason: "Suite B also restricts certificates, which is not supported; list the suites by name",
        }),
    }
}
