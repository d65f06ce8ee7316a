//! DeleteKey, by the service itself: the objects of a key whose waiting period is over are destroyed in the token.
//!
//! The record says `Deleting` on disk before the first object goes, and the tombstone stays for ever. While the token
//! is away the key stays `Deleting`, and the job comes back.

use std::sync::atomic::Ordering;

use strongroom_base::{Action, Code, Fault, KeyId, Timestamp};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_store::Stored;

use crate::alias::AliasRecord;
use crate::budget::BudgetRecord;
use crate::grant::GrantHead;
use crate::key::{KeyRecord, KeyState};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::last_usage::LastUsage;
use crate::marks::Tombstone;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request; only the service itself makes it.
pub struct DeleteKey {
    /// The key.
    pub key: KeyId,
}

impl Kms {
    /// The keys whose objects are to be destroyed now. None is destroyed because somebody set the clock forward: see
    /// [`Clock::due`](strongroom_base::Clock::due).
    ///
    /// # Errors
    /// What the store answers.
    pub async fn keys_due_for_deletion(&self) -> Result<Vec<KeyId>, Fault> {
        let (now, shown) = (self.clock.due(), self.clock.now());
        let (mut due, mut kept) = (Vec::new(), 0_usize);
        let mut walk = self.walk_keys();
        while let Some(keys) = walk.next().await? {
            for key in keys {
                match due_at(&key) {
                    Some(at) if at <= now => due.push(key.id),
                    Some(at) if at <= shown => kept += 1,
                    Some(_) | None => {}
                }
            }
        }
        if kept > 0 {
            let seconds = (shown.as_millis() - now.as_millis()) / 1_000;
            tracing::warn!(
                keys = kept,
                seconds,
                "keys are due by a wall clock that was set forward, and are kept; if its time is right, restart the service"
            );
        }
        Ok(due)
    }
}

fn due_at(key: &KeyRecord) -> Option<Timestamp> {
    match key.state {
        KeyState::PendingDeletion { delete_at } | KeyState::Deleting { delete_at } => Some(delete_at),
        KeyState::Enabled | KeyState::Disabled | KeyState::PendingImport => None,
    }
}

impl Operation for DeleteKey {
    const ACTION: Action = Action::DeleteKey;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let record = permit.into_target().record;
        let Some(delete_at) = due_at(&record).filter(|at| *at <= kms.clock.due()) else {
            return Err(Fault::new(
                Code::KmsInvalidState,
                format!("{} is not due for deletion.", record.id),
            ));
        };
        let doomed = KeyRecord {
            state: KeyState::Deleting { delete_at },
            ..KeyRecord::clone(&record)
        };
        kms.replace_key(&record, doomed).await?;
        for version in record.materials() {
            let label = kms.label(&record.id, &version.material)?;
            kms.token
                .destroy_key(version.material, &label, Kms::change_deadline())
                .await?;
        }
        kms.retire_import_parameters_of(&record.id).await?;
        let grants = kms.remove_all_grants(&record).await?;
        bury(kms, &record.id, grants).await
    }
}

/// Puts the tombstone in the place of the record, its aliases, its budgets, its last use and the head of its grants, in
/// one commit.
async fn bury(kms: &Kms, id: &KeyId, grants: Option<Stored<GrantHead>>) -> Result<(), Fault> {
    let Some(key) = kms.find_key(id).await? else {
        return Ok(());
    };
    let tombstone = Tombstone {
        key: key.id,
        materials: key.materials().map(|version| version.material).collect(),
        created: key.created,
        destroyed: kms.clock.now(),
    };
    let id = id.to_string();
    let mut change = kms.records.change().delete(&id, &key).insert(&id, tombstone.clone());
    change = grants.iter().fold(change, |change, head| change.delete(&id, head));
    for name in &key.aliases {
        let alias: Option<Stored<AliasRecord>> = kms.records.find(name.as_str()).await?;
        change = alias
            .iter()
            .fold(change, |change, alias| change.delete(name.as_str(), alias));
    }
    for material in &tombstone.materials {
        let budget: Option<Stored<BudgetRecord>> = kms.records.find(&material.to_string()).await?;
        change = budget
            .iter()
            .fold(change, |change, budget| change.delete(&material.to_string(), budget));
    }
    let usage: Option<Stored<LastUsage>> = kms.records.find(&id).await?;
    change = usage.iter().fold(change, |change, usage| change.delete(&id, usage));
    change.commit().await?;
    let fewer = |keys: usize| Some(keys.saturating_sub(1));
    let _keys_before = kms.keys.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer);
    tombstone
        .materials
        .iter()
        .for_each(|material| kms.budgets.forget(*material));
    Ok(())
}
