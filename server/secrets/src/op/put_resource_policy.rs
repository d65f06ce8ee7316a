//! PutResourcePolicy: who may do what with a secret, decided by its new policy too from the next request on.

use std::sync::Arc;

use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, KeyName, ResourcePolicy, Values};

use crate::op::{NamedSecret, parameters};
use crate::record::SecretRecord;
use crate::resource_policy::{self, IS_PUBLIC, PolicyText};
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::SecretTarget;

/// The request.
pub struct PutResourcePolicy {
    secret: SecretId,
    policy: PolicyText,
    block_public_policy: bool,
}

/// A secret, and the permission to put its next policy under the one that is to come.
pub struct PutResourcePolicyTarget {
    secret: SecretTarget,
    /// What is wrong with it is told to those who may put it there.
    policy: Result<Arc<ResourcePolicy>, Fault>,
    afterwards: Option<Need>,
}

impl Protected for PutResourcePolicyTarget {
    fn needs(&self) -> Vec<Need> {
        self.secret.needs().into_iter().chain(self.afterwards.clone()).collect()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        self.secret.answer(need, key)
    }
}

impl PutResourcePolicy {
    /// A policy for `secret`, under which the caller must be able to put another one; with `block_public_policy` none that
    /// lets in everybody.
    ///
    /// # Errors
    /// InvalidParameterException for another name than `default`; ValidationException for more than 20,480 bytes, and for
    /// what else breaks AWS's rules. Only whoever may put it there is told MalformedPolicyDocumentException, with the place.
    pub fn new(
        secret: &str,
        policy_name: Option<&str>,
        policy: &str,
        block_public_policy: bool,
    ) -> Result<Self, Fault> {
        let secret = SecretId::parse(secret)?;
        resource_policy::check_name(policy_name)?;
        Ok(Self {
            secret,
            policy: PolicyText::new(policy)?,
            block_public_policy,
        })
    }
}

impl Operation for PutResourcePolicy {
    const ACTION: Action = Action::PutSecretPolicy;
    type Domain = Secrets;
    type Target = PutResourcePolicyTarget;
    type Reply = NamedSecret;

    fn parameters(&self) -> Parameters {
        parameters([
            ("secretId", self.secret.to_string().into()),
            ("resourcePolicy", self.policy.described()),
            ("blockPublicPolicy", self.block_public_policy.into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::SecretBlockPublicPolicy) => Values::one(self.block_public_policy),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<PutResourcePolicyTarget>, Fault> {
        let secret = match SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await? {
            Resolved::Found(secret) => secret,
            Resolved::Absent { needs, fault } => return Ok(Resolved::Absent { needs, fault }),
        };
        let policy = self.policy.compile();
        let afterwards = policy
            .as_ref()
            .ok()
            .map(|policy| resource_policy::under(policy, secret.need_also(Self::ACTION)));
        Ok(Resolved::Found(PutResourcePolicyTarget {
            secret,
            policy,
            afterwards,
        }))
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<NamedSecret, Fault> {
        let PutResourcePolicyTarget { secret, policy, .. } = permit.into_target();
        secret.record.live()?;
        let policy = policy?;
        if self.block_public_policy && policy.is_public() {
            return Err(Fault::new(Code::PublicPolicy, IS_PUBLIC));
        }
        let reply = NamedSecret::of(&secret);
        let put = |before: &SecretRecord| {
            before.live()?;
            Ok(SecretRecord {
                policy: Some(Arc::clone(&policy)),
                ..before.clone()
            })
        };
        secrets.edit(secret.record, put).await?;
        Ok(reply)
    }
}
