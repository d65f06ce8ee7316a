//! How imported material leaves the token: said in the record first, then destroyed, then recorded as gone.
//!
//! From the first step on nobody uses it, nor from the moment on when its time is over. While the token is away it stays in the second, and the job comes back.

use strongroom_base::limits::CONFLICT_TRIES_MAX;
use strongroom_base::{Fault, KeyId, KeyMaterialId};
use strongroom_store::{StoreFault, Stored};

use crate::budget::BudgetRecord;
use crate::imported::Presence;
use crate::key::{KeyRecord, KeyState, KeyVersion};
use crate::kms::{Kms, contended};
use crate::target::KeyTarget;

impl Kms {
    /// Destroys an imported material of a key. Removing what is gone changes nothing.
    pub(crate) async fn remove_material(&self, target: &KeyTarget, material: &KeyMaterialId) -> Result<(), Fault> {
        let begin = |before: &KeyRecord| {
            Ok(before.with_import(material, |import| {
                if import.presence == Presence::Imported {
                    import.presence = Presence::Removing;
                }
            }))
        };
        let after = self.edit_key(target, begin).await?;
        let left = after.materials().find(|version| version.material == *material);
        match left.map(KeyVersion::presence) {
            Some(Presence::Removing) => self.finish_removal(target, material).await,
            Some(Presence::Imported | Presence::Absent) | None => Ok(()),
        }
    }

    /// Destroys the object of a material whose record says so.
    pub(crate) async fn finish_removal(&self, target: &KeyTarget, material: &KeyMaterialId) -> Result<(), Fault> {
        self.token.forget(*material);
        let label = self.label(&target.record.id, material)?;
        self.token
            .destroy_key(*material, &label, Self::change_deadline())
            .await?;
        self.commit_material_removal(target, material).await
    }

    /// Material that is the key's own stays in its record; what was on trial goes, and its budget with it.
    async fn commit_material_removal(&self, target: &KeyTarget, material: &KeyMaterialId) -> Result<(), Fault> {
        let _one_at_a_time = self.changing(&target.record.id).await;
        let id = material.to_string();
        for _ in 0..CONFLICT_TRIES_MAX {
            let before = self.reread(target).await?;
            let mut change = self.records.change();
            let mut after = before.with_import(material, |import| import.presence = Presence::Absent);
            let on_trial = |version: &KeyVersion| version.material == *material;
            if after.pending_rotation.as_ref().is_some_and(on_trial) {
                after.pending_rotation = None;
                after.discarded = Some(*material);
                let budget: Option<Stored<BudgetRecord>> = self.records.find(&id).await?;
                change = budget.iter().fold(change, |change, budget| change.delete(&id, budget));
                self.budgets.forget(*material);
            }
            match change.replace(&before.id.to_string(), &before, after).commit().await {
                Ok(_) => return Ok(()),
                Err(StoreFault::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&target.arn))
    }

    /// The imported materials that are to be destroyed now: those that have expired, and those whose removal was cut
    /// off. None expires because somebody set the clock forward: see [`Clock::due`](strongroom_base::Clock::due).
    ///
    /// # Errors
    /// What the store answers.
    pub async fn materials_due_for_removal(&self) -> Result<Vec<(KeyId, KeyMaterialId)>, Fault> {
        let (now, shown) = (self.clock.due(), self.clock.now());
        let (mut due, mut kept) = (Vec::new(), 0_usize);
        let mut walk = self.walk_keys();
        while let Some(keys) = walk.next().await? {
            for key in keys {
                if matches!(key.state, KeyState::Deleting { .. }) {
                    continue;
                }
                for version in key.materials() {
                    match (version.presence(), version.valid_to()) {
                        (Presence::Removing, _) => due.push((key.id, version.material)),
                        (Presence::Imported, Some(at)) if at <= now => due.push((key.id, version.material)),
                        (Presence::Imported, Some(at)) if at <= shown => kept += 1,
                        (Presence::Imported | Presence::Absent, _) => {}
                    }
                }
            }
        }
        if kept > 0 {
            let seconds = (shown.as_millis() - now.as_millis()) / 1_000;
            tracing::warn!(
                materials = kept,
                seconds,
                "imported materials have expired by a wall clock that was set forward: refused, and kept; if its time is \
                 right, restart the service"
            );
        }
        Ok(due)
    }
}
