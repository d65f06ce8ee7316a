//! What import asks of a session beyond [`ModuleSession`]: wrapping keys, and unwrapping.

use strongroom_base::{KeyMaterialId, KeySpec};

use super::{ModuleFault, ModuleSession, PublicHalf};
use crate::label::ObjectLabel;
use crate::rsa::OaepHash;

/// What differs between the wrapping keys that [`ImportSession::generate_wrapping_key`] makes.
#[derive(Debug)]
pub(crate) struct WrappingTemplate<'a> {
    pub(crate) id: KeyMaterialId,
    pub(crate) label: &'a ObjectLabel,
    /// RSA_2048, RSA_3072 or RSA_4096.
    pub(crate) spec: KeySpec,
}

/// How wrapped bytes are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unwrapping {
    /// CKM_RSA_PKCS_OAEP.
    Oaep(OaepHash),
    /// CKM_AES_KEY_WRAP_PAD.
    AesKeyWrapPad,
}

/// What an unwrapped object of the session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An AES key that encrypts and decrypts.
    Encrypt,
    /// An AES key that unwraps.
    Unwrap,
    /// A generic secret that makes message authentication codes.
    Mac,
}

/// How long an unwrapped object is there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lifetime<'a> {
    /// As long as the session, or until it is destroyed.
    Session(Purpose),
    /// For good, as an AES key that encrypts and decrypts.
    Token {
        id: KeyMaterialId,
        label: &'a ObjectLabel,
        /// CKA_MODIFIABLE and CKA_COPYABLE, as for generated keys.
        copyable: bool,
    },
}

/// The keys that [`ImportSession::unwrap_key`] makes: private, sensitive, never to leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnwrapTemplate<'a> {
    pub(crate) lifetime: Lifetime<'a>,
}

/// A session that imports.
pub(crate) trait ImportSession: ModuleSession {
    /// Makes an RSA key pair. The private half is a token object that unwraps, does nothing else and cannot leave; the
    /// public half is given out and not kept.
    fn generate_wrapping_key(&self, template: &WrappingTemplate<'_>)
    -> Result<(Self::Handle, PublicHalf), ModuleFault>;
    /// C_UnwrapKey into a secret key.
    fn unwrap_key(
        &self,
        unwrapping: Unwrapping,
        key: Self::Handle,
        wrapped: &[u8],
        template: &UnwrapTemplate<'_>,
    ) -> Result<Self::Handle, ModuleFault>;
    /// Makes a generic secret of so many bytes that makes message authentication codes, for as long as the session.
    fn generate_mac_key(&self, bytes: u64) -> Result<Self::Handle, ModuleFault>;
    /// HMAC-SHA-256 over something random that nobody looks at: whether the token takes the key.
    fn try_mac(&self, key: Self::Handle) -> Result<(), ModuleFault>;
}
