//! [`Value`]: what a secret is about, text or bytes.

use serde::{Deserialize, Serialize};
use strongroom_base::Fault;
use strongroom_base::limits::SECRET_VALUE_BYTES_MAX;
use strongroom_material::{Material, SecretValue};

use crate::constraint;

/// Whether a value came as text or as bytes; it goes out the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueKind {
    /// SecretString: UTF-8.
    String,
    /// SecretBinary.
    Binary,
}

/// The value of one version: 1 to 65,536 bytes. It cannot be printed.
pub struct Value {
    kind: ValueKind,
    bytes: Material<SecretValue>,
}

impl Value {
    /// A SecretString.
    ///
    /// # Errors
    /// ValidationException for an empty text and one of more than 65,536 bytes (AWS's model says characters, its
    /// documentation and its service bytes).
    pub fn string(text: String) -> Result<Self, Fault> {
        Self::checked("secretString", ValueKind::String, Material::take(text.into_bytes()))
    }

    /// A SecretBinary.
    ///
    /// # Errors
    /// ValidationException for no bytes and for more than 65,536.
    pub fn binary(bytes: Vec<u8>) -> Result<Self, Fault> {
        Self::checked("secretBinary", ValueKind::Binary, Material::take(bytes))
    }

    fn checked(field: &str, kind: ValueKind, bytes: Material<SecretValue>) -> Result<Self, Fault> {
        constraint::length(field, bytes.len(), 1, SECRET_VALUE_BYTES_MAX)?;
        Ok(Self { kind, bytes })
    }

    /// What a cipher gave back: it was checked when it was sealed.
    pub(crate) fn opened(kind: ValueKind, bytes: Material<SecretValue>) -> Self {
        Self { kind, bytes }
    }

    /// Text or bytes.
    #[must_use]
    pub fn kind(&self) -> ValueKind {
        self.kind
    }

    /// The bytes; UTF-8 for [`ValueKind::String`].
    #[must_use]
    pub fn bytes(&self) -> &Material<SecretValue> {
        &self.bytes
    }

    /// The bytes, for keeps.
    #[must_use]
    pub fn into_bytes(self) -> Material<SecretValue> {
        self.bytes
    }

    /// Whether the other value is the same, kind included, in time that depends on the lengths only.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && bool::from(self.bytes.ct_eq(&other.bytes))
    }
}
