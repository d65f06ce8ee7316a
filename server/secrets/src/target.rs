//! What operations on secrets are about, and the permissions they need on it.

use strongroom_base::{Action, Arn, Fault};
use strongroom_gate::{Need, Protected, Resolved};
use strongroom_policy::{ConditionKey, Values};
use strongroom_store::Stored;

use crate::record::SecretRecord;
use crate::resource_policy::SecretGuard;
use crate::secret_id::SecretId;
use crate::secrets::{Secrets, not_found};

/// One secret, for an operation that needs one permission on it.
pub struct SecretTarget {
    /// The secret's ARN, which every answer carries.
    pub(crate) arn: Arn,
    /// The record as it was decided on.
    pub(crate) record: Stored<SecretRecord>,
    need: Need,
}

impl SecretTarget {
    /// Finds the secret that a request names.
    pub(crate) async fn resolve(secrets: &Secrets, id: &SecretId, action: Action) -> Result<Resolved<Self>, Fault> {
        Ok(match secrets.find(id).await? {
            Some(record) => {
                let arn = record.arn(secrets.scope());
                let need = Need {
                    guard: record.policy.as_ref().map(SecretGuard::of),
                    ..Need::on(action, arn.clone())
                };
                let need = need
                    .named(id.arn(secrets.scope()))
                    .unseen_as(id.absent_arn(secrets.scope()));
                Resolved::Found(Self { arn, record, need })
            }
            None => Resolved::Absent {
                needs: vec![absent_need(secrets, id, action)],
                fault: not_found(),
            },
        })
    }

    /// Another permission on the same secret.
    pub(crate) fn need_also(&self, action: Action) -> Need {
        Need {
            action,
            ..self.need.clone()
        }
    }
}

/// What is needed to be told that there is no such secret. The refusal reads as for a secret that exists.
pub(crate) fn absent_need(secrets: &Secrets, id: &SecretId, action: Action) -> Need {
    let arn = id.absent_arn(secrets.scope());
    Need::on(action, arn.clone())
        .named(id.arn(secrets.scope()))
        .unseen_as(arn)
}

impl Protected for SecretTarget {
    fn needs(&self) -> Vec<Need> {
        vec![self.need.clone()]
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        self.record.answer(need, key)
    }
}

/// For operations that are about no record: permissions on `*`.
pub struct NoTarget(
    /// The permissions.
    pub(crate) &'static [Action],
);

impl Protected for NoTarget {
    fn needs(&self) -> Vec<Need> {
        self.0.iter().copied().map(Need::anywhere).collect()
    }
}
