//! What a piece of material is for: one type per purpose, so that a data key cannot be used where a PIN is meant.

mod closed {
    pub trait Closed {}
}

/// A purpose of secret bytes. Closed: every kind is listed in this file.
pub trait Kind: closed::Closed + Send + Sync + 'static {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident;)*) => {$(
        $(#[$doc])*
        pub enum $kind {}
        impl closed::Closed for $kind {}
        impl Kind for $kind {}
    )*};
}

kinds! {
    /// A key that a caller encrypts with outside the token (GenerateDataKey).
    DataKey;
    /// What a caller hands to Encrypt and gets from Decrypt, and random bytes for a caller.
    Plaintext;
    /// The value of one version of a secret.
    SecretValue;
    /// The key that authenticates store records; lives in the process, wrapped under a root object in the token.
    SealingKey;
    /// The token's user PIN.
    Pin;
    /// What a key agreement or a key encapsulation came to: for the caller.
    SharedSecret;
    /// What is to be signed, or to get an authentication code: a message that may be confidential, or its digest, from
    /// which a short message can be guessed.
    Message;
    /// A message authentication code: whoever has it passes for its maker, and callers derive keys from such codes.
    Mac;
    /// A private key in DER, such as the one of a TLS listener.
    PrivateKeyDer;
}
