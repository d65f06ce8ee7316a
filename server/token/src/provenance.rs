//! [`Provenance`]: where a key comes from and what may be done with it, as its token says.

mod expected;
pub(crate) mod imported;

use serde::{Deserialize, Serialize};

use self::expected::PRIVATE_KEY;
pub(crate) use self::expected::{EDWARDS25519, secret_bytes};
use crate::kind::KeyKind;
use crate::module::Attributes;

macro_rules! provenance {
    (
        $($(#[$doc:meta])* $field:ident: $type:ty = $name:literal;)*
        @of_some_classes $($(#[$own_doc:meta])* $own:ident: $own_type:ty = $own_name:literal;)*
    ) => {
        /// The attributes of a key object that say where it comes from and what may be done with it.
        ///
        /// Read back after creation, recorded by the caller, shown in DescribeKey, and compared again at each
        /// connection and in turns at each probe: an object that is modifiable can gain usages later.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase", deny_unknown_fields)]
        pub struct Provenance {
            $($(#[$doc])* pub $field: $type,)*
            $($(#[$own_doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $own: Option<$own_type>,)*
        }

        impl Provenance {
            /// Takes all attributes, or names the first that the token does not tell.
            fn of(attributes: &Attributes) -> Result<Self, &'static str> {
                Ok(Self {
                    $($field: attributes.$field.clone().ok_or($name)?,)*
                    $($own: attributes.$own.clone(),)*
                })
            }

            /// All attributes that the object has, by name, as texts.
            #[must_use]
            pub fn attributes(&self) -> Vec<(&'static str, String)> {
                let mut attributes = vec![$(($name, self.$field.to_string()),)*];
                $(attributes.extend(self.$own.as_ref().map(|value| ($own_name, value.to_string())));)*
                attributes
            }

            /// The attributes that differ from `expected`, by their names.
            #[must_use]
            pub fn differences(&self, expected: &Self) -> Vec<&'static str> {
                let mut names = Vec::new();
                $(if self.$field != expected.$field { names.push($name); })*
                $(if self.$own != expected.$own { names.push($own_name); })*
                names
            }
        }
    };
}

provenance! {
    /// What kind of object: CKO_SECRET_KEY or CKO_PRIVATE_KEY.
    class: String = "CKA_CLASS";
    /// What kind of key, such as CKK_AES.
    key_type: String = "CKA_KEY_TYPE";
    /// The mechanism that made it; empty for a key that was imported.
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
    /// Whether it encrypts. Private keys have no such flag: false.
    encrypt: bool = "CKA_ENCRYPT";
    /// Whether it decrypts.
    decrypt: bool = "CKA_DECRYPT";
    /// Whether it signs, or makes message authentication codes.
    sign: bool = "CKA_SIGN";
    /// Whether it verifies message authentication codes. Private keys have no such flag: false.
    verify: bool = "CKA_VERIFY";
    /// Whether it wraps other keys. Private keys have no such flag: false.
    wrap: bool = "CKA_WRAP";
    /// Whether it unwraps other keys.
    unwrap: bool = "CKA_UNWRAP";
    /// Whether other keys can be derived from it.
    derive: bool = "CKA_DERIVE";
    /// Whether its attributes can be changed.
    modifiable: bool = "CKA_MODIFIABLE";
    /// Whether it can be copied within the token.
    copyable: bool = "CKA_COPYABLE";
    @of_some_classes
    /// Bytes of a secret key; not told of an imported one by every token.
    value_len: u64 = "CKA_VALUE_LEN";
    /// Bits of an RSA key.
    modulus_bits: u64 = "CKA_MODULUS";
    /// The curve of an elliptic-curve key.
    curve: String = "CKA_EC_PARAMS";
    /// The parameter set of an ML-DSA or ML-KEM key.
    parameter_set: u64 = "CKA_PARAMETER_SET";
    /// Whether it makes signatures that hold their message. Always false, or not told.
    sign_recover: bool = "CKA_SIGN_RECOVER";
    /// Whether it opens encapsulated keys; told by tokens that know it.
    decapsulate: bool = "CKA_DECAPSULATE";
}

/// Reads an object's provenance and compares it with what a generated key of `kind` must say; without a kind, with what
/// any generated key of ours must. Without `copyable`, as for keys that were made under another setting of
/// `session_copies`, CKA_MODIFIABLE and CKA_COPYABLE need only agree.
///
/// # Errors
/// What is wrong, for the operator.
pub(crate) fn checked(
    attributes: &Attributes,
    kind: Option<KeyKind>,
    copyable: Option<bool>,
) -> Result<Provenance, String> {
    let provenance = told(attributes).map_err(|name| format!("the token does not tell its {name}"))?;
    let copyable = copyable.unwrap_or(provenance.copyable);
    let differences = match kind {
        Some(kind) => provenance.differences(&Provenance::of_generated(kind, copyable)),
        None => provenance.least_differences(|kind| Provenance::of_generated(kind, copyable)),
    };
    if differences.is_empty() {
        Ok(provenance)
    } else {
        Err(differing(&differences))
    }
}

fn differing(differences: &[&str]) -> String {
    format!("{} is not as a key made by this service has it", differences.join(", "))
}

/// What an object says of itself, whether or not that is as it should be.
///
/// # Errors
/// The attribute that the token does not tell.
pub(crate) fn told(attributes: &Attributes) -> Result<Provenance, &'static str> {
    Provenance::of(&settled(attributes))
}

/// Flags that objects of a class do not have count as false. What else is not told stays so.
fn settled(attributes: &Attributes) -> Attributes {
    let mut settled = attributes.clone();
    if settled.class.as_deref() == Some(PRIVATE_KEY) {
        for flag in [&mut settled.encrypt, &mut settled.verify, &mut settled.wrap] {
            flag.get_or_insert(false);
        }
    }
    // A token may tell of a flag that it does not have, and another not: one record for both.
    for flag in [&mut settled.sign_recover, &mut settled.decapsulate] {
        *flag = flag.filter(|is| *is);
    }
    settled
}

#[cfg(test)]
mod tests;
