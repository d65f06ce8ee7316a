//! What the tests of real modules share: each case in a child process of its own, with a token of its own.
//!
//! A process has one PKCS#11 context, and modules find their configuration by an environment variable, which must not be
//! set in a process with threads.

pub(crate) mod cases;
pub(crate) mod runner;
mod wycheproof;

use std::path::{Path, PathBuf};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use strongroom_base::{InstallationId, KeyMaterialId};
use strongroom_hsm_config::Profile;
use strongroom_token::TokenSettings;

use crate::conformance::{Stand, write_pin};

pub(crate) const LABEL: &str = "strongroom test";
const PIN: &str = "314159265";
const SECURITY_OFFICER_PIN: &str = "27182818";

/// A case that only one module shows.
pub(crate) type OwnCase<S> = (&'static str, fn(&S));

/// A token of a real module under a directory; this process has the module's variable pointing there.
pub(crate) trait RealStand: Stand + Sized + 'static {
    /// The profile's name.
    const PROFILE: &'static str;
    /// What only this module shows.
    const OWN_CASES: &'static [OwnCase<Self>];

    /// The stand of this directory.
    fn at(directory: PathBuf) -> Self;
    /// The module, or what to do to have it.
    fn library() -> Result<PathBuf, Missing>;
    /// Writes the module's configuration for tokens under `directory` and answers the file.
    fn configure(directory: &Path) -> std::io::Result<PathBuf>;
}

/// Why a machine has no module.
#[allow(dead_code, reason = "each test program's module is missing in one way")]
pub(crate) enum Missing {
    /// Everybody who works on the project has it; without it the tests fail.
    Fatal(String),
    /// It has to be built first, which not every machine can: the tests are left out, visibly.
    Skip(String),
}

/// The module's profile with a short probe interval.
pub(crate) fn profile<S: RealStand>() -> Profile {
    let mut profile = Profile::named(S::PROFILE).unwrap();
    profile.probe_interval_ms = 200;
    profile
}

/// Settings that work for a token under `directory`.
pub(crate) fn settings<S: RealStand>(directory: &Path, sync_directory: Option<PathBuf>) -> TokenSettings {
    let state_directory = directory.join("state");
    std::fs::create_dir_all(&state_directory).unwrap();
    let settings = TokenSettings {
        library: library::<S>(),
        profile: profile::<S>(),
        label: LABEL.to_owned(),
        pin_file: directory.join("pin"),
        state_directory,
        sync_directory,
        installation: InstallationId::from_bytes([7; 16]),
    };
    if !settings.pin_file.exists() {
        write_pin(&settings, PIN, 0o600);
    }
    settings
}

pub(crate) fn library<S: RealStand>() -> PathBuf {
    match S::library() {
        Ok(library) => library,
        Err(Missing::Fatal(what) | Missing::Skip(what)) => panic!("{what}"),
    }
}

/// Initialises the token and its user PIN, in a process that does nothing else.
pub(crate) fn initialise<S: RealStand>() {
    let context = Pkcs11::new(library::<S>()).unwrap();
    context
        .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
        .unwrap();
    let slot = context.get_slots_with_token().unwrap()[0];
    let officer = AuthPin::from(SECURITY_OFFICER_PIN);
    context.init_token(slot, &officer, LABEL).unwrap();
    let session = context.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&officer)).unwrap();
    session.init_pin(&AuthPin::from(PIN)).unwrap();
    session.logout().unwrap();
    drop(session);
    context.finalize().unwrap();
}

/// The module as somebody else in this process sees it. The login is the process's.
pub(crate) fn behind_the_back<S: RealStand>() -> Session {
    let context = Pkcs11::new(library::<S>()).unwrap();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    context.open_rw_session(slot).unwrap()
}

pub(crate) fn find(session: &Session, id: &KeyMaterialId) -> ObjectHandle {
    let template = [Attribute::Token(true), Attribute::Id(id.as_bytes().to_vec())];
    let found = session.find_objects(&template).unwrap();
    assert_eq!(found.len(), 1);
    found[0]
}

/// Session objects that anybody in this process can see: copies and message keys.
pub(crate) fn session_objects<S: RealStand>() -> usize {
    let template = [Attribute::Token(false), Attribute::Class(ObjectClass::SECRET_KEY)];
    behind_the_back::<S>().find_objects(&template).unwrap().len()
}

/// Destroys an object behind the service's back.
pub(crate) fn delete_object<S: RealStand>(id: &KeyMaterialId) {
    let session = behind_the_back::<S>();
    session.destroy_object(find(&session, id)).unwrap();
}
