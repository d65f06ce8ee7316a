//! [`KeyKind`]: what kind of key an object is, and what for.

use strongroom_base::{EncryptionAlgorithm, KeySpec, KeyUsage, SigningAlgorithm};

/// What kind of key, and the one thing that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyKind {
    spec: KeySpec,
    usage: KeyUsage,
}

impl KeyKind {
    /// AES-256-GCM: what data keys are encrypted under.
    pub const SYMMETRIC: Self = Self {
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
    };

    /// A key of this kind for this usage; `None` where AWS has no such key ([`KeySpec::usages`]).
    #[must_use]
    pub fn new(spec: KeySpec, usage: KeyUsage) -> Option<Self> {
        spec.usages().contains(&usage).then_some(Self { spec, usage })
    }

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |spec: &KeySpec| {
            let spec = *spec;
            spec.usages().iter().map(move |usage| Self { spec, usage: *usage })
        };
        KeySpec::ALL.iter().flat_map(of)
    }

    /// What kind of key.
    #[must_use]
    pub const fn spec(self) -> KeySpec {
        self.spec
    }

    /// What it is for.
    #[must_use]
    pub const fn usage(self) -> KeyUsage {
        self.usage
    }
}

/// Something that one token can do and another cannot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Capability {
    /// Make such keys, and use them for what they are for.
    Key(KeyKind),
    /// Sign so.
    Sign(SigningAlgorithm),
    /// Decrypt so.
    Decrypt(EncryptionAlgorithm),
}
