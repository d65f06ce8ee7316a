//! What the engine asks of a PKCS#11 module: two traits, implemented over a real one and by a fake.

mod function;
mod return_value;

use std::fmt::Debug;

use strongroom_base::KeyMaterialId;
use strongroom_hsm_config::MechanismName;
use strongroom_material::{Material, Pin, Plaintext};

pub use function::Function;
pub use return_value::ReturnValue;

use crate::key::Nonce;
use crate::label::ObjectLabel;

/// A PKCS#11 call that did not answer CKR_OK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{function} answered {value}")]
pub(crate) struct ModuleFault {
    /// Which function.
    pub(crate) function: Function,
    /// What it answered.
    pub(crate) value: ReturnValue,
}

/// A slot's number. SoftHSM gives a token another one when it is initialised again, so it is looked up each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SlotNumber(pub(crate) u64);

/// What C_GetTokenInfo says of an initialised token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenInfo {
    pub(crate) slot: SlotNumber,
    pub(crate) label: String,
    pub(crate) serial: String,
    pub(crate) manufacturer: String,
    pub(crate) model: String,
    pub(crate) firmware: String,
    pub(crate) pin_final_try: bool,
    pub(crate) pin_locked: bool,
    /// The most sessions that one process may have; `None` where the token sets no limit or does not say.
    pub(crate) session_max: Option<u64>,
}

/// The attributes of an object as far as the token tells them; a damaged object lacks some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub(crate) id: Option<Vec<u8>>,
    pub(crate) label: Option<Vec<u8>>,
    /// CKA_CLASS and CKA_KEY_TYPE by the standard's names, or their numbers.
    pub(crate) class: Option<String>,
    pub(crate) key_type: Option<String>,
    pub(crate) value_len: Option<u64>,
    pub(crate) key_gen_mechanism: Option<String>,
    pub(crate) token: Option<bool>,
    pub(crate) private: Option<bool>,
    pub(crate) local: Option<bool>,
    pub(crate) always_sensitive: Option<bool>,
    pub(crate) never_extractable: Option<bool>,
    pub(crate) sensitive: Option<bool>,
    pub(crate) extractable: Option<bool>,
    pub(crate) encrypt: Option<bool>,
    pub(crate) decrypt: Option<bool>,
    pub(crate) sign: Option<bool>,
    pub(crate) verify: Option<bool>,
    pub(crate) wrap: Option<bool>,
    pub(crate) unwrap: Option<bool>,
    pub(crate) derive: Option<bool>,
    pub(crate) modifiable: Option<bool>,
    pub(crate) copyable: Option<bool>,
}

/// What differs between the AES-256 keys that [`ModuleSession::generate_key`] makes.
#[derive(Debug)]
pub(crate) struct KeyTemplate<'a> {
    pub(crate) id: KeyMaterialId,
    pub(crate) label: &'a ObjectLabel,
    /// CKA_MODIFIABLE and CKA_COPYABLE: both true where lanes use session copies, else both false.
    pub(crate) copyable: bool,
}

/// A loaded module: the whole process has one, initialised once at a time.
pub(crate) trait Module: Send + Sync + 'static {
    /// How the module names an object. Never survives a reconnect.
    type Handle: Copy + Eq + Debug + Send + Sync + 'static;
    /// A session of this module.
    type Session: ModuleSession<Handle = Self::Handle>;

    /// C_Initialize with CKF_OS_LOCKING_OK: without it four threads crashed SoftHSM in 6 of 6 runs.
    fn initialize(&self) -> Result<(), ModuleFault>;
    /// C_Finalize. All sessions must have been dropped.
    fn finalize(&self) -> Result<(), ModuleFault>;
    /// All initialised tokens.
    fn tokens(&self) -> Result<Vec<TokenInfo>, ModuleFault>;
    /// The token in `slot`.
    fn token_info(&self, slot: SlotNumber) -> Result<TokenInfo, ModuleFault>;
    /// Which of `wanted` the token in `slot` lacks.
    fn missing_mechanisms(&self, slot: SlotNumber, wanted: &[MechanismName])
    -> Result<Vec<MechanismName>, ModuleFault>;
    /// Opens a read-write session: CloudHSM refuses read-only ones.
    fn open_session(&self, slot: SlotNumber) -> Result<Self::Session, ModuleFault>;
}

/// One session. One thread uses it at a time; it is closed when dropped.
pub(crate) trait ModuleSession: Send + 'static {
    /// How the module names an object.
    type Handle: Copy + Eq + Debug + Send + Sync + 'static;

    /// C_Login as the user. The login belongs to the process, not to the session.
    fn login(&self, pin: &Material<Pin>) -> Result<(), ModuleFault>;
    /// C_GenerateRandom into the whole of `target`.
    fn random(&self, target: &mut [u8]) -> Result<(), ModuleFault>;
    /// AES-GCM with a 128-bit tag; answers ciphertext and tag.
    fn encrypt(&self, key: Self::Handle, nonce: Nonce, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, ModuleFault>;
    /// AES-GCM with a 128-bit tag, which `ciphertext` ends with.
    fn decrypt(
        &self,
        key: Self::Handle,
        nonce: Nonce,
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Material<Plaintext>, ModuleFault>;
    /// Makes an AES-256 token object that encrypts and decrypts and cannot leave.
    fn generate_key(&self, template: &KeyTemplate<'_>) -> Result<Self::Handle, ModuleFault>;
    /// A copy that lives as long as this session, unmodifiable.
    fn copy_object(&self, object: Self::Handle) -> Result<Self::Handle, ModuleFault>;
    /// C_DestroyObject.
    fn destroy(&self, object: Self::Handle) -> Result<(), ModuleFault>;
    /// Token objects (never copies, which match the id too) that are secret keys; with this CKA_ID if one is given.
    fn find(&self, id: Option<&KeyMaterialId>) -> Result<Vec<Self::Handle>, ModuleFault>;
    /// The attributes of `object`.
    fn attributes(&self, object: Self::Handle) -> Result<Attributes, ModuleFault>;
}
