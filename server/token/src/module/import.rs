//! What import asks of a session beyond [`ModuleSession`]: wrapping keys, and unwrapping.

use strongroom_base::{KeyMaterialId, KeySpec};

use super::{ModuleFault, ModuleSession, PublicHalf};
use crate::kind::KeyKind;
use crate::label::ObjectLabel;
use crate::offer;
use crate::provenance::Provenance;
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
    /// CKM_AES_KEY_WRAP_PAD, of tokens that mean AES-KWP by it.
    AesKeyWrapPad,
    /// CKM_AES_KEY_WRAP_KWP.
    AesKeyWrapKwp,
}

/// What an unwrapped object of the session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An AES key that unwraps.
    Unwrap,
    /// A key of this kind, to find out what it is. Private keys sign, whatever the kind is for, and those on a curve derive.
    Try(KeyKind),
    /// A secret of whatever bytes, which does nothing: that it can be made says that they unwrap.
    Open,
}

/// How long an unwrapped object is there.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lifetime<'a> {
    /// As long as the session, or until it is destroyed.
    Session(Purpose),
    /// For good, as a key that does what its kind is for.
    Token {
        id: KeyMaterialId,
        label: &'a ObjectLabel,
        kind: KeyKind,
        /// CKA_MODIFIABLE and CKA_COPYABLE, as for generated keys.
        copyable: bool,
    },
}

/// What an unwrapped object may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    pub(crate) encrypt: bool,
    pub(crate) decrypt: bool,
    pub(crate) sign: bool,
    pub(crate) verify: bool,
    pub(crate) unwrap: bool,
    pub(crate) derive: bool,
}

impl Uses {
    /// What a key of this kind is for.
    fn of(kind: KeyKind) -> Self {
        let expected = Provenance::of_imported(kind, true);
        Self {
            encrypt: expected.encrypt,
            decrypt: expected.decrypt,
            sign: expected.sign,
            verify: expected.verify,
            unwrap: false,
            derive: expected.derive,
        }
    }
}

impl Lifetime<'_> {
    /// What the object may do.
    pub(crate) fn uses(&self) -> Uses {
        match self {
            Self::Token { kind, .. } => Uses::of(*kind),
            Self::Session(Purpose::Try(kind)) if kind.spec().is_asymmetric() => Uses {
                sign: true,
                derive: offer::curve(kind.spec()).is_some(),
                ..Uses::default()
            },
            Self::Session(Purpose::Try(kind)) => Uses::of(*kind),
            Self::Session(Purpose::Unwrap) => Uses {
                unwrap: true,
                ..Uses::default()
            },
            Self::Session(Purpose::Open) => Uses::default(),
        }
    }
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
    /// C_UnwrapKey into a secret key, or into a private key from PKCS #8.
    fn unwrap_key(
        &self,
        unwrapping: Unwrapping,
        key: Self::Handle,
        wrapped: &[u8],
        template: &UnwrapTemplate<'_>,
    ) -> Result<Self::Handle, ModuleFault>;
    /// SHA-256 over the value of a secret key and these bytes behind it.
    fn digest_key(&self, key: Self::Handle, suffix: &[u8]) -> Result<Vec<u8>, ModuleFault>;
}
