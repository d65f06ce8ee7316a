//! [`Value`]: what a request wants to store, before it is known whether that is a secret.

use strongroom_base::{Code, Fault};
use strongroom_material::{Material, SecretValue};

use crate::constraint;

/// A value of a request. It cannot be printed: a request that overwrites a parameter need not say that it is a secret.
pub struct Value(Material<SecretValue>);

impl Value {
    /// A value.
    ///
    /// # Errors
    /// ValidationException for an empty one, and for one that names another parameter in double brackets, which AWS does
    /// not allow.
    pub fn new(text: String) -> Result<Self, Fault> {
        let value = Self(Material::take(text.into_bytes()));
        constraint::length("value", value.len(), 1, usize::MAX)?;
        if value.reads(is_nested) {
            return Err(Fault::new(
                Code::Validation,
                "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.",
            ));
        }
        Ok(value)
    }

    /// Bytes of UTF-8.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What a rule says of the text.
    pub(crate) fn reads<R>(&self, rule: impl FnOnce(&str) -> R) -> R {
        // It came as text, so this replaces nothing and copies nothing.
        self.0.reveal_to_rules(|bytes| rule(&String::from_utf8_lossy(bytes)))
    }

    /// The text, of a parameter that is no secret.
    pub(crate) fn to_plain(&self) -> String {
        self.reads(str::to_owned)
    }

    /// The bytes for one encryption; the value is still there for another try.
    pub(crate) fn material(&self) -> &Material<SecretValue> {
        &self.0
    }
}

/// Whether there is a pair of double brackets.
fn is_nested(text: &str) -> bool {
    text.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"))
}
