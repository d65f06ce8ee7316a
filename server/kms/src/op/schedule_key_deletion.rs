//! ScheduleKeyDeletion: after the waiting period the key's objects are destroyed in the token.

use strongroom_base::limits::{PENDING_WINDOW_DAYS_MAX, PENDING_WINDOW_DAYS_MIN};
use strongroom_base::{Action, Arn, Code, Fault, KeyId, Timestamp};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::key::{KeyRecord, KeyState};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct ScheduleKeyDeletion {
    key: KeyId,
    pending_window_days: u32,
}

/// When the key will go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledDeletion {
    /// The key's ARN.
    pub arn: Arn,
    /// When its objects are destroyed.
    pub delete_at: Timestamp,
    /// The waiting period in days.
    pub pending_window_days: u32,
}

impl ScheduleKeyDeletion {
    /// A deletion after `pending_window_days`, 30 unless said otherwise.
    ///
    /// # Errors
    /// ValidationException when the period is not 7 to 30 days.
    pub fn new(key: KeyId, pending_window_days: Option<u32>) -> Result<Self, Fault> {
        let days = pending_window_days.unwrap_or(PENDING_WINDOW_DAYS_MAX);
        if (PENDING_WINDOW_DAYS_MIN..=PENDING_WINDOW_DAYS_MAX).contains(&days) {
            return Ok(Self {
                key,
                pending_window_days: days,
            });
        }
        Err(Fault::new(
            Code::Validation,
            format!(
                "PendingWindowInDays must be between {PENDING_WINDOW_DAYS_MIN} and {PENDING_WINDOW_DAYS_MAX}, not {days}"
            ),
        ))
    }
}

impl Operation for ScheduleKeyDeletion {
    const ACTION: Action = Action::ScheduleKeyDeletion;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ScheduledDeletion;

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("pendingWindowInDays", self.pending_window_days.into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::ScheduleKeyDeletionPendingWindowInDays) => Values::one(self.pending_window_days),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<ScheduledDeletion, Fault> {
        let target = permit.into_target();
        let delete_at = kms.clock.waiting_from().plus_days(self.pending_window_days);
        let after = kms
            .edit_key(&target, |before| {
                before.changeable(&target.arn)?;
                Ok(KeyRecord {
                    state: KeyState::PendingDeletion { delete_at },
                    ..before.clone()
                })
            })
            .await?;
        after.materials().for_each(|version| kms.token.forget(version.material));
        Ok(ScheduledDeletion {
            arn: target.arn,
            delete_at,
            pending_window_days: self.pending_window_days,
        })
    }

    fn response(reply: &ScheduledDeletion) -> Parameters {
        parameters([
            ("keyId", reply.arn.as_str().into()),
            ("deletionDate", reply.delete_at.as_millis().into()),
        ])
    }
}
