//! EnableKeyRotation: a key gets a new material every so many days.

use strongroom_base::limits::{
    KEY_ROTATION_PERIOD_DAYS_DEFAULT, KEY_ROTATION_PERIOD_DAYS_MAX, KEY_ROTATION_PERIOD_DAYS_MIN,
};
use strongroom_base::{Action, Code, Fault, KeyId, KeyOrigin};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::key::{KeyRecord, RotationSchedule};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct EnableKeyRotation {
    key: KeyId,
    period_days: u32,
}

impl EnableKeyRotation {
    /// Rotation every `period_days`, 365 unless said otherwise.
    ///
    /// # Errors
    /// ValidationException when the period is not 90 to 2,560 days.
    pub fn new(key: KeyId, period_days: Option<u32>) -> Result<Self, Fault> {
        let period_days = period_days.unwrap_or(KEY_ROTATION_PERIOD_DAYS_DEFAULT);
        if (KEY_ROTATION_PERIOD_DAYS_MIN..=KEY_ROTATION_PERIOD_DAYS_MAX).contains(&period_days) {
            return Ok(Self { key, period_days });
        }
        Err(Fault::new(
            Code::Validation,
            format!(
                "1 validation error detected: Value '{period_days}' at 'rotationPeriodInDays' failed to satisfy \
                 constraint: Member must have value between {KEY_ROTATION_PERIOD_DAYS_MIN} and \
                 {KEY_ROTATION_PERIOD_DAYS_MAX}"
            ),
        ))
    }
}

impl Operation for EnableKeyRotation {
    const ACTION: Action = Action::EnableKeyRotation;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("rotationPeriodInDays", self.period_days.into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::RotationPeriodInDays) => Values::one(self.period_days),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        target.check_rotates()?;
        let schedule = RotationSchedule {
            period_days: self.period_days,
            next: kms.clock.now().plus_days(self.period_days),
        };
        kms.edit_key(&target, |before| {
            before.of_origin(KeyOrigin::AwsKms, &target.arn)?;
            before.usable(&target.arn, kms.clock.now())?;
            // The same period once more does not begin anew, unless a clock that was set forward had a part in it.
            let same = before
                .rotation
                .filter(|before| before.period_days == self.period_days && before.next <= schedule.next);
            Ok(KeyRecord {
                rotation: same.or(Some(schedule)),
                ..before.clone()
            })
        })
        .await
        .map(drop)
    }
}
