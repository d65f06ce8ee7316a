//! [`GrantCache`]: the grants of the keys in use, in the form that decisions need, so that none of them reads a list.
//!
//! What is held of a key carries the revision of the key's head, and counts only while the head still has it. Heads are
//! found like all records, so this cache is as right as that of records: whoever asks after a change was acknowledged,
//! in this process or by another one through the same records, finds another revision and never the grants from before.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use strongroom_base::limits::{CONFLICT_TRIES_MAX, GRANTS_CACHED_MAX};
use strongroom_base::{Arn, Code, Fault, GrantId, KeyId};
use strongroom_policy::{Grant, GrantOperation};
use strongroom_store::{Records, Revision, Stored};

use super::records::{GrantHead, GrantRecord};
use crate::key_locks::KeyLocks;

/// Records that are read at a time while a key's grants are loaded.
const LOADED_AT_ONCE: usize = 1_024;

/// The grants of one key.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyGrants {
    by_grantee: HashMap<Arn, Vec<Arc<Grant>>>,
    by_name: HashMap<Box<str>, Vec<GrantId>>,
    count: usize,
}

impl KeyGrants {
    /// Those whose grantee is this principal.
    pub(crate) fn to(&self, principal: &Arn) -> &[Arc<Grant>] {
        self.by_grantee.get(principal).map_or(&[], Vec::as_slice)
    }

    /// Those with this name, whatever else they say.
    pub(crate) fn named(&self, name: &str) -> &[GrantId] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether all grants to `principal` that permit `operation` are among the `later` ones too.
    pub(crate) fn are_left_in(&self, later: &Self, principal: &Arn, operation: GrantOperation) -> bool {
        let left: HashSet<&str> = later.to(principal).iter().map(|grant| &*grant.id).collect();
        let permits = |grant: &&Arc<Grant>| grant.terms.operations.contains(&operation);
        let mut own = self.to(principal).iter().filter(permits);
        own.all(|grant| left.contains(&*grant.id))
    }

    pub(crate) fn add(&mut self, grant: &GrantRecord) {
        let own = self.by_grantee.entry(grant.grantee.clone()).or_default();
        own.push(Arc::new(grant.for_decisions()));
        if let Some(name) = &grant.name {
            self.by_name.entry(name.clone()).or_default().push(grant.id);
        }
        self.count += 1;
    }

    pub(crate) fn remove(&mut self, grant: &GrantRecord) {
        let id = grant.id.to_string();
        remove_from(&mut self.by_grantee, &grant.grantee, |each| *each.id == *id);
        if let Some(name) = &grant.name {
            remove_from(&mut self.by_name, name, |each| *each == grant.id);
        }
        self.count = self.count.saturating_sub(1);
    }
}

/// Takes what `is_it` finds out of the list under `key`, and the list too when nothing is left in it.
fn remove_from<K: Eq + Hash, V>(lists: &mut HashMap<K, Vec<V>>, key: &K, is_it: impl Fn(&V) -> bool) {
    if let Some(list) = lists.get_mut(key) {
        list.retain(|each| !is_it(each));
        if list.is_empty() {
            lists.remove(key);
        }
    }
}

/// A key's grants, and the head that they belong to.
#[derive(Clone)]
pub(crate) struct HeldGrants {
    pub(crate) head: Stored<GrantHead>,
    pub(crate) grants: Arc<KeyGrants>,
}

/// The grants of the keys in use.
pub(crate) struct GrantCache {
    /// Every decision reads it, so it is written only to put in and take out what was made, and is dropped, without it.
    held: RwLock<Held>,
    /// So that a key that many ask for at once is loaded once.
    loading: KeyLocks,
    grants_max: usize,
}

#[derive(Default)]
struct Held {
    keys: HashMap<KeyId, (Revision, Arc<KeyGrants>)>,
    /// Grants of all keys together.
    grants: usize,
}

impl GrantCache {
    pub(crate) fn new() -> Self {
        Self::with_grants_max(GRANTS_CACHED_MAX)
    }

    fn with_grants_max(grants_max: usize) -> Self {
        Self {
            held: RwLock::default(),
            loading: KeyLocks::new(),
            grants_max,
        }
    }

    /// A key's grants as they are now; `None` if it never had any.
    ///
    /// # Errors
    /// What the store answers; InternalServiceError where the records are not those that were written;
    /// ConflictException where others change the key's grants faster than they can be read.
    pub(crate) async fn of(&self, records: &Records, key: &KeyId) -> Result<Option<HeldGrants>, Fault> {
        let id = key.to_string();
        let Some(head) = records.find::<GrantHead>(&id).await? else {
            return Ok(None);
        };
        if let Some(grants) = self.held(key, head.revision) {
            return Ok(Some(HeldGrants { head, grants }));
        }
        let _one_at_a_time = self.loading.lock(key).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let Some(head) = records.find::<GrantHead>(&id).await? else {
                return Ok(None);
            };
            if let Some(grants) = self.held(key, head.revision) {
                return Ok(Some(HeldGrants { head, grants }));
            }
            let loaded = load(records, key).await?;
            let after = records.find::<GrantHead>(&id).await?;
            // Every change of a grant replaces the head: with the same one before and after, nothing changed between.
            if after.is_some_and(|after| after.revision == head.revision) {
                let grants = Arc::new(loaded.complete(key, head.count)?);
                self.hold(key, head.revision, &grants);
                return Ok(Some(HeldGrants { head, grants }));
            }
        }
        Err(Fault::new(
            Code::Conflict,
            "The key's grants are being changed by others; try again.",
        ))
    }

    /// Learns of a change that is on disk: the grants as they were at revision `before` are `edit`ed to those at `after`.
    pub(crate) fn changed(
        &self,
        key: &KeyId,
        before: Option<Revision>,
        after: Revision,
        edit: impl FnOnce(&mut KeyGrants),
    ) {
        let grants = match before {
            None => Arc::default(),
            Some(before) => match self.held(key, before) {
                Some(grants) => grants,
                // What it was is not known here, so what it is will be loaded when it is asked for.
                None => return,
            },
        };
        let mut grants = KeyGrants::clone(&grants);
        edit(&mut grants);
        self.hold(key, after, &Arc::new(grants));
    }

    /// Forgets a key that is gone.
    pub(crate) fn forget(&self, key: &KeyId) {
        let taken = self.held.write().unwrap_or_else(PoisonError::into_inner).take(key);
        drop(taken);
    }

    fn held(&self, key: &KeyId, revision: Revision) -> Option<Arc<KeyGrants>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let (known, grants) = held.keys.get(key)?;
        (*known == revision).then(|| Arc::clone(grants))
    }

    /// Keeps what is known of a key, unless something newer is.
    fn hold(&self, key: &KeyId, revision: Revision, grants: &Arc<KeyGrants>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.keys.get(key).is_some_and(|(known, _)| *known > revision) {
            return;
        }
        let before = held.take(key);
        let emptied = held.put(key, revision, Arc::clone(grants), self.grants_max);
        drop(held);
        drop((before, emptied));
    }
}

impl Held {
    fn take(&mut self, key: &KeyId) -> Option<(Revision, Arc<KeyGrants>)> {
        let taken = self.keys.remove(key)?;
        self.grants = self.grants.saturating_sub(taken.1.count);
        Some(taken)
    }

    /// A full cache is emptied: simple, and rare, because the bound is far above what is in use at a time. Answers what
    /// it was full of.
    fn put(&mut self, key: &KeyId, revision: Revision, grants: Arc<KeyGrants>, grants_max: usize) -> Option<Self> {
        let is_full = self.grants + grants.count > grants_max;
        let emptied = is_full.then(|| std::mem::take(self));
        self.grants += grants.count;
        self.keys.insert(*key, (revision, grants));
        emptied
    }
}

/// What a list of a key's grants came to.
#[derive(Default)]
struct Loaded {
    grants: KeyGrants,
    unreadable: usize,
}

impl Loaded {
    /// The grants, if they are as many as the head says. A tag shows that a record was edited, not that it was removed, or
    /// that one that had been removed was put back.
    fn complete(self, key: &KeyId, count: usize) -> Result<KeyGrants, Fault> {
        if self.grants.count + self.unreadable == count {
            return Ok(self.grants);
        }
        let cause = format!("key {key} has {count} grants, and {} are stored", self.grants.count);
        let message = "The key's grants are not those that were made; restore the store from a backup.";
        Err(Fault::new(Code::RecordDamaged, message).because(cause))
    }
}

/// A grant that cannot be read permits nothing, and hides no other; reconciliation reports it.
async fn load(records: &Records, key: &KeyId) -> Result<Loaded, Fault> {
    let prefix = format!("{key}/");
    let (mut loaded, mut after) = (Loaded::default(), None::<String>);
    loop {
        let page = records.page_of_each::<GrantRecord>(&prefix, after.as_deref(), LOADED_AT_ONCE);
        let page = page.await?;
        let Some((last, _)) = page.last() else {
            return Ok(loaded);
        };
        after = Some(last.clone());
        for (id, row) in page {
            match row {
                Ok(grant) => loaded.grants.add(&grant),
                Err(fault) => {
                    tracing::error!(grant = id, %fault, "a grant cannot be read and permits nothing");
                    loaded.unreadable += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
