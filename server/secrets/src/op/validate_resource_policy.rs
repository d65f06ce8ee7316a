//! ValidateResourcePolicy: what speaks against a resource policy, before it is put on a secret.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, Values};

use crate::op::parameters;
use crate::resource_policy::{self, IS_PUBLIC, LOCKS_OUT, PolicyText};
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::{SecretTarget, absent_need};

/// The request.
pub struct ValidateResourcePolicy {
    secret: Option<SecretId>,
    policy: PolicyText,
}

/// The secret that the policy is for, if the request names one.
pub struct ValidateResourcePolicyTarget(Option<SecretTarget>);

/// A check that a policy does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailedCheck {
    /// It lets in everybody.
    PublicPolicy,
    /// Its author could put no other in its place.
    Lockout,
}

impl FailedCheck {
    /// The check's name. AWS documents none.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PublicPolicy => "BlockPublicPolicyCheck",
            Self::Lockout => "LockOutCheck",
        }
    }

    /// What is wrong with the policy.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::PublicPolicy => IS_PUBLIC,
            Self::Lockout => LOCKS_OUT,
        }
    }
}

/// AWS asks for the permission to put the policy too.
const ACTIONS: [Action; 2] = [Action::ValidateSecretPolicy, Action::PutSecretPolicy];

impl Protected for ValidateResourcePolicyTarget {
    fn needs(&self) -> Vec<Need> {
        let need = |action| match &self.0 {
            Some(secret) => secret.need_also(action),
            None => Need::anywhere(action),
        };
        ACTIONS.into_iter().map(need).collect()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        match &self.0 {
            Some(secret) => secret.answer(need, key),
            None => Values::Absent,
        }
    }
}

impl ValidateResourcePolicy {
    /// Checks a policy, for `secret` if it is for one.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules. What is not understood is
    /// told as MalformedPolicyDocumentException, with the place, to those who may ask.
    pub fn new(secret: Option<&str>, policy: &str) -> Result<Self, Fault> {
        Ok(Self {
            secret: secret.map(SecretId::parse).transpose()?,
            policy: PolicyText::new(policy)?,
        })
    }
}

impl Operation for ValidateResourcePolicy {
    const ACTION: Action = Action::ValidateSecretPolicy;
    type Domain = Secrets;
    type Target = ValidateResourcePolicyTarget;
    type Reply = Vec<FailedCheck>;

    fn parameters(&self) -> Parameters {
        parameters([
            ("secretId", self.secret.as_ref().map(ToString::to_string).into()),
            ("resourcePolicy", self.policy.described()),
        ])
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<ValidateResourcePolicyTarget>, Fault> {
        let Some(id) = &self.secret else {
            return Ok(Resolved::Found(ValidateResourcePolicyTarget(None)));
        };
        Ok(match SecretTarget::resolve(secrets, id, Self::ACTION).await? {
            Resolved::Found(secret) => Resolved::Found(ValidateResourcePolicyTarget(Some(secret))),
            Resolved::Absent { fault, .. } => Resolved::Absent {
                needs: ACTIONS.map(|action| absent_need(secrets, id, action)).into(),
                fault,
            },
        })
    }

    /// Whether it locks the caller out is asked as PutResourcePolicy will be asked under it: of the secret, or where the
    /// request names none of `*`, so that statements on one ARN do not count.
    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<Vec<FailedCheck>, Fault> {
        if let Some(secret) = &permit.target().0 {
            secret.record.live()?;
        }
        let policy = self.policy.compile()?;
        let put_again = match &permit.target().0 {
            Some(secret) => secret.need_also(Action::PutSecretPolicy),
            None => Need::anywhere(Action::PutSecretPolicy),
        };
        let put_again = resource_policy::under(&policy, put_again);
        let locks_out = !secrets.gate.would_allow(&self, &permit, put_again);
        let failed = [
            (policy.is_public(), FailedCheck::PublicPolicy),
            (locks_out, FailedCheck::Lockout),
        ];
        Ok(failed
            .into_iter()
            .filter_map(|(failed, check)| failed.then_some(check))
            .collect())
    }
}
