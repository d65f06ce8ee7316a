//! [`Message`]: what is to be signed, verified or authenticated, and how its length fits the algorithm.

use strongroom_base::limits::MESSAGE_BYTES_MAX;
use strongroom_base::{Code, Fault, KeySpec, MessageType, SigningAlgorithm};
use strongroom_material::{self as material, Material};
use strongroom_token::SigningInput;

/// Bytes of ML-DSA's message representative (FIPS 204 section 6.2).
const EXTERNAL_MU_BYTES: usize = 64;

/// A message of 1 to 4,096 bytes, or what stands for one. It may be confidential, and is in no audit record.
pub struct Message {
    bytes: Material<material::Message>,
    form: MessageType,
}

impl Message {
    /// The message of a request; RAW unless said otherwise.
    ///
    /// # Errors
    /// ValidationException for other lengths.
    pub fn new(bytes: Material<material::Message>, form: Option<MessageType>) -> Result<Self, Fault> {
        if bytes.is_empty() || bytes.len() > MESSAGE_BYTES_MAX {
            return Err(Fault::new(
                Code::Validation,
                "1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length \
                 between 1 and 4096",
            ));
        }
        Ok(Self {
            bytes,
            form: form.unwrap_or(MessageType::Raw),
        })
    }

    /// The bytes.
    pub(crate) fn bytes(&self) -> &Material<material::Message> {
        &self.bytes
    }

    /// The bytes, for a code.
    pub(crate) fn into_bytes(self) -> Material<material::Message> {
        self.bytes
    }

    /// What they are.
    pub(crate) fn form(&self) -> MessageType {
        self.form
    }

    /// The same for the token.
    pub(crate) fn into_input(self) -> SigningInput {
        match self.form {
            MessageType::Raw => SigningInput::Message(self.bytes),
            MessageType::Digest => SigningInput::Digest(self.bytes),
            MessageType::ExternalMu => SigningInput::ExternalMu(self.bytes),
        }
    }

    /// Refuses a form that the algorithm does not take, and a digest of another length than it has.
    pub(crate) fn check(&self, spec: KeySpec, algorithm: SigningAlgorithm) -> Result<(), Fault> {
        match (algorithm, self.form) {
            (SigningAlgorithm::MlDsaShake256, MessageType::ExternalMu) if self.bytes.len() != EXTERNAL_MU_BYTES => Err(
                invalid(format!("External Mu is invalid length for algorithm {algorithm}.")),
            ),
            (SigningAlgorithm::MlDsaShake256, MessageType::Raw | MessageType::ExternalMu) => Ok(()),
            (SigningAlgorithm::MlDsaShake256, form @ MessageType::Digest) | (_, form @ MessageType::ExternalMu) => Err(
                invalid(format!("Message type {form} is incompatible with key spec {spec}.")),
            ),
            (SigningAlgorithm::Ed25519Sha512, form @ MessageType::Digest)
            | (SigningAlgorithm::Ed25519PhSha512, form @ MessageType::Raw) => Err(invalid(format!(
                "Message type {form} is incompatible with algorithm {algorithm}."
            ))),
            (_, MessageType::Digest) if algorithm.digest_bytes() != Some(self.bytes.len()) => {
                Err(invalid(format!("Digest is invalid length for algorithm {algorithm}.")))
            }
            (_, MessageType::Raw | MessageType::Digest) => Ok(()),
        }
    }
}

fn invalid(message: String) -> Fault {
    Fault::new(Code::Validation, message)
}

#[cfg(test)]
mod tests;
