//! DeleteSecret: a secret cannot be read any more, and goes after a recovery window or at once.

use strongroom_base::limits::{RECOVERY_WINDOW_DAYS_MAX, RECOVERY_WINDOW_DAYS_MIN};
use strongroom_base::{Action, Arn, Code, Fault, Timestamp};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};
use strongroom_store::Stored;
use tracing::warn;

use crate::op::parameters;
use crate::record::{Deletion, SecretRecord};
use crate::secret_id::SecretId;
use crate::secrets::{Secrets, Tries};
use crate::target::{SecretTarget, absent_need};

/// The request.
pub struct DeleteSecret {
    secret: SecretId,
    end: End,
}

/// When the secret goes.
#[derive(Clone, Copy)]
enum End {
    Now,
    AfterDays(u32),
}

/// The secret that is, or will be, gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedSecret {
    /// Its ARN; as the request named it if there was no such secret.
    pub arn: Arn,
    /// Its name, likewise.
    pub name: String,
    /// When it can no longer be restored.
    pub delete_at: Timestamp,
}

/// The secret; or none, where that is no fault.
pub enum DeleteTarget {
    /// The secret.
    Secret(SecretTarget),
    /// Nothing: forced deletion succeeds, and needs its permission all the same.
    Nothing(Need),
}

impl Protected for DeleteTarget {
    fn needs(&self) -> Vec<Need> {
        match self {
            Self::Secret(target) => target.needs(),
            Self::Nothing(need) => vec![need.clone()],
        }
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        match self {
            Self::Secret(target) => target.answer(need, key),
            Self::Nothing(_) => Values::Absent,
        }
    }
}

impl DeleteSecret {
    /// A deletion after 7 to 30 days, 30 unless said otherwise; or at once with `force`.
    ///
    /// # Errors
    /// InvalidParameterException for both, and for another number of days.
    pub fn new(secret: &str, recovery_window_days: Option<i64>, force: bool) -> Result<Self, Fault> {
        let end = match (recovery_window_days, force) {
            (Some(_), true) => {
                return Err(Fault::new(
                    Code::InvalidParameter,
                    "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
                ));
            }
            (None, true) => End::Now,
            (days, false) => End::AfterDays(window(days)?),
        };
        Ok(Self {
            secret: SecretId::parse(secret)?,
            end,
        })
    }
}

fn window(days: Option<i64>) -> Result<u32, Fault> {
    let days = days
        .map_or(Ok(RECOVERY_WINDOW_DAYS_MAX), u32::try_from)
        .unwrap_or_default();
    if (RECOVERY_WINDOW_DAYS_MIN..=RECOVERY_WINDOW_DAYS_MAX).contains(&days) {
        return Ok(days);
    }
    Err(Fault::new(
        Code::InvalidParameter,
        format!(
            "The RecoveryWindowInDays value must be between {RECOVERY_WINDOW_DAYS_MIN} and {RECOVERY_WINDOW_DAYS_MAX} \
             days (inclusive)."
        ),
    ))
}

impl Operation for DeleteSecret {
    const ACTION: Action = Action::DeleteSecret;
    type Domain = Secrets;
    type Target = DeleteTarget;
    type Reply = DeletedSecret;

    fn parameters(&self) -> Parameters {
        let secret = ("secretId", self.secret.to_string().into());
        match self.end {
            End::Now => parameters([secret, ("forceDeleteWithoutRecovery", true.into())]),
            End::AfterDays(days) => parameters([secret, ("recoveryWindowInDays", days.into())]),
        }
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match (key.name(), self.end) {
            (Some(KeyName::SecretForceDelete), end) => Values::one(matches!(end, End::Now)),
            (Some(KeyName::SecretRecoveryWindowInDays), End::AfterDays(days)) => Values::one(days),
            _ => Values::Absent,
        }
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<DeleteTarget>, Fault> {
        Ok(
            match (
                SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await?,
                self.end,
            ) {
                (Resolved::Found(target), _) => Resolved::Found(DeleteTarget::Secret(target)),
                (Resolved::Absent { .. }, End::Now) => {
                    Resolved::Found(DeleteTarget::Nothing(absent_need(secrets, &self.secret, Self::ACTION)))
                }
                (Resolved::Absent { needs, fault }, End::AfterDays(_)) => Resolved::Absent { needs, fault },
            },
        )
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<DeletedSecret, Fault> {
        let now = secrets.clock.now();
        let target = match permit.into_target() {
            DeleteTarget::Secret(target) => target,
            DeleteTarget::Nothing(_) => {
                let (arn, name) = (self.secret.arn(secrets.scope()), self.secret.name().to_owned());
                return Ok(DeletedSecret {
                    arn,
                    name,
                    delete_at: now,
                });
            }
        };
        let name = target.record.name.to_string();
        let delete_at = match self.end {
            End::Now => purge(secrets, target.record).await.map(|()| now)?,
            End::AfterDays(days) => schedule(secrets, target.record, now, days).await?,
        };
        Ok(DeletedSecret {
            arn: target.arn,
            name,
            delete_at,
        })
    }

    fn response(reply: &DeletedSecret) -> Parameters {
        parameters([
            ("arn", reply.arn.as_str().into()),
            ("deletionDate", reply.delete_at.as_millis().into()),
        ])
    }
}

async fn schedule(
    secrets: &Secrets,
    secret: Stored<SecretRecord>,
    now: Timestamp,
    days: u32,
) -> Result<Timestamp, Fault> {
    let delete_at = secrets.clock.waiting_from().plus_days(days);
    let mark = |secret: &SecretRecord| {
        secret.live()?;
        Ok(SecretRecord {
            deletion: Some(Deletion {
                deleted: now,
                delete_at,
            }),
            ..secret.clone()
        })
    };
    secrets.edit(secret, mark).await?;
    Ok(delete_at)
}

/// Whether or not it was marked for deletion before.
async fn purge(secrets: &Secrets, secret: Stored<SecretRecord>) -> Result<(), Fault> {
    let mut tries = Tries::new(secret);
    while tries
        .settle(secrets, secrets.mark_for_purge(&tries.secret).await)
        .await?
        .is_none()
    {}
    // The secret is gone. What is left of it is out of reach, and removed by the background job if not here.
    if let Err(fault) = secrets.finish_purge(tries.secret.uid).await {
        warn!(%fault, "the versions of a deleted secret will be removed later");
    }
    Ok(())
}
