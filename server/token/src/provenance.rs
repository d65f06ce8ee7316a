//! [`Provenance`]: where a key comes from and what may be done with it, as its token says.

use serde::{Deserialize, Serialize};

use crate::module::Attributes;

macro_rules! provenance {
    ($($(#[$doc:meta])* $field:ident: $type:ty = $name:literal;)*) => {
        /// The attributes of a key object that say where it comes from and what may be done with it.
        ///
        /// Read back after creation, recorded by the caller, shown in DescribeKey, and compared again at each
        /// connection and in turns at each probe: an object that is modifiable can gain usages later.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct Provenance {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Provenance {
            /// Takes all attributes, or names the first that the token does not tell.
            pub(crate) fn of(attributes: &Attributes) -> Result<Self, &'static str> {
                Ok(Self { $($field: attributes.$field.clone().ok_or($name)?,)* })
            }

            /// The attributes that differ from `expected`, by their names.
            pub(crate) fn differences(&self, expected: &Self) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(if self.$field != expected.$field { names.push($name); })*
                names
            }
        }
    };
}

provenance! {
    /// What kind of object: CKO_SECRET_KEY.
    class: String = "CKA_CLASS";
    /// What kind of key: CKK_AES.
    key_type: String = "CKA_KEY_TYPE";
    /// Bytes of the key.
    value_len: u64 = "CKA_VALUE_LEN";
    /// The mechanism that made it.
    key_gen_mechanism: String = "CKA_KEY_GEN_MECHANISM";
    /// Whether it outlives the session.
    token: bool = "CKA_TOKEN";
    /// Whether it can be seen only after a login.
    private: bool = "CKA_PRIVATE";
    /// Whether it was made in the token.
    local: bool = "CKA_LOCAL";
    /// Whether it has been sensitive from its beginning.
    always_sensitive: bool = "CKA_ALWAYS_SENSITIVE";
    /// Whether it has been unextractable from its beginning.
    never_extractable: bool = "CKA_NEVER_EXTRACTABLE";
    /// Whether its value cannot be read.
    sensitive: bool = "CKA_SENSITIVE";
    /// Whether it can be wrapped and taken out.
    extractable: bool = "CKA_EXTRACTABLE";
    /// Whether it encrypts.
    encrypt: bool = "CKA_ENCRYPT";
    /// Whether it decrypts.
    decrypt: bool = "CKA_DECRYPT";
    /// Whether it makes message authentication codes.
    sign: bool = "CKA_SIGN";
    /// Whether it verifies message authentication codes.
    verify: bool = "CKA_VERIFY";
    /// Whether it wraps other keys.
    wrap: bool = "CKA_WRAP";
    /// Whether it unwraps other keys.
    unwrap: bool = "CKA_UNWRAP";
    /// Whether other keys can be derived from it.
    derive: bool = "CKA_DERIVE";
    /// Whether its attributes can be changed.
    modifiable: bool = "CKA_MODIFIABLE";
    /// Whether it can be copied within the token.
    copyable: bool = "CKA_COPYABLE";
}

/// Bytes of the AES-256 keys that this crate makes.
pub(crate) const KEY_BYTES: u64 = 32;

impl Provenance {
    /// What a key that was generated in the token must say. `copyable` as the profile's `session_copies`.
    #[must_use]
    pub fn of_generated(copyable: bool) -> Self {
        Self {
            class: "CKO_SECRET_KEY".to_owned(),
            key_type: "CKK_AES".to_owned(),
            value_len: KEY_BYTES,
            key_gen_mechanism: "CKM_AES_KEY_GEN".to_owned(),
            token: true,
            private: true,
            local: true,
            always_sensitive: true,
            never_extractable: true,
            sensitive: true,
            extractable: false,
            encrypt: true,
            decrypt: true,
            sign: false,
            verify: false,
            wrap: false,
            unwrap: false,
            derive: false,
            modifiable: copyable,
            copyable,
        }
    }
}

/// Reads an object's provenance and compares it with what a generated key must say. Without `copyable`, as for keys
/// that were made under another setting of `session_copies`, CKA_MODIFIABLE and CKA_COPYABLE need only agree.
///
/// # Errors
/// What is wrong, for the operator.
pub(crate) fn checked(attributes: &Attributes, copyable: Option<bool>) -> Result<Provenance, String> {
    let provenance = Provenance::of(attributes).map_err(|name| format!("the token does not tell its {name}"))?;
    let expected = Provenance::of_generated(copyable.unwrap_or(provenance.copyable));
    let differences = provenance.differences(&expected);
    if differences.is_empty() {
        Ok(provenance)
    } else {
        Err(format!(
            "{} is not as a key made by this service has it",
            differences.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests;
