//! [`KeyKind`]: what kind of key an object is, and what for.

use strongroom_base::{EncryptionAlgorithm, KeySpec, KeyUsage, SigningAlgorithm, WrappingAlgorithm};

use crate::suite::Suite;

/// What kind of key, and the one thing that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyKind {
    spec: KeySpec,
    usage: KeyUsage,
    /// Of symmetric keys; direct for all others.
    suite: Suite,
}

impl KeyKind {
    /// AES-256-GCM with the key itself: what data keys are encrypted under.
    pub const SYMMETRIC: Self = Self::symmetric(Suite::Direct);

    /// A symmetric key that encrypts so.
    #[must_use]
    pub const fn symmetric(suite: Suite) -> Self {
        Self {
            spec: KeySpec::SymmetricDefault,
            usage: KeyUsage::EncryptDecrypt,
            suite,
        }
    }

    /// A key of this kind for this usage; `None` where AWS has no such key ([`KeySpec::usages`]).
    #[must_use]
    pub fn new(spec: KeySpec, usage: KeyUsage) -> Option<Self> {
        spec.usages().contains(&usage).then_some(Self::direct(spec, usage))
    }

    const fn direct(spec: KeySpec, usage: KeyUsage) -> Self {
        Self {
            spec,
            usage,
            suite: Suite::Direct,
        }
    }

    /// Every kind, symmetric keys with the direct suite.
    pub fn all() -> impl Iterator<Item = Self> {
        let of = |spec: &KeySpec| {
            let spec = *spec;
            spec.usages().iter().map(move |usage| Self::direct(spec, *usage))
        };
        KeySpec::ALL.iter().flat_map(of)
    }

    /// What kind of key.
    #[must_use]
    pub const fn spec(self) -> KeySpec {
        self.spec
    }

    /// How it encrypts, for a symmetric key; `None` for all others.
    #[must_use]
    pub fn suite(self) -> Option<Suite> {
        (self.spec == KeySpec::SymmetricDefault).then_some(self.suite)
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
    /// Sign ML-DSA's message representative, made by the caller.
    SignExternalMu,
    /// Decrypt so.
    Decrypt(EncryptionAlgorithm),
    /// Import such keys, wrapped so.
    Import(KeyKind, WrappingAlgorithm),
}
