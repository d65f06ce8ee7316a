//! Sign: a message, or its digest, in the token.

use strongroom_base::{Action, Arn, Fault, MessageType, SigningAlgorithm};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};
use strongroom_token::Capability;

use crate::fitness::Algorithm;
use crate::key::KeyVersion;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::message::Message;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct Sign {
    /// The key.
    pub key: KeyReference,
    /// One of the key's.
    pub algorithm: SigningAlgorithm,
    /// What is to be signed.
    pub message: Message,
}

/// What Sign answers.
#[derive(Debug)]
pub struct Signed {
    /// The key's ARN.
    pub arn: Arn,
    /// How it signed.
    pub algorithm: SigningAlgorithm,
    /// The signature: DER for ECDSA, else the standard's own bytes.
    pub signature: Box<[u8]>,
}

impl Sign {
    fn fit<'t>(&self, target: &'t KeyTarget) -> Result<&'t KeyVersion, Fault> {
        let version = target.fit(Action::Sign, Algorithm::Signing(self.algorithm))?;
        self.message.check(target.record.spec, self.algorithm)?;
        Ok(version)
    }
}

impl Operation for Sign {
    const ACTION: Action = Action::Sign;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = Signed;

    fn parameters(&self) -> Parameters {
        described(&self.key, self.algorithm, &self.message)
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key
            .answer(key)
            .or_else(|| answer(self.algorithm, &self.message, key))
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &self.key, Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        self.fit(target)?;
        kms.check_token()?;
        let capability = match self.message.form() {
            MessageType::Raw | MessageType::Digest => Capability::Sign(self.algorithm),
            MessageType::ExternalMu => Capability::SignExternalMu,
        };
        Ok(kms.token.supports(capability)?)
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<Signed, Fault> {
        let deadline = permit.context().deadline;
        let target = permit.into_target();
        let version = self.fit(&target)?;
        let key = target.record.token_key(version)?;
        let public_key = version.public_key()?;
        let countercheck = public_key.countercheck(target.record.spec, self.algorithm, &self.message);
        let signature = kms
            .token
            .sign(&key, self.algorithm, self.message.into_input(), deadline)
            .await?;
        if countercheck.is_some_and(|countercheck| !countercheck.holds(&signature)) {
            return Err(kms.token.bad_signature(&key).into());
        }
        Ok(Signed {
            arn: target.arn,
            algorithm: self.algorithm,
            signature,
        })
    }
}

/// The message stays out of the trail.
pub(crate) fn described(key: &KeyReference, algorithm: SigningAlgorithm, message: &Message) -> Parameters {
    parameters([
        ("keyId", key.to_string().into()),
        ("messageType", message.form().as_str().into()),
        ("signingAlgorithm", algorithm.as_str().into()),
    ])
}

/// What a request answers to a policy that signs or verifies.
pub(crate) fn answer(algorithm: SigningAlgorithm, message: &Message, key: &ConditionKey) -> Values<'static> {
    match key.name() {
        Some(KeyName::MessageType) => Values::one(message.form().as_str()),
        _ => Algorithm::Signing(algorithm).answer(key),
    }
}
