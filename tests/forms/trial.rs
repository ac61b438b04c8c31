//! Makes forms, and checks what they lead to.

use std::error::Error;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use sip_tls::Endpoint;
use sip_tls::options::TlsOptions;
use sip_tls::pki::{Passphrase, Passphrases};
use sip_tls::verify::VerifyCode;

use super::edit;
use super::form::{Cure, Expected, Form, Oracle, Step};
use super::peer;
use super::pki::Pki;
use super::tally::Outcome;
use crate::child;
use crate::pki::tools;

/// Tries all forms of a table, and reports those whose result is not the expected one.
pub(super) fn run(table: &str, mut forms: Vec<Form>) {
    // Costly forms at the end would leave cores without work.
    forms.sort_by_key(|form| !form.is_costly);
    if !child::is_found("openssl") {
        return;
    }
    let pki = Pki::get();
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((number, form)) = take(&forms, &next) {
            let trial = Trial::new(&pki, form, &format!("{table}-{number}"));
            let result = panic::catch_unwind(AssertUnwindSafe(|| trial.run()));
            if let Err(reason) = result.unwrap_or_else(|_| Err("it panicked".to_owned())) {
                failures
                    .lock()
                    .unwrap()
                    .push(format!("{}: {reason}", form.name));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {}:\n{}",
        failures.len(),
        forms.len(),
        failures.join("\n")
    );
}

fn take<'a>(forms: &'a [Form], next: &AtomicUsize) -> Option<(usize, &'a Form)> {
    let number = next.fetch_add(1, Ordering::Relaxed);
    Some((number, forms.get(number)?))
}

/// One form, with a folder of its own.
pub(super) struct Trial<'a> {
    pki: &'a Pki,
    form: &'a Form,
    folder: PathBuf,
    file: PathBuf,
}

type Found<T> = Result<T, String>;

impl<'a> Trial<'a> {
    pub(super) fn new(pki: &'a Pki, form: &'a Form, name: &str) -> Self {
        let folder = pki.folder().join(name);
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join(form.file);
        Self {
            pki,
            form,
            folder,
            file,
        }
    }

    fn run(&self) -> Found<()> {
        if !self.form.programs().all(child::is_found) {
            self.pki.tally.count(Outcome::Skipped, 1);
            return Ok(());
        }
        self.make()?;
        let outcome = match &self.form.expected {
            Expected::Refused { words, cure } => self.refused(words, cure.as_ref())?,
            expected => {
                self.ask()?;
                self.loads(&self.file, expected)?;
                if !self.form.is_costly {
                    self.locked()?;
                }
                Outcome::Loaded
            }
        };
        self.pki.tally.count(outcome, 1);
        Ok(())
    }

    pub(super) fn make(&self) -> Found<()> {
        self.form.steps.iter().try_for_each(|step| self.take(step))
    }

    fn take(&self, step: &Step) -> Found<()> {
        match step {
            Step::Run(command) => self.command(command),
            Step::Append(other) => {
                let other = fs::read(self.pki.folder().join(self.placed(other)));
                self.rewrite(|content| [content, other.unwrap()].concat());
                Ok(())
            }
            Step::Edit(edit) => {
                self.rewrite(edit);
                Ok(())
            }
        }
    }

    pub(super) fn read(&self) -> Vec<u8> {
        fs::read(&self.file).unwrap_or_default()
    }

    pub(super) fn write(&self, content: &[u8]) {
        fs::write(&self.file, content).unwrap();
    }

    /// Whether an endpoint can be made with the file as it is now.
    pub(super) fn is_loaded(&self) -> bool {
        let passphrase = self.form.passphrase.as_deref();
        self.endpoint(&self.file, passphrase).is_ok()
    }

    fn rewrite(&self, edit: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        self.write(&edit(self.read()));
    }

    /// Runs a command in the folder of the PKI.
    fn command(&self, command: &str) -> Found<()> {
        let words: Vec<String> = command
            .split_whitespace()
            .map(|word| self.placed(word))
            .collect();
        let output = tools::run(self.pki.folder(), &words[0], &words[1..]);
        match output.status.success() {
            true => Ok(()),
            false => Err(format!(
                "`{command}`: {}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }

    fn placed(&self, text: &str) -> String {
        text.replace("FILE", &self.file.display().to_string())
            .replace("DIR", &self.folder.display().to_string())
            .replace("PKI", &self.pki.folder().display().to_string())
            .replace("PASS", self.form.passphrase.as_deref().unwrap_or_default())
    }

    /// Asks OpenSSL. A file that OpenSSL cannot read must not be loaded.
    pub(super) fn ask(&self) -> Found<()> {
        match &self.form.oracle {
            Oracle::Command(command) => self
                .command(command)
                .map_err(|error| format!("OpenSSL refuses it: {error}")),
            Oracle::Forgotten => Err("nobody asks OpenSSL".to_owned()),
            Oracle::Silent(reason) => {
                self.pki.tally.excuse(reason);
                Ok(())
            }
        }
    }

    /// Makes an endpoint, with `FILE` for the form. The passphrase is given once.
    fn endpoint(&self, file: &Path, passphrase: Option<&str>) -> Found<Endpoint> {
        let place = |value: &str| {
            value
                .replace("FILE", &file.display().to_string())
                .replace("DIR", &self.folder.display().to_string())
                .replace("PKI", &self.pki.folder().display().to_string())
        };
        let add = |builder, (option, value): &(&'static str, String)| {
            sip_tls::options::TlsOptionsBuilder::set(builder, *option, place(value))
        };
        let options = self.form.settings.iter().fold(TlsOptions::builder(), add);
        let options = options.build().map_err(|error| sentence(&error))?;
        let answer = Mutex::new(passphrase.map(str::to_owned));
        let passphrases = Passphrases::new(move |request| {
            let answer = answer.lock().unwrap().clone();
            answer
                .filter(|_| request.attempt() == 1)
                .map(Passphrase::new)
        });
        let builder = Endpoint::builder(options).passphrases(passphrases);
        builder.build().map_err(|error| sentence(&error))
    }

    fn loads(&self, file: &Path, expected: &Expected) -> Found<()> {
        let endpoint = self.endpoint(file, self.form.passphrase.as_deref())?;
        let report = endpoint.report();
        for words in &self.form.remarks {
            let words = self.placed(words);
            if !report
                .warnings()
                .iter()
                .any(|warning| warning.contains(&words))
            {
                return Err(format!("no `{words}` in {:?}", report.warnings()));
            }
        }
        match expected {
            Expected::Chain(chain) => self.is_sent(&endpoint, chain),
            Expected::Trust => self.accepts(&endpoint, VerifyCode::Ok),
            Expected::Revocation => self.accepts(&endpoint, VerifyCode::CertRevoked),
            Expected::Refused { .. } => Err("refused twice".to_owned()),
        }
    }

    fn is_sent(&self, endpoint: &Endpoint, chain: &[&str]) -> Found<()> {
        let seen = peer::chain_seen(self.pki, endpoint, self.form)?;
        let meant: Vec<_> = chain
            .iter()
            .map(|name| self.pki.certificate(name))
            .collect();
        match seen == meant {
            true => Ok(()),
            false => Err(format!(
                "{} certificates were sent, and not {chain:?}",
                seen.len()
            )),
        }
    }

    fn accepts(&self, endpoint: &Endpoint, of_revoked: VerifyCode) -> Found<()> {
        for (server, meant) in [
            (self.pki.good(), VerifyCode::Ok),
            (self.pki.revoked(), of_revoked),
        ] {
            let code = peer::verdict(endpoint, server)?;
            if code != meant {
                return Err(format!("{code:?} where {meant:?} should be"));
            }
        }
        Ok(())
    }

    /// Tries to load the file without the passphrase, with another passphrase, and with damage.
    fn locked(&self) -> Found<()> {
        let Some(passphrase) = self
            .form
            .passphrase
            .as_deref()
            .filter(|passphrase| !passphrase.is_empty())
        else {
            return Ok(());
        };
        let refusal = |file: &Path, passphrase, words: &str| match self.endpoint(file, passphrase) {
            Ok(_) => Err(format!("loaded where `{words}` should be said")),
            Err(sentence) if sentence.contains(words) => Ok(()),
            Err(sentence) => Err(format!("`{words}` should be in `{sentence}`")),
        };
        refusal(
            &self.file,
            None,
            "is encrypted, and no passphrase was given",
        )?;
        refusal(
            &self.file,
            Some("another"),
            "cannot be decrypted: the passphrase is wrong, or the file is damaged",
        )?;
        let mut count = 2;
        if let Some(block_len) = self.form.block_len {
            let path = self.folder.join("damaged");
            fs::write(
                &path,
                edit::damaged(&fs::read(&self.file).unwrap(), block_len),
            )
            .unwrap();
            refusal(&path, Some(passphrase), "damaged")?;
            count += 1;
        }
        self.pki.tally.count(Outcome::Locked, count);
        Ok(())
    }

    fn refused(&self, words: &[String], cure: Option<&Cure>) -> Found<Outcome> {
        let passphrase = self.form.passphrase.as_deref();
        let Err(sentence) = self.endpoint(&self.file, passphrase) else {
            return Err(format!("not refused: {words:?}"));
        };
        for words in words {
            let words = self.placed(words);
            if !sentence.contains(&words) {
                return Err(format!("no `{words}` in `{sentence}`"));
            }
        }
        is_one_sentence(&sentence)?;
        match cure {
            Some(cure) => self.cured(&sentence, cure).map(|()| Outcome::Converted),
            None => Ok(Outcome::Refused),
        }
    }

    /// Runs the command in the sentence.
    fn cured(&self, sentence: &str, cure: &Cure) -> Found<()> {
        let mut parts = sentence.rsplit('`');
        let command = parts
            .nth(1)
            .ok_or_else(|| format!("no command in `{sentence}`"))?;
        let file = self.folder.join("new");
        let mut command = command.to_owned();
        for (words, typed) in &cure.typed {
            if !command.contains(words) {
                return Err(format!("no `{words}` in `{command}`"));
            }
            command = command.replace(words, typed);
        }
        let command = command.replace("NEWFILE", &file.display().to_string());
        let command = self.placed(&command);
        let output = tools::run(self.pki.folder(), "sh", &["-c", &command]);
        if !output.status.success() {
            return Err(format!(
                "`{command}`: {}",
                String::from_utf8_lossy(&output.stderr)
            ));
        }
        self.loads(&file, &cure.then)
            .map_err(|error| format!("converted by `{command}`: {error}"))
    }
}

impl Form {
    /// The programs that make the form.
    fn programs(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Run(command) => command.split_whitespace().next(),
            _ => None,
        })
    }
}

/// The error with all its causes, as the program prints it.
fn sentence(error: &dyn Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", sentence(cause)),
        None => error.to_string(),
    }
}

/// Checks that the text names the option first, is one line, and does not consist of several sentences.
fn is_one_sentence(sentence: &str) -> Found<()> {
    let names_option = ["`", "unusable option `"]
        .iter()
        .any(|start| sentence.starts_with(start));
    match names_option
        && !sentence.contains('\n')
        && !sentence.contains(". ")
        && !sentence.ends_with('.')
    {
        true => Ok(()),
        false => Err(format!(
            "not one sentence that names the option: {sentence}"
        )),
    }
}
