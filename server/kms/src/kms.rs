//! [`Kms`]: the key service's parts, and how it finds a key.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use strongroom_base::{Clock, Code, Deadline, Fault, InstallationId, KeyId, KeyMaterialId, Scope};
use strongroom_store::{Records, Stored};
use strongroom_token::{Health, ObjectLabel, Token};
use tokio::sync::Mutex;

use crate::alias::AliasRecord;
use crate::budget::{BudgetUse, Budgets};
use crate::key::KeyRecord;
use crate::key_reference::{AliasName, KeyReference};
use crate::root::Root;
use crate::rotation::Rotations;

/// The key service. One per process; operations come through the gate.
pub struct Kms {
    pub(crate) token: Token,
    pub(crate) records: Records,
    pub(crate) budgets: Budgets,
    pub(crate) clock: Clock,
    /// Keys that exist, to refuse more than the quota without counting each time.
    pub(crate) keys: AtomicUsize,
    counted: AtomicBool,
    /// Held while a managed key is made, so that it is made once.
    pub(crate) managed: Mutex<()>,
    /// Rotations under way.
    pub(crate) rotations: Rotations,
    /// The root object, which belongs to no key record.
    pub(crate) root: KeyMaterialId,
    scope: Scope,
    installation: InstallationId,
}

impl Kms {
    /// A key service over the store and the token of the installation that `root` describes.
    #[must_use]
    pub fn new(token: Token, records: Records, scope: Scope, clock: Clock, root: &Root) -> Self {
        let budgets = Budgets::new(records.clone());
        // From here on this process sees time pass.
        let _begun = clock.seen();
        Self {
            token,
            records,
            budgets,
            clock,
            keys: AtomicUsize::new(0),
            counted: AtomicBool::new(false),
            managed: Mutex::new(()),
            rotations: Rotations::default(),
            root: root.material(),
            scope,
            installation: root.installation(),
        }
    }

    /// The same, with keys that rotate by themselves once their current material has encrypted so often.
    #[must_use]
    pub fn rotating_after(mut self, invocations: u64) -> Self {
        self.budgets.rotate_after(invocations);
        self
    }

    /// Partition, region and account of the keys.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The budgets of the key materials that this process has used, for metrics. One that cannot be read now is left
    /// out.
    pub async fn budgets_in_use(&self) -> Vec<(KeyMaterialId, BudgetUse)> {
        let mut budgets = Vec::new();
        for material in self.budgets.in_use() {
            budgets.extend(self.budgets.used(material).await.ok().map(|budget| (material, budget)));
        }
        budgets
    }

    /// The label of a key version's object.
    pub(crate) fn label(&self, key: &KeyId, material: &KeyMaterialId) -> Result<ObjectLabel, Fault> {
        label(self.installation, &key.to_string(), material)
    }

    pub(crate) async fn find(&self, reference: &KeyReference) -> Result<Option<Stored<KeyRecord>>, Fault> {
        match reference {
            KeyReference::Key(id) => self.find_key(id).await,
            KeyReference::Alias(name) => self.find_by_alias(name).await,
        }
    }

    /// The key knows its aliases too, so an alias record that somebody put back redirects nobody.
    async fn find_by_alias(&self, name: &AliasName) -> Result<Option<Stored<KeyRecord>>, Fault> {
        let mut before = None;
        loop {
            let Some(alias) = self.records.find::<AliasRecord>(name.as_str()).await? else {
                return Ok(None);
            };
            let key = self.find_key(&alias.target).await?;
            if key.as_ref().is_none_or(|key| key.aliases.contains(name)) {
                return Ok(key);
            }
            // Alias and key change in one commit. The alias may have moved between the two readings; it did not if it
            // is still the same.
            if before.replace(alias.revision) == Some(alias.revision) {
                return Err(Fault::new(
                    Code::RecordDamaged,
                    "The alias does not belong to its key; restore the store from a backup.",
                ));
            }
        }
    }

    pub(crate) async fn find_key(&self, id: &KeyId) -> Result<Option<Stored<KeyRecord>>, Fault> {
        Ok(self.records.find::<KeyRecord>(&id.to_string()).await?)
    }

    /// Puts `after` in the place of `before`, unless somebody else did meanwhile.
    pub(crate) async fn replace_key(&self, before: &Stored<KeyRecord>, after: KeyRecord) -> Result<(), Fault> {
        self.records
            .change()
            .replace(&before.id.to_string(), before, after)
            .commit()
            .await?;
        Ok(())
    }

    /// Sets the number of keys, once, at start. From then on creations and deletions count themselves: a later count
    /// would undo those that happened while it was taken.
    pub(crate) fn set_key_count(&self, count: usize) {
        if !self.counted.swap(true, Ordering::Relaxed) {
            self.keys.store(count, Ordering::Relaxed);
        }
    }

    /// Counts an encryption under a key version before it is made. While the token is known to be away nothing is
    /// counted, because nothing can be made: an outage under load would use budgets up.
    pub(crate) async fn spend(&self, material: KeyMaterialId) -> Result<(), Fault> {
        self.check_token()?;
        self.budgets.spend(material).await
    }

    /// Refuses work that the token would have to do while it is known to be away.
    pub(crate) fn check_token(&self) -> Result<(), Fault> {
        let health = self.token.health().borrow().clone();
        match health {
            Health::Usable | Health::Unknown => Ok(()),
            Health::Unusable { reason } => {
                let cause = self.token.status().cause.unwrap_or_default();
                Err(Fault::new(Code::Unavailable, reason).because(cause))
            }
        }
    }

    /// The deadline of token work that goes on whether or not the caller still waits: once an intent is written, the
    /// change is driven to its end.
    pub(crate) fn change_deadline() -> Deadline {
        Deadline::after(Duration::from_secs(30))
    }
}

/// The label of an object of this installation. Ids are short and plain, so this fails for a defect of ours alone.
pub(crate) fn label(installation: InstallationId, key: &str, material: &KeyMaterialId) -> Result<ObjectLabel, Fault> {
    ObjectLabel::new(installation, key, &material.to_string())
        .map_err(|cause| Fault::new(Code::Internal, "The key's object cannot be labelled.").because(cause))
}
