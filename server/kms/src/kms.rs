//! [`Kms`]: the key service's parts, and how it finds a key.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use strongroom_base::limits::CONFLICT_TRIES_MAX;
use strongroom_base::{Arn, Clock, Code, Deadline, Fault, InstallationId, KeyId, KeyMaterialId, Scope};
use strongroom_store::{Records, Sealer, StoreFault, Stored};
use strongroom_token::{Health, ObjectLabel, Token, TokenFault};
use tokio::sync::Mutex;

use crate::alias::AliasRecord;
use crate::budget::{BudgetUse, Budgets};
use crate::data_key_pair::PairMaker;
use crate::grant::GrantCache;
use crate::key::{KeyRecord, KeyVersion};
use crate::key_locks::{KeyLock, KeyLocks};
use crate::key_policy::KeyPolicies;
use crate::key_reference::{AliasName, KeyReference};
use crate::last_usage::LastUsages;
use crate::root::Root;
use crate::rotation::Rotations;
use crate::target::KeyTarget;

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
    /// Held by whoever changes a key's record or its grants, so that many changes of one key wait for each other and do
    /// not fail.
    pub(crate) changes: KeyLocks,
    /// The key pair that the last reconciliation tried last.
    pub(crate) attested_last: std::sync::Mutex<Option<KeyId>>,
    /// Keys that the last reconciliation found to be other than recorded.
    pub(crate) drifted_keys: AtomicUsize,
    /// When keys were last used, as far as it is not written yet.
    pub(crate) last_usages: LastUsages,
    /// Policies of keys that nobody put one on.
    pub(crate) policies: KeyPolicies,
    /// Grants, for decisions.
    pub(crate) grants: GrantCache,
    /// Makes and checks grant tokens.
    pub(crate) sealer: Sealer,
    /// Held by whoever imports or removes material of a key.
    imports: KeyLocks,
    /// Held while wrapping keys are counted and announced, so that there are no more than there may be.
    pub(crate) wrapping: Mutex<()>,
    /// Rotations under way.
    pub(crate) rotations: Rotations,
    /// Makes data key pairs, few at a time.
    pub(crate) pairs: PairMaker,
    /// The root object, which belongs to no key record.
    pub(crate) root: KeyMaterialId,
    scope: Scope,
    installation: InstallationId,
}

impl Kms {
    /// A key service over the store and the token of the installation that `root` describes; `sealer` is the store's.
    #[must_use]
    pub fn new(token: Token, records: Records, sealer: Sealer, scope: Scope, clock: Clock, root: &Root) -> Self {
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
            changes: KeyLocks::default(),
            // Whoever restarts often tries all of them too.
            attested_last: std::sync::Mutex::new(Some(KeyId::random())),
            drifted_keys: AtomicUsize::new(0),
            policies: KeyPolicies::new(&scope),
            grants: GrantCache::new(),
            sealer,
            last_usages: LastUsages::default(),
            imports: KeyLocks::default(),
            wrapping: Mutex::new(()),
            rotations: Rotations::default(),
            pairs: PairMaker::default(),
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

    /// Keys that the last reconciliation found to be other in the token than recorded, for metrics.
    #[must_use]
    pub fn drifted_keys(&self) -> usize {
        self.drifted_keys.load(Ordering::Relaxed)
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

    /// Begins a walk over all keys, for the jobs that look for what is due.
    pub(crate) fn walk_keys(&self) -> KeyWalk<'_> {
        KeyWalk { kms: self, after: None }
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

    /// Replaces a key's record by what `edit` makes of it, and gives that. If somebody else changed it meanwhile, `edit`
    /// gets it as it is then, as long as the decision would be the same: see [`KeyTarget::as_decided`].
    pub(crate) async fn edit_key(
        &self,
        target: &KeyTarget,
        edit: impl Fn(&KeyRecord) -> Result<KeyRecord, Fault>,
    ) -> Result<KeyRecord, Fault> {
        let _one_at_a_time = self.changing(&target.record.id).await;
        let id = target.record.id.to_string();
        for _ in 0..CONFLICT_TRIES_MAX {
            let before = target.as_decided(self).await?;
            let after = edit(&before)?;
            let change = self.records.change().replace(&id, &before, after.clone());
            match change.commit().await {
                Ok(_) => return Ok(after),
                Err(StoreFault::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&target.arn))
    }

    /// Waits until nobody else in this process changes this key.
    pub(crate) async fn changing(&self, key: &KeyId) -> KeyLock<'_> {
        self.changes.lock(key).await
    }

    /// Waits until nobody else in this process imports or removes material of this key. Taken before [`Self::changing`].
    pub(crate) async fn importing(&self, key: &KeyId) -> KeyLock<'_> {
        self.imports.lock(key).await
    }

    /// A key's record as it is now, for one that was there when it was decided on.
    pub(crate) async fn reread(&self, target: &KeyTarget) -> Result<Stored<KeyRecord>, Fault> {
        let found = self.find_key(&target.record.id).await?;
        found.ok_or_else(|| Fault::new(Code::NotFound, format!("Key '{}' does not exist", target.arn)))
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

    /// Which of these materials have objects that are not the keys that were made, and why; all of them secret, or one pair.
    /// See [`Token::attest`].
    pub(crate) async fn attest(
        &self,
        materials: &[(&KeyRecord, &KeyVersion)],
        deadline: Deadline,
    ) -> Result<Vec<(KeyMaterialId, TokenFault)>, Fault> {
        let named: Result<Vec<_>, Fault> = materials.iter().map(|(key, version)| key.token_key(version)).collect();
        let named = named?;
        let wrong = match (named.as_slice(), materials) {
            ([pair], [(_, version)]) if pair.kind.spec().is_asymmetric() => {
                self.token
                    .attest_pair(pair, version.public_key()?.as_der(), deadline)
                    .await
            }
            _ => self.token.attest(&named, deadline).await,
        };
        Ok(wrong?)
    }

    /// The deadline of token work that goes on whether or not the caller still waits: once an intent is written, the
    /// change is driven to its end.
    pub(crate) fn change_deadline() -> Deadline {
        Deadline::after(Duration::from_secs(30))
    }
}

/// A walk over all keys in the order of their ids, some at a time: a key has its policy with it, and there may be 100,000.
pub(crate) struct KeyWalk<'k> {
    kms: &'k Kms,
    after: Option<String>,
}

/// Keys that a walk reads at a time.
const WALKED_AT_ONCE: usize = 256;

impl KeyWalk<'_> {
    /// The next ones; `None` at the end. A record that cannot be read hides no other; reconciliation reports it.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<Stored<KeyRecord>>>, Fault> {
        let records = &self.kms.records;
        let page = records.page_of_each("", self.after.as_deref(), WALKED_AT_ONCE).await?;
        let Some((last, _)) = page.last() else { return Ok(None) };
        self.after = Some(last.clone());
        Ok(Some(page.into_iter().filter_map(|(_, key)| key.ok()).collect()))
    }
}

/// What is said when others change a key so often that a change of it finds no gap.
pub(crate) fn contended(arn: &Arn) -> Fault {
    Fault::new(Code::Conflict, format!("{arn} is being changed by others; try again."))
}

/// The label of an object of this installation. Ids are short and plain, so this fails for a defect of ours alone.
pub(crate) fn label(installation: InstallationId, key: &str, material: &KeyMaterialId) -> Result<ObjectLabel, Fault> {
    ObjectLabel::new(installation, key, &material.to_string())
        .map_err(|cause| Fault::new(Code::Internal, "The key's object cannot be labelled.").because(cause))
}
