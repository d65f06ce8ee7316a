//! Project Wycheproof's vectors through the token: known keys enter it by C_CreateObject, which exists only in tests.
//!
//! Every vector is as expected, deviates, or is left out for a reason; how many of each is a reviewed table for each module,
//! so that nothing is left out silently.

mod aes_gcm;
mod ecdsa;
mod hmac;
mod rsa;
mod vectors;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;

use super::{PIN, RealStand, library};
use vectors::{Group, Test, groups};

/// How one vector ended.
enum Outcome {
    AsExpected,
    /// The module did something else than the vector wants.
    Deviates,
    /// It was not tried, or the token does not do such things at all.
    LeftOut(String),
}

/// What checks the vectors of one kind of file.
type Check = fn(&Session, &Group, &Test) -> Outcome;

/// Which file is checked how, by the beginnings of their names.
const CHECKS: [(&str, Check); 6] = [
    ("aes_gcm", aes_gcm::check),
    ("hmac", hmac::check),
    ("rsa_oaep", rsa::check_oaep),
    ("rsa_pss", rsa::check_pss),
    ("rsa_signature", rsa::check_pkcs1),
    ("ecdsa", ecdsa::check),
];

/// Runs all files and compares with the table of this module.
pub(crate) fn all_vectors<S: RealStand>(_: &S) {
    let context = Pkcs11::new(library::<S>()).unwrap();
    context
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
    let mut table = String::new();
    for name in vectors::files() {
        let (_, check) = CHECKS.iter().find(|(prefix, _)| name.starts_with(prefix)).unwrap();
        report(&mut table, &session, &name, *check);
    }
    compare(S::PROFILE, &table);
}

fn report(table: &mut String, session: &Session, name: &str, check: Check) {
    let mut as_expected = 0;
    let mut deviating = Vec::new();
    let mut left_out: BTreeMap<String, usize> = BTreeMap::new();
    for group in groups(name) {
        for test in group.tests() {
            match check(session, &group, &test) {
                Outcome::AsExpected => as_expected += 1,
                Outcome::Deviates => deviating.push(format!("{} ({})", test.number(), test.expected())),
                Outcome::LeftOut(why) => *left_out.entry(why).or_default() += 1,
            }
        }
    }
    writeln!(table, "{name}: {as_expected} as expected").unwrap();
    for (why, count) in left_out {
        writeln!(table, "    {count} left out: {why}").unwrap();
    }
    if !deviating.is_empty() {
        writeln!(table, "    {} deviate: {}", deviating.len(), deviating.join(", ")).unwrap();
    }
}

fn compare(module: &str, table: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("golden/wycheproof-{module}.txt"));
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(&file, table).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        table,
        reviewed,
        "{} differs; review it with STRONGROOM_BLESS=1",
        file.display()
    );
}

impl Outcome {
    /// Compares what was done with what should be; `acceptable` may be either.
    fn of(test: &Test, accepted: bool) -> Self {
        match (test.expected(), accepted) {
            ("valid", true) | ("invalid", false) | ("acceptable", _) => Self::AsExpected,
            _ => Self::Deviates,
        }
    }

    fn left_out(why: impl Into<String>) -> Self {
        Self::LeftOut(why.into())
    }
}

/// Puts a known key into the session, for as long as `work` takes. One that the token does not take leaves its vectors out.
fn with_key(session: &Session, template: &[Attribute], work: impl FnOnce(ObjectHandle) -> Outcome) -> Outcome {
    match session.create_object(template) {
        Ok(key) => {
            let outcome = work(key);
            session.destroy_object(key).unwrap();
            outcome
        }
        Err(error) => Outcome::left_out(format!("C_CreateObject answers {}", value(&error))),
    }
}

/// The standard's name of what a module answered.
fn value(error: &Error) -> String {
    match error {
        Error::Pkcs11(value, _) => format!("{value:?}"),
        other => other.to_string(),
    }
}

/// Whether the token lacks something, rather than having looked at the data.
fn is_lacking(error: &Error) -> bool {
    matches!(
        error,
        Error::Pkcs11(
            RvError::MechanismInvalid
                | RvError::MechanismParamInvalid
                | RvError::KeySizeRange
                | RvError::ArgumentsBad
                | RvError::CurveNotSupported
                | RvError::KeyTypeInconsistent,
            _
        )
    )
}
