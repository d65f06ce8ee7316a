//! [`TokenFault`]: what the token answers instead of a result, and the one place where it becomes a [`Fault`].

use std::borrow::Cow;
use std::path::PathBuf;

use strongroom_base::{Code, Fault, KeyMaterialId, limits};

/// Why the token did not do what was asked. The display text is for the operator; what the caller reads is fixed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// The token is away, sick, or not connected yet. Nothing is known to be wrong with the request.
    #[error("the token is not available: {cause}")]
    Unavailable {
        /// What the token said, or what is being waited for.
        cause: String,
    },
    /// The queue is full; nothing was done.
    #[error("the queue of the token is full")]
    Overloaded,
    /// The deadline passed before the token was asked, or before it answered.
    #[error("the deadline passed before the token answered")]
    DeadlineExceeded,
    /// The ciphertext does not open under this key, nonce and AAD, though the key's witness does.
    #[error("the ciphertext does not open, though the key's witness does")]
    InvalidCiphertext,
    /// The token, or its profile, lacks what a key or an algorithm needs. Nothing was done.
    #[error("the token does not offer {missing}, which {what} needs")]
    Unsupported {
        /// The mechanism or curve.
        missing: &'static str,
        /// The key spec or algorithm.
        what: &'static str,
    },
    /// The other party's public key is not one, is on another curve, or on none.
    #[error("the other party's public key is not a point on the key's curve")]
    InvalidPublicKey,
    /// The wrapped key material does not open under its wrapping key, though the token is well.
    #[error("the wrapped key material does not open under its wrapping key, though the token is well")]
    InvalidWrappedMaterial,
    /// The wrapped key material is not as long as the key's must be; it was destroyed again.
    #[error("the wrapped key material is not of {expected} bytes")]
    MaterialLength {
        /// What it should have.
        expected: u64,
    },
    /// The wrapped key material opens, and is no private key of the kind that it should be; it was destroyed again.
    #[error("the wrapped key material is not a private key of {spec}")]
    MaterialKind {
        /// The key spec.
        spec: &'static str,
    },
    /// The wrapped key material is not the one that it should be; it was destroyed again.
    #[error("the wrapped key material is not the one that it should be")]
    OtherMaterial,
    /// The token is well and has no object with this id.
    #[error("the token is well and has no object for key material {id}")]
    KeyMissing {
        /// Whose object.
        id: KeyMaterialId,
    },
    /// The object is there and cannot be used: a damaged file, an attribute that differs, two objects with one id.
    #[error("the object of key material {id} cannot be used: {what}")]
    KeyDamaged {
        /// Whose object.
        id: KeyMaterialId,
        /// What is wrong with it.
        what: String,
    },
    /// The object that was found is not the one that was meant; it was left alone.
    #[error("the object of key material {id} is labelled {found:?}, not {expected:?}: it was left alone")]
    LabelDiffers {
        /// Whose object.
        id: KeyMaterialId,
        /// The label that was asked for.
        expected: String,
        /// The label that it has.
        found: String,
    },
    /// A new key did not come out as it must; it was destroyed again.
    #[error("the token made a key that is not as asked for ({what}); it was destroyed again")]
    ProvenanceDiffers {
        /// Which attributes.
        what: String,
    },
    /// Token or disk are full.
    #[error("the token's storage is full: {cause}")]
    StorageFull {
        /// What the token or the operating system said.
        cause: String,
    },
    /// The PKCS#11 library cannot be loaded.
    #[error("the PKCS#11 library {} cannot be loaded: {cause}; install it, or correct `library` in [token]", library.display())]
    ModuleMissing {
        /// Its path.
        library: PathBuf,
        /// What the loader said.
        cause: String,
    },
    /// No token has the configured label.
    #[error(
        "there is no token labelled {label:?}; {}; correct `label` in [token] or initialise the token",
        present_text(present)
    )]
    TokenUnknown {
        /// The configured label.
        label: String,
        /// The labels that are there. None at all also means that the token's files are not where they should be.
        present: Vec<String>,
    },
    /// Several tokens have the configured label.
    #[error("{count} tokens are labelled {label:?}: give each its own label")]
    TokenAmbiguous {
        /// The configured label.
        label: String,
        /// How many.
        count: usize,
    },
    /// The label is on another token than before.
    #[error(
        "the token labelled like ours has serial number {found}, not {expected}: it was replaced or initialised again"
    )]
    TokenReplaced {
        /// The serial number at the first connection.
        expected: String,
        /// The serial number now.
        found: String,
    },
    /// The token lacks what the profile needs.
    #[error("the token does not offer {}, which the profile {profile:?} needs", names.join(", "))]
    MechanismMissing {
        /// The profile's name.
        profile: String,
        /// The mechanisms that are missing.
        names: Vec<&'static str>,
    },
    /// The token allows fewer sessions than the profile's lanes need.
    #[error("the token allows {offered} sessions, and the lanes need {needed}")]
    SessionsTooFew {
        /// One per data lane and asymmetric lane, and one for the control lane.
        needed: u64,
        /// What the token or the profile allows.
        offered: u64,
    },
    /// The PIN file cannot be used.
    #[error("the PIN file {} cannot be used: {what}", path.display())]
    PinFile {
        /// Its path.
        path: PathBuf,
        /// What is wrong, and what to do.
        what: String,
    },
    /// The token refused the PIN. It is not tried again.
    #[error("the token refused the PIN of {}; it is not tried again until the PIN file or [token] changes", pin_file.display())]
    PinIncorrect {
        /// The PIN file.
        pin_file: PathBuf,
    },
    /// The token refused this PIN before, in this run or an earlier one, so it was not tried.
    #[error(
        "the token refused this PIN before, so it was not tried again: put the right PIN into {} (or, if the PIN is right now, remove {})",
        pin_file.display(), latch.display()
    )]
    PinLatched {
        /// The PIN file.
        pin_file: PathBuf,
        /// The file that remembers the refusal.
        latch: PathBuf,
    },
    /// The token has locked the user's PIN.
    #[error("the token has locked the user PIN: its security officer must set a new one (C_InitPIN)")]
    PinLocked,
    /// One more wrong PIN would lock the token, so none is tried.
    #[error("one more wrong PIN would lock the token, so none is tried: log in once by other means with the right PIN")]
    PinFinalTry,
    /// The token wants something else done with the PIN first.
    #[error("the token does not accept the login ({cause}): the PIN must be set or renewed by the token's officer")]
    PinUnusable {
        /// What the token said.
        cause: String,
    },
    /// The token holds objects of another installation.
    #[error(
        "the token holds objects of installation {found}, and this is installation {expected}: give each its own token"
    )]
    ForeignInstallation {
        /// This installation.
        expected: String,
        /// The other one.
        found: String,
    },
    /// The configuration lacks what the profile needs.
    #[error("the configuration lacks {what}")]
    SettingMissing {
        /// What, and why.
        what: String,
    },
    /// `sync-directory` is not where the module keeps the token's files: nothing of the token would be made durable.
    #[error(
        "`sync-directory` in [token] is {}, and the files of the token are not there: looked for {wanted} in it, and {found}; correct it to the directory that the module keeps its tokens in (`directories.tokendir` in softhsm2.conf), where they must be files (`objectstore.backend = file`)",
        directory.display()
    )]
    FilesElsewhere {
        /// The configured directory.
        directory: PathBuf,
        /// What was looked for in it.
        wanted: String,
        /// What there was instead.
        found: String,
    },
    /// A file or directory that the service keeps beside the token cannot be used.
    #[error("{} cannot be used: {cause}", path.display())]
    File {
        /// Its path.
        path: PathBuf,
        /// What the operating system said.
        cause: String,
    },
    /// The service asked for something that it must never ask for.
    #[error("a defect of the service: {what}")]
    Defect {
        /// What it asked for.
        what: &'static str,
    },
}

impl TokenFault {
    /// Whether an operator must act before another attempt can succeed: a service that starts should stop and say so.
    /// A token that is merely away comes back by itself.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        match self {
            Self::ModuleMissing { .. }
            | Self::TokenAmbiguous { .. }
            | Self::TokenReplaced { .. }
            | Self::MechanismMissing { .. }
            | Self::SessionsTooFew { .. }
            | Self::PinFile { .. }
            | Self::PinIncorrect { .. }
            | Self::PinLatched { .. }
            | Self::PinLocked
            | Self::PinFinalTry
            | Self::PinUnusable { .. }
            | Self::ForeignInstallation { .. }
            | Self::SettingMissing { .. }
            | Self::FilesElsewhere { .. }
            | Self::File { .. }
            | Self::Defect { .. } => true,
            // No token at all is what SoftHSM shows while its directory is away.
            Self::TokenUnknown { present, .. } => !present.is_empty(),
            Self::Unavailable { .. }
            | Self::Overloaded
            | Self::DeadlineExceeded
            | Self::InvalidCiphertext
            | Self::Unsupported { .. }
            | Self::InvalidPublicKey
            | Self::InvalidWrappedMaterial
            | Self::MaterialLength { .. }
            | Self::MaterialKind { .. }
            | Self::OtherMaterial
            | Self::KeyMissing { .. }
            | Self::KeyDamaged { .. }
            | Self::LabelDiffers { .. }
            | Self::ProvenanceDiffers { .. }
            | Self::StorageFull { .. } => false,
        }
    }

    /// The code and the text that the caller gets. Says what to do, and nothing of the token's insides.
    #[must_use]
    pub fn public(&self) -> (Code, &'static str) {
        match self {
            Self::Unavailable { .. } => (Code::Unavailable, AWAY),
            Self::TokenUnknown { present, .. } if present.is_empty() => (Code::Unavailable, AWAY),
            Self::Overloaded => (Code::Throttling, "Too many requests wait for the HSM; try again later."),
            Self::DeadlineExceeded => (
                Code::DependencyTimeout,
                "The HSM did not answer within the request's deadline; try again.",
            ),
            Self::InvalidCiphertext => (Code::InvalidCiphertext, "The ciphertext is not valid."),
            Self::Unsupported { .. } => (
                Code::UnsupportedOperation,
                "The HSM does not offer what the request needs.",
            ),
            Self::InvalidPublicKey => (
                Code::Validation,
                "The public key is not a valid one for the key's curve.",
            ),
            Self::InvalidWrappedMaterial => (
                Code::InvalidCiphertext,
                "The encrypted key material could not be decrypted.",
            ),
            Self::MaterialLength { .. } => (
                Code::IncorrectKeyMaterial,
                "The key material does not have the length that the key spec requires.",
            ),
            Self::MaterialKind { .. } => (Code::IncorrectKeyMaterial, OTHER_KIND),
            Self::OtherMaterial => (
                Code::IncorrectKeyMaterial,
                "The key material is not the same as the key material that was imported before.",
            ),
            Self::KeyMissing { .. } | Self::KeyDamaged { .. } | Self::LabelDiffers { .. } => (
                Code::KeyUnavailable,
                "The key's material cannot be used in the HSM; the operator of the service must look into it.",
            ),
            Self::ProvenanceDiffers { .. } => (
                Code::Internal,
                "The HSM did not make the key as it must; the operator of the service must look into it.",
            ),
            Self::StorageFull { .. } => (
                Code::StorageFull,
                "The HSM's storage is full; the operator of the service must make room.",
            ),
            Self::ModuleMissing { .. }
            | Self::TokenUnknown { .. }
            | Self::TokenAmbiguous { .. }
            | Self::TokenReplaced { .. }
            | Self::MechanismMissing { .. }
            | Self::SessionsTooFew { .. }
            | Self::PinFile { .. }
            | Self::PinIncorrect { .. }
            | Self::PinLatched { .. }
            | Self::PinLocked
            | Self::PinFinalTry
            | Self::PinUnusable { .. }
            | Self::ForeignInstallation { .. }
            | Self::SettingMissing { .. }
            | Self::FilesElsewhere { .. }
            | Self::File { .. } => (
                Code::Unavailable,
                "The HSM cannot be used as configured; the operator of the service must act.",
            ),
            Self::Defect { .. } => (
                Code::Internal,
                "The service asked the HSM for something that it must not.",
            ),
        }
    }
}

impl From<TokenFault> for Fault {
    fn from(fault: TokenFault) -> Self {
        let (code, message) = fault.public();
        let operator_must_act = fault.needs_operator() && code == Code::Unavailable;
        let message = match fault {
            // The one text that differs from case to case: which mechanism it is, the caller may know and must.
            TokenFault::Unsupported { missing, what } => {
                Cow::Owned(format!("The HSM does not offer {missing}, which {what} needs."))
            }
            _ => Cow::Borrowed(message),
        };
        let answer = Self::new(code, message).because(fault);
        if operator_must_act {
            answer.retry_after(limits::TOKEN_RECONNECT_DELAY_MAX)
        } else {
            answer
        }
    }
}

const OTHER_KIND: &str = "The key material is not a private key of the kind that the key spec requires, in PKCS #8.";
const AWAY: &str = "The HSM is not available at the moment; try again.";

fn present_text(present: &[String]) -> String {
    if present.is_empty() {
        "there is no token at all (are the token's files where the module looks for them?)".to_owned()
    } else {
        format!("there is: {}", present.join(", "))
    }
}

#[cfg(test)]
mod tests;
