//! CreateKey: a new AES-256 key, made in the token and never outside it.

use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::creation::Plan;
use crate::key::KeyManager;
use crate::kms::Kms;
use crate::metadata::KeyMetadata;
use crate::op::{check_description, parameters};
use crate::target::NoTarget;

/// The request.
pub struct CreateKey {
    description: String,
}

impl CreateKey {
    /// A symmetric encryption key. Empty texts stand for AWS's defaults.
    ///
    /// # Errors
    /// ValidationException for a description that is too long; UnsupportedOperationException for every key spec, usage
    /// and origin but SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT and AWS_KMS.
    pub fn new(description: String, spec: &str, usage: &str, origin: &str) -> Result<Self, Fault> {
        check_description(&description)?;
        for (field, value, supported) in [
            ("KeySpec", spec, "SYMMETRIC_DEFAULT"),
            ("KeyUsage", usage, "ENCRYPT_DECRYPT"),
            ("Origin", origin, "AWS_KMS"),
        ] {
            if !value.is_empty() && value != supported {
                let message =
                    format!("{field} {value} is not supported; this service makes keys with {field} {supported}.");
                return Err(Fault::new(Code::UnsupportedOperation, message));
            }
        }
        Ok(Self { description })
    }
}

impl Operation for CreateKey {
    const ACTION: Action = Action::CreateKey;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = KeyMetadata;

    fn parameters(&self) -> Parameters {
        parameters([("description", self.description.as_str().into())])
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget::new(Self::ACTION)))
    }

    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<KeyMetadata, Fault> {
        let plan = Plan {
            description: self.description,
            manager: KeyManager::Customer,
            alias: None,
        };
        KeyMetadata::gather(kms, kms.create(plan).await?).await
    }

    fn response(reply: &KeyMetadata) -> Parameters {
        parameters([("arn", reply.arn.as_str().into())])
    }
}
