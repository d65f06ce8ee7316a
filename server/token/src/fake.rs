//! A token in memory with a script of faults, for tests of this crate and of those above it.
//!
//! It answers as SoftHSM 2.6.1 was measured to answer, down to its lies: with the token's directory away,
//! C_GenerateRandom goes on, C_FindObjects finds nothing successfully, session copies work, and nothing but C_Finalize
//! and C_Initialize heals. The cryptography is real. One conformance suite runs against it and against SoftHSM.

mod derivation;
mod import;
mod keys;
mod module;
mod session;
mod world;

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use strongroom_base::{InstallationId, KeyMaterialId};
use strongroom_hsm_config::{CurveName, MechanismName, Profile, ProfileFault};
use strongroom_material::{Material, Plaintext};

use self::world::{Rule, Unreadable, World};
use crate::board::lock;
use crate::oaep;
use crate::settings::TokenSettings;
use crate::suite::Suite;

pub use self::module::FakeModule;
use crate::module::{Function, ReturnValue};

/// The label of a new fake token.
pub const LABEL: &str = "fake";
/// The PIN of a new fake token.
pub const PIN: &str = "271828";

/// The token itself, which outlives the modules that work with it: what a directory of files is for SoftHSM.
#[derive(Clone)]
pub struct FakeToken {
    world: Arc<Mutex<World>>,
}

impl Default for FakeToken {
    fn default() -> Self {
        Self::new()
    }
}

impl FakeToken {
    /// An initialised token without objects, labelled [`LABEL`], with the PIN [`PIN`].
    #[must_use]
    pub fn new() -> Self {
        Self {
            world: Arc::new(Mutex::new(World::new())),
        }
    }

    /// The same token; its profile wants a key derived for each message.
    #[must_use]
    pub fn deriving() -> Self {
        let token = Self::new();
        token.set_suite(Suite::Derived);
        token
    }

    /// Sets how the profile of later [`Self::settings`] wants new keys to encrypt.
    pub fn set_suite(&self, suite: Suite) {
        lock(&self.world).suite = suite;
    }

    /// A module that works with this token.
    #[must_use]
    pub fn module(&self) -> FakeModule {
        FakeModule::new(Arc::clone(&self.world))
    }

    /// Settings for this token: a PIN file and a state directory under `directory`, and a probe every 50 ms.
    ///
    /// # Errors
    /// When `directory` cannot be written.
    pub fn settings(&self, directory: &Path, installation: InstallationId) -> io::Result<TokenSettings> {
        let pin_file = directory.join("pin");
        write_pin(&pin_file, PIN)?;
        let state_directory = directory.join("state");
        fs::create_dir_all(&state_directory)?;
        let profile = Profile::named("softhsm2").map_err(|fault: ProfileFault| io::Error::other(fault))?;
        let profile = Profile {
            name: "fake".to_owned(),
            sync_directory: false,
            sweep_empty_objects: false,
            keep_token_object: false,
            probe_interval_ms: 50,
            optional_mechanisms: MechanismName::ALL.to_vec(),
            curves: CurveName::ALL.to_vec(),
            oaep_sha_256: true,
            ed25519_ph: false,
            suite: lock(&self.world).suite.name(),
            ..profile
        };
        Ok(TokenSettings {
            profile,
            library: directory.join("no-library"),
            label: LABEL.to_owned(),
            pin_file,
            state_directory,
            sync_directory: None,
            installation,
        })
    }

    /// Makes the next `times` calls of `function` answer `value`.
    pub fn fail(&self, function: Function, times: u64, value: ReturnValue) {
        lock(&self.world).script.push(Rule {
            function,
            times,
            value: Some(value),
            delay: Duration::ZERO,
        });
    }

    /// Makes all calls of `function` but the next `good` ones answer `value`.
    pub fn fail_after(&self, function: Function, good: u64, value: ReturnValue) {
        self.delay(function, good, Duration::ZERO);
        self.fail(function, u64::MAX, value);
    }

    /// Makes the next `times` calls of `function` take `delay` longer.
    pub fn delay(&self, function: Function, times: u64, delay: Duration) {
        lock(&self.world).script.push(Rule {
            function,
            times,
            value: None,
            delay,
        });
    }

    /// Forgets what is left of the script.
    pub fn clear_script(&self) {
        lock(&self.world).script.clear();
    }

    /// Whether the script still has faults or delays to come.
    #[must_use]
    pub fn is_scripted(&self) -> bool {
        lock(&self.world).script.iter().any(|rule| rule.times > 0)
    }

    /// How often `function` has been called.
    #[must_use]
    pub fn calls(&self, function: Function) -> u64 {
        lock(&self.world).calls.get(&function).copied().unwrap_or_default()
    }

    /// Session copies, and other objects of sessions, that exist now.
    #[must_use]
    pub fn copies(&self) -> usize {
        lock(&self.world)
            .sessions
            .values()
            .map(|session| session.copies.len())
            .sum()
    }

    /// Token objects that exist now.
    #[must_use]
    pub fn objects(&self) -> usize {
        lock(&self.world).objects.len()
    }

    /// Moves the token's files away.
    pub fn take_away(&self) {
        lock(&self.world).present = false;
    }

    /// Moves the token's files back. What had noticed stays broken until C_Finalize and C_Initialize.
    pub fn bring_back(&self) {
        lock(&self.world).present = true;
    }

    /// Initialises the token again, as another process would: no objects, another serial number.
    pub fn reinitialise(&self) {
        lock(&self.world).reinitialise();
    }

    /// Destroys an object behind the service's back.
    pub fn delete_object(&self, id: &KeyMaterialId) {
        lock(&self.world).objects.retain(|_, object| !object.has_id(id));
    }

    /// Damages an object's file so that it has lost its CKA_DECRYPT, as half-truncated ones in SoftHSM have.
    pub fn damage_object(&self, id: &KeyMaterialId) {
        let World { objects, taken, .. } = &mut *lock(&self.world);
        for object in objects.values_mut().filter(|object| object.has_id(id)) {
            taken.extend(object.attributes.decrypt.take().map(|decrypt| (*id, decrypt)));
        }
    }

    /// Gives an object back what [`Self::damage_object`] took.
    pub fn repair_object(&self, id: &KeyMaterialId) {
        let World { objects, taken, .. } = &mut *lock(&self.world);
        for object in objects.values_mut().filter(|object| object.has_id(id)) {
            if let Some(decrypt) = taken.remove(id) {
                object.attributes.decrypt = Some(decrypt);
            }
        }
    }

    /// Makes C_GetAttributeValue fail on an object; `whole`: on its id and label, too.
    pub fn make_unreadable(&self, id: &KeyMaterialId, whole: bool) {
        let what = if whole {
            Unreadable::Whole
        } else {
            Unreadable::ButIdentity
        };
        lock(&self.world).unreadable.insert(*id, what);
    }

    /// Undoes [`Self::make_unreadable`].
    pub fn make_readable(&self, id: &KeyMaterialId) {
        lock(&self.world).unreadable.remove(id);
    }

    /// Plants a key object with this label and id.
    pub fn plant_object(&self, label: &str, id: &KeyMaterialId) {
        lock(&self.world).plant(label, id, true);
    }

    /// The same, of a key that says of itself that it was not made in the token.
    pub fn plant_imported_object(&self, label: &str, id: &KeyMaterialId) {
        lock(&self.world).plant(label, id, false);
    }

    /// Puts another key in the place of an object, with the same label, id and attributes.
    pub fn substitute_object(&self, id: &KeyMaterialId) {
        lock(&self.world).substitute(id);
    }

    /// Lets a wrapping key decrypt too, or not any more.
    pub fn let_wrapping_key_decrypt(&self, decrypt: bool) {
        for object in lock(&self.world).objects.values_mut() {
            if object.attributes.unwrap == Some(true) {
                object.attributes.decrypt = Some(decrypt);
            }
        }
    }

    /// Sets CKF_USER_PIN_FINAL_TRY and CKF_USER_PIN_LOCKED.
    pub fn set_pin_flags(&self, final_try: bool, locked: bool) {
        let mut world = lock(&self.world);
        world.pin_final_try = final_try;
        world.pin_locked = locked;
    }

    /// Fills the storage, or makes room: C_GenerateKey and C_GenerateKeyPair answer CKR_FUNCTION_FAILED while it is full.
    pub fn set_full(&self, full: bool) {
        lock(&self.world).full = full;
    }

    /// Makes keys come out extractable, whatever was asked for; or as they should.
    pub fn set_careless(&self, careless: bool) {
        lock(&self.world).careless = careless;
    }

    /// Makes key pairs come out with the public half of another pair; or as they should.
    pub fn set_confused(&self, confused: bool) {
        lock(&self.world).confused = confused;
    }

    /// Does something to all signatures before the token answers them; or nothing any more.
    pub fn spoil_signatures(&self, spoil: Option<fn(&mut Vec<u8>)>) {
        lock(&self.world).spoil_signature = spoil;
    }

    /// Logs the process out, as another user of the module might.
    pub fn log_out(&self) {
        lock(&self.world).log_out();
    }
}

/// The service's own decoding of RSAES-OAEP with SHA-256, for tests that take known keys into a real module: what the
/// module opened without padding, as long as the modulus. `None` for what is not so encoded.
#[must_use]
pub fn decode_oaep(encoded: &Material<Plaintext>) -> Option<Material<Plaintext>> {
    oaep::decode(encoded)
}

/// Writes a PIN file that its owner alone can read.
///
/// # Errors
/// When it cannot be written.
pub fn write_pin(path: &Path, pin: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    writeln!(file, "{pin}")
}
