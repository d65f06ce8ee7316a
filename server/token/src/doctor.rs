//! `strongroomd token doctor`: does this token fit its profile, and can it be reached?

use std::fmt;

use crate::board::Board;
use crate::connection;
use crate::fault::TokenFault;
use crate::keymap::State;
use crate::module::{Module, TokenInfo};
use crate::pin::{self, Latch};
use crate::pkcs11::Pkcs11Module;
use crate::settings::TokenSettings;
use crate::software_token::SoftwareToken;

/// How one check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Not as it should be; the text says what to do.
    Bad,
    /// Not looked at.
    Skipped,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub text: String,
}

/// What the doctor found. Prints as one line per check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoctorReport {
    /// The checks, in the order in which a start would meet them.
    pub checks: Vec<Check>,
}

impl DoctorReport {
    /// Whether no check ended badly.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.checks.iter().all(|check| check.verdict != Verdict::Bad)
    }

    fn note(&mut self, name: &'static str, outcome: Result<String, TokenFault>) -> bool {
        let (verdict, text) = match outcome {
            Ok(text) => (Verdict::Good, text),
            Err(fault) => (Verdict::Bad, fault.to_string()),
        };
        self.checks.push(Check { name, verdict, text });
        verdict == Verdict::Good
    }

    fn skip(&mut self, name: &'static str, why: &str) {
        self.checks.push(Check {
            name,
            verdict: Verdict::Skipped,
            text: why.to_owned(),
        });
    }
}

impl fmt::Display for DoctorReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            let mark = match check.verdict {
                Verdict::Good => "ok  ",
                Verdict::Bad => "BAD ",
                Verdict::Skipped => "-   ",
            };
            writeln!(formatter, "{mark}{:<11} {}", check.name, check.text)?;
        }
        Ok(())
    }
}

/// Looks at everything that a start needs. Logs in only if `with_login`: a wrong PIN counts on the token, and this
/// process must be the only one that uses the module's state directory meanwhile.
#[must_use]
pub fn doctor(settings: &TokenSettings, with_login: bool) -> DoctorReport {
    let mut report = DoctorReport { checks: Vec::new() };
    let loaded = Pkcs11Module::load(&settings.library);
    let text = |_: &Pkcs11Module| settings.library.display().to_string();
    report.note("module", loaded.as_ref().map(text).map_err(Clone::clone));
    if let Ok(module) = loaded {
        examine(&module, settings, with_login, &mut report);
    }
    report
}

/// The checks that need a module.
pub(crate) fn examine<M: Module>(module: &M, settings: &TokenSettings, with_login: bool, report: &mut DoctorReport) {
    if let Err(fault) = SoftwareToken::of(settings).check() {
        report.note("files", Err(fault));
    }
    look_at_environment(settings, report);
    report.note("PIN file", check_pin(settings));
    let initialised = module.initialize().map_err(connection::away);
    if report.note(
        "initialise",
        initialised.map(|()| "C_Initialize with CKF_OS_LOCKING_OK".to_owned()),
    ) {
        examine_token(module, settings, with_login, report);
        if let Err(fault) = module.finalize() {
            report.note("finalise", Err(connection::away(fault)));
        }
    }
}

/// What the probe found. A token that cannot do what its profile wants is used all the same.
fn look_at_suite(settings: &TokenSettings, board: &Board, report: &mut DoctorReport) {
    let description = board
        .description
        .read()
        .ok()
        .and_then(|description| description.clone());
    let Some(description) = description else { return };
    match description.suite_refused {
        None => {
            report.note("suite", Ok(format!("{}, as the profile wants", description.suite)));
        }
        Some(why) => {
            let (wanted, suite) = (settings.profile.suite, description.suite);
            report.skip("suite", &format!("{suite}: the token cannot do {wanted}: {why}"));
        }
    }
}

/// Modules that are not configured say no more than that there is no token.
fn look_at_environment(settings: &TokenSettings, report: &mut DoctorReport) {
    let Some(variable) = &settings.profile.configuration_variable else {
        return;
    };
    match std::env::var(variable) {
        Ok(file) => {
            report.note("environment", Ok(format!("{variable} is {file}")));
        }
        Err(_) => report.skip(
            "environment",
            &format!("{variable} is not set: the module looks where it does by default"),
        ),
    }
}

fn examine_token<M: Module>(module: &M, settings: &TokenSettings, with_login: bool, report: &mut DoctorReport) {
    let token = connection::find_token(module, settings);
    let described = token.as_ref().map(describe).map_err(Clone::clone);
    report.note("token", described);
    let Ok(token) = token else { return };
    let names: Vec<_> = settings
        .profile
        .mechanisms
        .iter()
        .map(|mechanism| mechanism.as_str())
        .collect();
    report.note(
        "mechanisms",
        connection::check_mechanisms(module, settings, token.slot).map(|()| names.join(", ")),
    );
    let specs = connection::offer(module, settings, token.slot).map(|offer| offer.specs().join(", "));
    report.note("key specs", specs);
    let sessions = token
        .session_max
        .map_or_else(|| "no limit".to_owned(), |limit| format!("at most {limit}"));
    report.note(
        "sessions",
        connection::check_sessions(settings, &token).map(|()| sessions),
    );
    if SoftwareToken::of(settings).check().is_ok() {
        let found = connection::check_files(module, settings, &token);
        report.note("files", found.map(|()| files(settings)));
    }
    report.note("PIN state", pin_state(&token));
    if with_login && report.is_good() {
        let board = Board::new();
        let established = connection::establish(module, settings, &board);
        look_at_suite(settings, &board, report);
        report.note(
            "objects",
            established.map(|(_, keys)| {
                let damaged = keys.states().filter(|state| matches!(state, State::Damaged(_))).count();
                format!(
                    "logged in; {} keys of this installation, {damaged} of them damaged",
                    keys.len()
                )
            }),
        );
    } else {
        report.skip("objects", "not looked at: that needs a login");
    }
}

fn check_pin(settings: &TokenSettings) -> Result<String, TokenFault> {
    let pin_file = settings.pin_file.clone();
    let pin = pin::read(&pin_file)?;
    let latch = Latch::of(settings);
    if latch.holds(&pin)? {
        return Err(TokenFault::PinLatched {
            pin_file,
            latch: latch.path().to_owned(),
        });
    }
    Ok(format!("{} (its owner alone can read it)", pin_file.display()))
}

fn pin_state(token: &TokenInfo) -> Result<String, TokenFault> {
    match (token.pin_locked, token.pin_final_try) {
        (true, _) => Err(TokenFault::PinLocked),
        (false, true) => Err(TokenFault::PinFinalTry),
        (false, false) => Ok("neither locked nor before its last try".to_owned()),
    }
}

fn files(settings: &TokenSettings) -> String {
    match &settings.sync_directory {
        Some(directory) => format!("synced under {}", directory.display()),
        None => "not files of this machine".to_owned(),
    }
}

fn describe(token: &TokenInfo) -> String {
    let TokenInfo {
        label,
        serial,
        manufacturer,
        model,
        firmware,
        ..
    } = token;
    format!("{label:?}, serial number {serial}, {manufacturer} {model}, firmware {firmware}")
}
