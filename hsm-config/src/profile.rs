//! [`Profile`]: one kind of token.

mod mechanism;

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

pub use self::mechanism::{CurveName, MechanismName, SuiteName};

/// Every profile that is proven, by name.
const PROFILES: &[(&str, &str)] = &[
    ("kryoptic", include_str!("../profiles/kryoptic.toml")),
    ("softhsm2", include_str!("../profiles/softhsm2.toml")),
];

/// What a kind of token can and needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    /// The name that the configuration chooses it by.
    pub name: String,
    /// One line for operators.
    pub description: String,
    /// Where the module usually is; the first that exists counts.
    pub library_paths: Vec<PathBuf>,
    /// The environment variable that names the module's own configuration file; `None` where the module has none.
    pub configuration_variable: Option<String>,
    /// Sessions that this kind allows one process; 0 where it sets no limit. What the token itself says counts too.
    pub session_limit: u64,
    /// Data lanes: threads with a session each for random numbers, AEAD and message authentication codes, at least 1.
    pub data_lanes: usize,
    /// Asymmetric lanes: threads with a session each for what private keys do, at least 1.
    pub asymmetric_lanes: usize,
    /// Whether lanes use session copies of keys (C_CopyObject); token objects are then made modifiable and copyable.
    pub session_copies: bool,
    /// Whether the token is files of this machine that must be synced before a change counts.
    pub sync_directory: bool,
    /// Whether empty object files that a killed process left are removed at start.
    pub sweep_empty_objects: bool,
    /// Whether a copy of the token's own file is kept before each login.
    pub keep_token_object: bool,
    /// Milliseconds between two health probes.
    pub probe_interval_ms: u64,
    /// Mechanisms without which the service cannot work.
    pub mechanisms: Vec<MechanismName>,
    /// How new symmetric keys encrypt, where the token shows at each connection that it can; else [`SuiteName::Aes256Gcm`].
    pub suite: SuiteName,
    /// Mechanisms that the service uses where the module lists them: further kinds of keys.
    pub optional_mechanisms: Vec<MechanismName>,
    /// Curves that CKM_EC_KEY_PAIR_GEN makes keys on: a mechanism list does not tell.
    pub curves: Vec<CurveName>,
    /// Whether CKM_RSA_PKCS_OAEP takes SHA-256. Where it does not, Decrypt asks for CKM_RSA_X_509 and decodes outside.
    pub oaep_sha_256: bool,
    /// Whether CKM_EDDSA takes CK_EDDSA_PARAMS with phFlag and signs as Ed25519ph, making the digest of what it is given.
    pub ed25519_ph: bool,
}

/// Why there is no such profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileFault {
    /// No profile has this name.
    #[error("there is no token profile {name:?}; there is: {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The names that exist, separated by commas.
        known: String,
    },
    /// The text is not a profile.
    #[error("the token profile {name:?} cannot be read: {cause}")]
    Malformed {
        /// Whose text it is.
        name: String,
        /// What the parser said, with line and column.
        cause: String,
    },
}

impl Profile {
    /// The profile of this name.
    ///
    /// # Errors
    /// [`ProfileFault::Unknown`], naming the profiles that exist.
    pub fn named(name: &str) -> Result<Self, ProfileFault> {
        let text = PROFILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
        let text = text.ok_or_else(|| ProfileFault::Unknown {
            name: name.to_owned(),
            known: Self::names().collect::<Vec<_>>().join(", "),
        })?;
        Self::parse(name, text)
    }

    /// The names of all profiles.
    pub fn names() -> impl Iterator<Item = &'static str> {
        PROFILES.iter().map(|(name, _)| *name)
    }

    /// The time between two health probes.
    #[must_use]
    pub fn probe_interval(&self) -> Duration {
        Duration::from_millis(self.probe_interval_ms)
    }

    /// Reads a profile's text, strictly.
    fn parse(name: &str, text: &str) -> Result<Self, ProfileFault> {
        let malformed = |cause: String| ProfileFault::Malformed {
            name: name.to_owned(),
            cause,
        };
        let profile: Self = toml::from_str(text).map_err(|fault| malformed(fault.to_string()))?;
        match &profile {
            Self { data_lanes: 0, .. } => Err(malformed("data-lanes must be at least 1".to_owned())),
            Self {
                asymmetric_lanes: 0, ..
            } => Err(malformed("asymmetric-lanes must be at least 1".to_owned())),
            Self {
                probe_interval_ms: 0, ..
            } => Err(malformed("probe-interval-ms must be at least 1".to_owned())),
            _ => Ok(profile),
        }
    }
}

#[cfg(test)]
mod tests;
