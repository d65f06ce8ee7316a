//! How a key gets a new material: intent on disk, object in the token and synced, then version and budget in one commit.
//!
//! Requests that are under way go on with the version that they were decided on; all versions decrypt.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use strongroom_base::limits::{CONFLICT_TRIES_MAX, KEY_VERSIONS_MAX};
use strongroom_base::{Arn, Code, Fault, KeyId, KeyOrigin, Timestamp};
use strongroom_store::{StoreFault, Stored};

use crate::key::{KeyRecord, KeyState, KeyVersion, RotationSchedule, VersionOrigin};
use crate::kms::{Kms, contended};
use crate::marks::CreationIntent;
use crate::target::KeyTarget;

/// The rotations that are under way in this process: one a key.
#[derive(Default)]
pub(crate) struct Rotations {
    under_way: Mutex<HashMap<KeyId, Begun>>,
}

/// A rotation that is under way.
#[derive(Clone, Copy)]
struct Begun {
    origin: VersionOrigin,
    at: Timestamp,
}

impl Rotations {
    /// Since when a rotation on demand of this key is under way.
    pub(crate) fn on_demand_since(&self, key: &KeyId) -> Option<Timestamp> {
        let begun = self.lock().get(key).copied();
        begun
            .filter(|begun| begun.origin == VersionOrigin::RotationOnDemand)
            .map(|begun| begun.at)
    }

    fn begin(&self, key: KeyId, begun: Begun) -> Result<UnderWay<'_>, Fault> {
        let mut under_way = self.lock();
        if under_way.contains_key(&key) {
            return Err(Fault::new(
                Code::Conflict,
                format!("Key {key} is being rotated; try again when that is done."),
            ));
        }
        under_way.insert(key, begun);
        Ok(UnderWay {
            rotations: self,
            key,
            origin: begun.origin,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<KeyId, Begun>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A rotation that is under way, until this is dropped.
pub(crate) struct UnderWay<'r> {
    rotations: &'r Rotations,
    key: KeyId,
    origin: VersionOrigin,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.rotations.lock().remove(&self.key);
    }
}

impl RotationSchedule {
    /// After a rotation by time: the next date of the schedule, or, where several were missed, a period from `now`.
    fn advanced(self, now: Timestamp) -> Self {
        let next = self.next.plus_days(self.period_days);
        Self {
            next: if next > now {
                next
            } else {
                now.plus_days(self.period_days)
            },
            ..self
        }
    }

    /// Whether a rotation by time is due.
    pub(crate) fn is_due(self, now: Timestamp) -> bool {
        self.next <= now
    }
}

impl KeyRecord {
    /// The key with the imported material that waited as its current one.
    fn promoted(&self, arn: &Arn, now: Timestamp) -> Result<Self, Fault> {
        self.usable(arn, now)?;
        let mut after = self.clone();
        let mut waiting = after
            .pending_rotation
            .take()
            .filter(|version| version.is_present() && !version.has_expired(now))
            .ok_or_else(|| {
                Fault::new(
                    Code::KmsInvalidState,
                    format!("No available key material pending rotation for the key: {arn}."),
                )
            })?;
        if let Some(import) = &mut waiting.import {
            import.rotated = Some(now);
        }
        after.versions.push(waiting);
        Ok(after)
    }
}

impl Kms {
    /// Makes imported material that waits for it a key's current one.
    pub(crate) async fn promote(&self, target: &KeyTarget) -> Result<(), Fault> {
        let _no_import = self.importing(&target.record.id).await;
        self.edit_key(target, |before| before.promoted(&target.arn, self.clock.now()))
            .await
            .map(drop)
    }

    /// Begins a rotation. What it depends on is read after that: the one before may just have ended.
    pub(crate) fn begin_rotation(&self, target: &KeyTarget, origin: VersionOrigin) -> Result<UnderWay<'_>, Fault> {
        let begun = Begun {
            origin,
            at: self.clock.now(),
        };
        self.rotations.begin(target.record.id, begun)
    }

    /// Gives an enabled key a new material, which encrypts from then on. When this fails half-way the intent stays, and
    /// reconciliation destroys the object that nobody was told about.
    pub(crate) async fn rotate(&self, rotation: UnderWay<'_>, key: &KeyRecord, arn: &Arn) -> Result<(), Fault> {
        if key.versions.len() >= KEY_VERSIONS_MAX {
            return Err(Fault::new(
                Code::LimitExceeded,
                format!(
                    "Key {} has had {KEY_VERSIONS_MAX} materials, which is the limit; create a new key.",
                    key.id
                ),
            ));
        }
        let kind = self.next_kind(key.spec, key.usage)?;
        let intent = self.begin_creation(rotation.key).await?;
        let version = self.create_version(&intent, kind, rotation.origin).await?;
        self.commit_version(&intent, arn, version).await
    }

    /// Other changes of the key may come in between: an alias, a description. One that takes it out of use ends the
    /// rotation.
    async fn commit_version(
        &self,
        intent: &Stored<CreationIntent>,
        arn: &Arn,
        version: KeyVersion,
    ) -> Result<(), Fault> {
        let (material, opening) = (version.material, self.budgets.opening(version.suite));
        let _one_at_a_time = self.changing(&intent.key).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let before = self.find_key(&intent.key).await?;
            let before = before.ok_or_else(|| Fault::new(Code::NotFound, format!("Key '{arn}' does not exist")))?;
            before.usable(arn, self.clock.now())?;
            let change = self
                .records
                .change()
                .delete(&material.to_string(), intent)
                .replace(&intent.key.to_string(), &before, self.rotated(&before, &version))
                .insert(&material.to_string(), opening.clone());
            match change.commit().await {
                Ok(_) => {
                    // Making the witness was its first use.
                    self.budgets.opened(material, &opening, 1);
                    return Ok(());
                }
                Err(StoreFault::Conflict { .. }) if self.is_announced(intent).await? => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(arn))
    }

    /// Whether the intent is still as it was written: once reconciliation has laid hands on it, it is too late.
    pub(crate) async fn is_announced(&self, intent: &Stored<CreationIntent>) -> Result<bool, Fault> {
        let found = self
            .records
            .find::<CreationIntent>(&intent.material.to_string())
            .await?;
        Ok(found.is_some_and(|found| found.revision == intent.revision))
    }

    fn rotated(&self, before: &KeyRecord, version: &KeyVersion) -> KeyRecord {
        let mut after = before.clone();
        after.versions.push(version.clone());
        let now = self.clock.due();
        // A rotation for another reason leaves the schedule as it is.
        after.rotation = match before.schedule() {
            Some(schedule) if schedule.is_due(now) => Some(schedule.advanced(now)),
            _ => before.rotation,
        };
        after
    }

    /// Whether a key is to rotate by itself now: by time, or because its material has encrypted often enough.
    pub(crate) async fn is_due_for_rotation(&self, key: &KeyRecord) -> Result<bool, Fault> {
        if key.state != KeyState::Enabled || key.origin != KeyOrigin::AwsKms {
            return Ok(false);
        }
        if key.schedule().is_some_and(|schedule| schedule.is_due(self.clock.due())) {
            return Ok(true);
        }
        match key.versions.last() {
            Some(current) => self.budgets.is_spent_for_rotation(current.material).await,
            None => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests;
