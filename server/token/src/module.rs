//! What the engine asks of a PKCS#11 module: two traits, implemented over a real one and by a fake.

mod crypto;
mod function;
mod import;
mod return_value;

use std::fmt::Debug;

use strongroom_base::{KeyMaterialId, KeySpec, MacAlgorithm};
use strongroom_hsm_config::MechanismName;
use strongroom_material::{Mac, Material, Message, Pin, Plaintext, SharedSecret};

pub(crate) use crypto::{Hash, KeyPair, ML_KEM_SECRET_BYTES, PublicHalf, RsaPadding, SignMechanism};
pub use function::Function;
pub(crate) use import::{ImportSession, Lifetime, Purpose, UnwrapTemplate, Unwrapping, WrappingTemplate};
pub use return_value::ReturnValue;

use crate::key::Nonce;
use crate::kind::KeyKind;
use crate::label::ObjectLabel;
use crate::message_key::FixedInput;

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
    /// Of an RSA key: the bits of CKA_MODULUS.
    pub(crate) modulus_bits: Option<u64>,
    /// Of a key on an elliptic curve: CKA_EC_PARAMS, by the curve's name where it is one that we know.
    pub(crate) curve: Option<String>,
    /// CKA_PARAMETER_SET of ML-DSA and ML-KEM keys.
    pub(crate) parameter_set: Option<u64>,
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
    pub(crate) sign_recover: Option<bool>,
    pub(crate) verify: Option<bool>,
    pub(crate) wrap: Option<bool>,
    pub(crate) unwrap: Option<bool>,
    pub(crate) derive: Option<bool>,
    pub(crate) decapsulate: Option<bool>,
    pub(crate) modifiable: Option<bool>,
    pub(crate) copyable: Option<bool>,
}

/// What differs between the keys that [`ModuleSession`] makes.
#[derive(Debug)]
pub(crate) struct KeyTemplate<'a> {
    pub(crate) id: KeyMaterialId,
    pub(crate) label: &'a ObjectLabel,
    pub(crate) kind: KeyKind,
    /// CKA_MODIFIABLE and CKA_COPYABLE: both true where lanes use session copies, else both false.
    pub(crate) copyable: bool,
}

/// What a message key is derived for: one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageKeyUse {
    Encrypt,
    Decrypt,
}

/// A loaded module: the whole process has one, initialised once at a time.
pub(crate) trait Module: Send + Sync + 'static {
    /// How the module names an object. Never survives a reconnect.
    type Handle: Copy + Eq + Debug + Send + Sync + 'static;
    /// A session of this module.
    type Session: ModuleSession<Handle = Self::Handle> + ImportSession;

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
    /// Makes a secret key: a token object that does what its kind is for and cannot leave.
    fn generate_key(&self, template: &KeyTemplate<'_>) -> Result<Self::Handle, ModuleFault>;
    /// Makes 256 bits that derive, as a session object that cannot leave.
    fn generate_session_base_key(&self) -> Result<Self::Handle, ModuleFault>;
    /// Derives an AES-256 key by SP 800-108 in counter mode with HMAC-SHA-256, as a session object that cannot leave.
    fn derive_message_key(
        &self,
        base: Self::Handle,
        input: &FixedInput,
        usage: MessageKeyUse,
    ) -> Result<Self::Handle, ModuleFault>;
    /// Makes a key pair: the private half as [`Self::generate_key`] does, the public one as an object of this session,
    /// which the caller destroys.
    fn generate_key_pair(&self, template: &KeyTemplate<'_>) -> Result<KeyPair<Self::Handle>, ModuleFault>;
    /// What the token tells of a public key, or of an RSA key's private half that has it too.
    fn public_half(&self, public: Self::Handle, spec: KeySpec) -> Result<PublicHalf, ModuleFault>;
    /// Signs.
    fn sign(
        &self,
        key: Self::Handle,
        mechanism: SignMechanism,
        input: &Material<Message>,
    ) -> Result<Vec<u8>, ModuleFault>;
    /// Makes a message authentication code: CKM_SHA*_HMAC, by C_Sign.
    fn mac(
        &self,
        key: Self::Handle,
        algorithm: MacAlgorithm,
        message: &Material<Message>,
    ) -> Result<Material<Mac>, ModuleFault>;
    /// RSA decryption; without padding the answer is as long as the modulus.
    fn decrypt_rsa(
        &self,
        key: Self::Handle,
        padding: RsaPadding,
        ciphertext: &[u8],
    ) -> Result<Material<Plaintext>, ModuleFault>;
    /// Diffie-Hellman with a peer's uncompressed point, without key derivation, into an extractable object of this session
    /// of `length` bytes. The caller reads and destroys it: with [`Self::decapsulate`] the one exception to the rule that
    /// no key can leave, since this one is the caller's.
    fn derive(&self, key: Self::Handle, peer: &[u8], length: u64) -> Result<Self::Handle, ModuleFault>;
    /// ML-KEM decapsulation, into an object as [`Self::derive`] makes it.
    fn decapsulate(&self, key: Self::Handle, ciphertext: &[u8]) -> Result<Self::Handle, ModuleFault>;
    /// CKA_VALUE of a secret that [`Self::derive`] or [`Self::decapsulate`] made.
    fn value(&self, secret: Self::Handle) -> Result<Material<SharedSecret>, ModuleFault>;
    /// A copy that lives as long as this session, unmodifiable.
    fn copy_object(&self, object: Self::Handle) -> Result<Self::Handle, ModuleFault>;
    /// C_DestroyObject.
    fn destroy(&self, object: Self::Handle) -> Result<(), ModuleFault>;
    /// Token objects (never copies, which match the id too), with this CKA_ID if one is given. Of every class: a search
    /// costs the same whatever it asks for, and keys are of two.
    fn find(&self, id: Option<&KeyMaterialId>) -> Result<Vec<Self::Handle>, ModuleFault>;
    /// The attributes of `object`.
    fn attributes(&self, object: Self::Handle) -> Result<Attributes, ModuleFault>;
    /// Those alone that say whose `object` is: of a damaged one they may be all that can be read.
    fn identity(&self, object: Self::Handle) -> Result<Attributes, ModuleFault>;
}
