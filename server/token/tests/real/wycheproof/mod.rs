//! Project Wycheproof's vectors through the token: known keys enter it by C_CreateObject, which exists only in tests.
//!
//! Every vector is as expected, deviates, or is left out for a reason; how many of each is a reviewed table for each module,
//! so that nothing is left out silently.

mod aes_gcm;
mod ecdsa;
mod hmac;
mod rsa;
#[path = "../../../../../tests/vectors/wycheproof.rs"]
#[allow(dead_code, reason = "the key service's tests need another part")]
mod vectors;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use strongroom_hsm_config::Profile;

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

/// How files are checked: the beginning and the end of their names, what the table says beside the name, and the check.
const WAYS: [(&str, &str, &str, Check); 6] = [
    ("aes_gcm", "", "", aes_gcm::check),
    ("hmac", "", "", hmac::check),
    ("rsa_oaep", "", "", rsa::check_oaep),
    ("rsa_pss", "", "", rsa::check_pss),
    ("rsa_signature", "", "", rsa::check_pkcs1),
    ("ecdsa", "_p1363", "", ecdsa::check),
];

/// How RSAES-OAEP with SHA-256 is checked beside, where the token's profile says that it cannot do that.
const OUTSIDE: (&str, &str, &str, Check) = ("rsa_oaep", "_mgf1sha256", ", decoded outside", rsa::check_oaep_outside);

/// Runs all files and compares with the table of this module.
pub(crate) fn all_vectors<S: RealStand>(_: &S) {
    let context = Pkcs11::new(library::<S>()).unwrap();
    context
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
    let outside = (!Profile::named(S::PROFILE).unwrap().oaep_sha_256).then_some(OUTSIDE);
    let mut table = String::new();
    for name in vectors::files() {
        let fits = |prefix, suffix| name.starts_with(prefix) && name.ends_with(suffix);
        let ways = WAYS
            .iter()
            .chain(&outside)
            .filter(|(prefix, suffix, ..)| fits(*prefix, *suffix));
        let reports: Vec<_> = ways
            .map(|(_, _, how, check)| report(&session, &name, how, *check))
            .collect();
        table += &if reports.is_empty() {
            format!("{name}: not for a token\n")
        } else {
            reports.concat()
        };
    }
    compare(S::PROFILE, &table);
}

fn report(session: &Session, name: &str, how: &str, check: Check) -> String {
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
    let mut table = format!("{name}{how}: {as_expected} as expected\n");
    for (why, count) in left_out {
        writeln!(table, "    {count} left out: {why}").unwrap();
    }
    if !deviating.is_empty() {
        writeln!(table, "    {} deviate: {}", deviating.len(), deviating.join(", ")).unwrap();
    }
    table
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
