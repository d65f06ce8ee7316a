//! Key policies: what one may look like, and which one a key has that nobody put one on.

use std::sync::Arc;

use serde_json::{Value, json};
use strongroom_base::limits::{KEY_POLICY_BYTES_MAX, KEY_POLICY_LENGTH_MAX};
use strongroom_base::{Action, Code, Fault, KeyId, Scope};
use strongroom_gate::Need;
use strongroom_policy::{Guard, ResourcePolicy};

use crate::guard::KeyGuard;
use crate::key::{KeyManager, KeyRecord};
use crate::kms::Kms;
use crate::managed_key::ManagedKey;

/// The one name that a key's policy can have.
pub(crate) const POLICY_NAME: &str = "default";
/// The name of what AWS's Resource Access Manager would keep, which is none of this service's.
const POLICY_NAME_OF_RAM: &str = "AWS_RAM";
/// Characters of a policy's name (model `PolicyNameType`).
const POLICY_NAME_LENGTH_MAX: usize = 128;

/// The policies of keys that nobody put one on.
pub(crate) struct KeyPolicies {
    customers: Arc<KeyGuard>,
    secrets: Arc<KeyGuard>,
    parameters: Arc<KeyGuard>,
}

impl KeyPolicies {
    pub(crate) fn new(scope: &Scope) -> Self {
        let customers = Arc::new(ResourcePolicy::default_of_keys(scope));
        // The texts are ours; a test reads them. Were one not understood, the key could be used through its service alone
        // still, by callers whose own policies allow it: see `target::reserved`.
        let managed = |key| {
            let policy = ResourcePolicy::parse(&policy_of(key, scope));
            Arc::new(KeyGuard::new(policy.map_or_else(|_| Arc::clone(&customers), Arc::new)))
        };
        Self {
            secrets: managed(ManagedKey::OfSecrets),
            parameters: managed(ManagedKey::OfParameters),
            customers: Arc::new(KeyGuard::new(customers)),
        }
    }

    /// A key's policy.
    pub(crate) fn of(&self, key: &KeyRecord) -> Arc<ResourcePolicy> {
        match &key.policy {
            Some(policy) => Arc::clone(policy),
            None => Arc::clone(self.unwritten(key.manager).shared_policy()),
        }
    }

    /// What a key without grants brings to a decision.
    pub(crate) fn guard(&self, key: &KeyRecord) -> Arc<KeyGuard> {
        match &key.policy {
            Some(policy) => Arc::new(KeyGuard::new(Arc::clone(policy))),
            None => Arc::clone(self.unwritten(key.manager)),
        }
    }

    fn unwritten(&self, manager: KeyManager) -> &Arc<KeyGuard> {
        match manager {
            KeyManager::Customer => &self.customers,
            KeyManager::SecretsManager => &self.secrets,
            KeyManager::Ssm => &self.parameters,
        }
    }
}

/// The policy of a key that a service manages, after those of AWS's `aws/secretsmanager` and `aws/ssm`.
fn policy_of(key: ManagedKey, scope: &Scope) -> String {
    let (partition, region, account) = (scope.partition(), scope.region(), scope.account());
    let (service, number, to) = match key {
        ManagedKey::OfSecrets => ("AWS Secrets Manager", 2, "principals in the account"),
        ManagedKey::OfParameters => ("SSM", 1, "principals in the account that are authorized to use SSM"),
    };
    let name = key.service_name();
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{name}-{number}",
  "Statement" : [ {{
    "Sid" : "Allow access through {service} for all {to}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{name}.{region}.amazonaws.com"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*" ],
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// A text that is to become a key's policy, and that the model allows. What else is wrong with it is told to whoever may put
/// it there, and to the audit trail.
pub(crate) struct PolicyText(Box<str>);

impl PolicyText {
    /// The text of a request.
    ///
    /// # Errors
    /// ValidationException for characters that a policy cannot have, for none and for more than 131,072.
    pub(crate) fn new(text: &str) -> Result<Self, Fault> {
        let constraint = |rule: String| {
            let found = "1 validation error detected: Value at 'policy' failed to satisfy constraint";
            Err(Fault::new(Code::Validation, format!("{found}: {rule}")))
        };
        let allowed = |character: char| matches!(character, '\t' | '\n' | '\r' | ' '..='\u{ff}');
        if text.is_empty() || !text.chars().all(allowed) {
            return constraint(
                "Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+".to_owned(),
            );
        }
        if text.chars().count() > KEY_POLICY_LENGTH_MAX {
            return constraint(format!(
                "Member must have length less than or equal to {KEY_POLICY_LENGTH_MAX}"
            ));
        }
        Ok(Self(text.into()))
    }

    /// Reads it.
    ///
    /// # Errors
    /// LimitExceededException for more than 32 KiB, MalformedPolicyDocumentException, with the place, for what is not
    /// understood.
    pub(crate) fn compile(&self) -> Result<Arc<ResourcePolicy>, Fault> {
        let length = self.0.len();
        if length > KEY_POLICY_BYTES_MAX {
            return Err(Fault::new(
                Code::LimitExceeded,
                format!("The key policy has {length} bytes, which is more than the limit of {KEY_POLICY_BYTES_MAX}."),
            ));
        }
        let malformed = |fault| Fault::new(Code::MalformedPolicyDocument, format!("{fault}"));
        ResourcePolicy::parse(&self.0).map(Arc::new).map_err(malformed)
    }

    /// The text for the audit trail; of one that is too long the number of its bytes.
    pub(crate) fn described(&self) -> Value {
        if self.0.len() > KEY_POLICY_BYTES_MAX {
            json!({ "bytes": self.0.len() })
        } else {
            json!(self.0)
        }
    }
}

/// The permission without which a new policy would lock the caller out, under that policy.
pub(crate) fn need_to_put_again(kms: &Kms, key: &KeyId, policy: &Arc<ResourcePolicy>) -> Need {
    let guard: Arc<dyn Guard> = Arc::new(KeyGuard::new(Arc::clone(policy)));
    Need::on(Action::PutKeyPolicy, kms.scope().key_arn(key))
        .under(guard)
        .or_else(
            Code::MalformedPolicyDocument,
            "The new key policy will not allow you to update the key policy in the future.",
        )
}

/// Accepts the name of the policy that a key has.
pub(crate) fn check_name(name: Option<&str>) -> Result<(), Fault> {
    match name {
        None | Some(POLICY_NAME) => Ok(()),
        Some(other) => {
            check_form(other)?;
            Err(Fault::new(Code::NotFound, "No such policy exists"))
        }
    }
}

/// Accepts the name of the policy that can be put on a key.
pub(crate) fn check_name_to_put(name: Option<&str>) -> Result<(), Fault> {
    if name == Some(POLICY_NAME_OF_RAM) {
        return Err(Fault::new(
            Code::Validation,
            "The AWS_RAM policy can only be managed by the RAM service.",
        ));
    }
    check_name(name)
}

fn check_form(name: &str) -> Result<(), Fault> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || character == '_';
    if (1..=POLICY_NAME_LENGTH_MAX).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(());
    }
    Err(Fault::new(
        Code::Validation,
        format!(
            "1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: [\\w]+ and have length between 1 and {POLICY_NAME_LENGTH_MAX}"
        ),
    ))
}

#[cfg(test)]
mod tests;
