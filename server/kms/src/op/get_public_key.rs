//! GetPublicKey: the public half of a key pair, for use outside.

use strongroom_base::{Action, Arn, Code, Fault, KeySpec, KeyUsage};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, Values};

use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::public_key::PublicKey;
use crate::target::KeyTarget;

/// The request.
pub struct GetPublicKey {
    /// The key.
    pub key: KeyReference,
}

/// What GetPublicKey answers. The algorithms follow from spec and usage.
#[derive(Debug)]
pub struct PublicHalf {
    /// The key's ARN.
    pub arn: Arn,
    /// What kind of key it is.
    pub spec: KeySpec,
    /// What it is for.
    pub usage: KeyUsage,
    /// The public key.
    pub public_key: PublicKey,
}

impl Operation for GetPublicKey {
    const ACTION: Action = Action::GetPublicKey;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = PublicHalf;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(key)
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, _kms: &Kms) -> Result<PublicHalf, Fault> {
        let target = permit.into_target();
        let (spec, usage) = (target.record.spec, target.record.usage);
        if !spec.is_asymmetric() {
            return Err(Fault::new(
                Code::UnsupportedOperation,
                format!("{} key spec is {spec} which is not valid for GetPublicKey.", target.arn),
            ));
        }
        let public_key = target.current()?.public_key()?.clone();
        Ok(PublicHalf {
            arn: target.arn,
            spec,
            usage,
            public_key,
        })
    }
}
