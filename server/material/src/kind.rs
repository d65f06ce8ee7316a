//! What a piece of material is for: one type per purpose, so that a data key cannot be used where a PIN is meant.

mod closed {
    pub trait Closed {}
}

/// A purpose of secret bytes. Closed: every kind is listed in this file.
pub trait Kind: closed::Closed + Send + Sync + 'static {
    /// The field's term for this kind, for error texts and audit records.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        pub enum $kind {}
        impl closed::Closed for $kind {}
        impl Kind for $kind { const NAME: &'static str = $name; }
    )*};
}

kinds! {
    /// A key that a caller encrypts with outside the token (GenerateDataKey).
    DataKey = "data key";
    /// What a caller hands to Encrypt and gets from Decrypt, and random bytes for a caller.
    Plaintext = "plaintext";
    /// The value of one version of a secret.
    SecretValue = "secret value";
    /// The key that authenticates store records; lives in the process, wrapped under a root object in the token.
    SealingKey = "sealing key";
    /// The token's user PIN.
    Pin = "PIN";
    /// A private key in DER, such as the one of a TLS listener.
    PrivateKeyDer = "private key";
}
