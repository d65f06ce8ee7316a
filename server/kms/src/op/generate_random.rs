//! GenerateRandom: bytes from the token's random number generator.

use strongroom_base::limits::RANDOM_BYTES_MAX;
use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_material::{Material, Plaintext};

use crate::kms::Kms;
use crate::op::parameters;
use crate::target::NoTarget;

/// The request.
pub struct GenerateRandom {
    number_of_bytes: usize,
}

impl GenerateRandom {
    /// A request for 1 to 1,024 bytes.
    ///
    /// # Errors
    /// ValidationException for other numbers, and when there is none.
    pub fn new(number_of_bytes: Option<usize>) -> Result<Self, Fault> {
        match number_of_bytes {
            Some(number_of_bytes) if (1..=RANDOM_BYTES_MAX).contains(&number_of_bytes) => Ok(Self { number_of_bytes }),
            Some(other) => Err(Fault::new(
                Code::Validation,
                format!(
                    "1 validation error detected: Value '{other}' at 'numberOfBytes' failed to satisfy constraint: \
                     Member must have value between 1 and 1024"
                ),
            )),
            None => Err(Fault::new(Code::Validation, "NumberOfBytes is required.")),
        }
    }
}

impl Operation for GenerateRandom {
    const ACTION: Action = Action::GenerateRandom;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = Material<Plaintext>;

    fn parameters(&self) -> Parameters {
        parameters([("numberOfBytes", self.number_of_bytes.into())])
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget::new(Self::ACTION)))
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Material<Plaintext>, Fault> {
        Ok(kms
            .token
            .random(self.number_of_bytes, permit.context().deadline)
            .await?)
    }
}
