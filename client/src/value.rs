//! [`Value`]: the value of one version of a secret, text or bytes, that cannot be printed.

use strongroom_material::{Material, SecretValue};
use strongroom_proto::v1;
use strongroom_proto::v1::secret_value::Value as Sent;

use crate::fault::ClientFault;

/// A secret's value. Text (AWS's SecretString) and bytes (SecretBinary) are told apart on the wire and by readers.
pub struct Value {
    material: Material<SecretValue>,
    is_text: bool,
}

impl Value {
    /// Text. The string's own bytes are wiped.
    #[must_use]
    pub fn text(text: String) -> Self {
        Self {
            material: Material::take(text.into_bytes()),
            is_text: true,
        }
    }

    /// Bytes. The vector's own bytes are wiped.
    #[must_use]
    pub fn binary(bytes: Vec<u8>) -> Self {
        Self {
            material: Material::take(bytes),
            is_text: false,
        }
    }

    /// Text if the bytes are UTF-8, bytes otherwise. The vector's own bytes are wiped.
    #[must_use]
    pub fn detect(bytes: Vec<u8>) -> Self {
        let is_text = std::str::from_utf8(&bytes).is_ok();
        Self {
            material: Material::take(bytes),
            is_text,
        }
    }

    /// Whether it is text: its bytes are then UTF-8.
    #[must_use]
    pub fn is_text(&self) -> bool {
        self.is_text
    }

    /// The bytes.
    #[must_use]
    pub fn material(&self) -> &Material<SecretValue> {
        &self.material
    }

    /// The bytes, for keeps.
    #[must_use]
    pub fn into_material(self) -> Material<SecretValue> {
        self.material
    }

    /// Takes the value out of an answer.
    pub(crate) fn from_message(message: Option<v1::SecretValue>) -> Result<Self, ClientFault> {
        match message.and_then(|message| message.value) {
            Some(Sent::String(text)) => Ok(Self::text(text)),
            Some(Sent::Binary(bytes)) => Ok(Self::binary(bytes)),
            None => Err(ClientFault::AnswerIncomplete("the secret's value")),
        }
    }

    /// The text for a message that has a place for text alone, made for one try. Of a value that came as text nothing is
    /// replaced.
    pub(crate) fn to_text(&self) -> String {
        self.material
            .reveal_to_wire(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// A message that carries the value, made for one try.
    pub(crate) fn to_message(&self) -> v1::SecretValue {
        let value = self.material.reveal_to_wire(|bytes| match std::str::from_utf8(bytes) {
            Ok(text) if self.is_text => Sent::String(text.to_owned()),
            _ => Sent::Binary(bytes.to_vec()),
        });
        v1::SecretValue { value: Some(value) }
    }
}
