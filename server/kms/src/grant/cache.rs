//! [`GrantCache`]: the grants of the keys in use, in the form that decisions need, so that none of them reads a list.
//!
//! What is held of a key carries the revision of the key's head, and counts only while the head still has it. Heads are
//! found like all records, so this cache is as right as that of records: whoever asks after a change was acknowledged,
//! in this process or by another one through the same records, finds another revision and never the grants from before.

use std::sync::{Arc, PoisonError, RwLock};

use rpds::RedBlackTreeSetSync;
use strongroom_base::limits::{CONFLICT_TRIES_MAX, GRANTS_CACHED_BYTES_MAX};
use strongroom_base::{Arn, Code, Fault, GrantId, KeyId};
use strongroom_policy::{GrantOperation, Grants};
use strongroom_store::{Records, Revision, Stored};

use super::held::Held;
use super::records::{GrantHead, GrantRecord};
use crate::key_locks::KeyLocks;

/// Records that are read at a time while a key's grants are loaded.
const LOADED_AT_ONCE: usize = 1_024;

/// The grants of one key. A copy shares what is not changed with its original.
#[derive(Debug, Clone, Default)]
pub(crate) struct KeyGrants {
    grants: Grants,
    by_name: RedBlackTreeSetSync<(Box<str>, GrantId)>,
    names_bytes: usize,
}

const FIRST: GrantId = GrantId::from_bytes([0; 32]);
const LAST: GrantId = GrantId::from_bytes([u8::MAX; 32]);
/// What an entry of a name takes beside the name.
const NAME_BYTES: usize = size_of::<(Box<str>, GrantId)>() + 64;

impl KeyGrants {
    /// What decisions need of them.
    pub(crate) fn grants(&self) -> &Grants {
        &self.grants
    }

    /// About how many bytes of memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.grants.bytes() + self.names_bytes
    }

    /// Those with this name, whatever else they say.
    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = GrantId> {
        let at = |grant| (Box::from(name), grant);
        self.by_name.range(at(FIRST)..=at(LAST)).map(|(_, id)| *id)
    }

    /// The ids of those of this principal that come after `after`, in their order.
    pub(crate) fn ids_of(&self, principal: &Arn, after: Option<GrantId>) -> impl Iterator<Item = GrantId> {
        self.grants.ids_of(principal, after)
    }

    /// Whether all grants to `principal` that permit `operation` are among the `later` ones too.
    pub(crate) fn are_left_in(&self, later: &Self, principal: &Arn, operation: GrantOperation) -> bool {
        self.grants.are_left_in(&later.grants, principal, operation)
    }

    pub(crate) fn add(&mut self, grant: &GrantRecord) {
        self.grants.add(&grant.grantee, grant.id, &grant.terms);
        if let Some(name) = &grant.name {
            self.names_bytes += name.len() + NAME_BYTES;
            self.by_name.insert_mut((name.clone(), grant.id));
        }
    }

    pub(crate) fn remove(&mut self, grant: &GrantRecord) {
        self.grants.remove(&grant.grantee, &grant.id);
        if let Some(name) = &grant.name
            && self.by_name.remove_mut(&(name.clone(), grant.id))
        {
            self.names_bytes -= name.len() + NAME_BYTES;
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
    bytes_max: usize,
}

/// What a load came to.
enum Answer {
    /// The key's grants; `None` if it never had any.
    Grants(Option<HeldGrants>),
    /// Each time others had changed them meanwhile.
    Overtaken,
}

impl GrantCache {
    pub(crate) fn new() -> Self {
        Self::with_bytes_max(GRANTS_CACHED_BYTES_MAX)
    }

    fn with_bytes_max(bytes_max: usize) -> Self {
        Self {
            held: RwLock::default(),
            loading: KeyLocks::default(),
            bytes_max,
        }
    }

    /// A key's grants as they are now; `None` if it never had any. Nobody may ask who holds the key's lock of `changes`:
    /// the last try of a load is made with it, so that a key that is changed all the time is loaded too.
    ///
    /// # Errors
    /// What the store answers; InternalServiceError where the records are not those that were written;
    /// ConflictException where other processes change the key's grants faster than they can be read.
    pub(crate) async fn of(
        &self,
        records: &Records,
        key: &KeyId,
        changes: &KeyLocks,
    ) -> Result<Option<HeldGrants>, Fault> {
        let Some(head) = records.find::<GrantHead>(&key.to_string()).await? else {
            return Ok(None);
        };
        if let Some(grants) = self.held(key, head.revision) {
            return Ok(Some(HeldGrants { head, grants }));
        }
        match self.load(records, key, CONFLICT_TRIES_MAX - 1).await? {
            Answer::Grants(grants) => Ok(grants),
            Answer::Overtaken => {
                let _nobody_changes_them = changes.lock(key).await;
                self.of_unchanging(records, key).await
            }
        }
    }

    /// The same for who holds the lock of those who change the key.
    ///
    /// # Errors
    /// As for [`Self::of`].
    pub(crate) async fn of_unchanging(&self, records: &Records, key: &KeyId) -> Result<Option<HeldGrants>, Fault> {
        match self.load(records, key, CONFLICT_TRIES_MAX).await? {
            Answer::Grants(grants) => Ok(grants),
            Answer::Overtaken => Err(Fault::new(
                Code::Conflict,
                "The key's grants are being changed by others; try again.",
            )),
        }
    }

    /// Takes the lock of loads, and no other after it: who holds both has that of changes first.
    async fn load(&self, records: &Records, key: &KeyId, tries: usize) -> Result<Answer, Fault> {
        let id = key.to_string();
        let _one_at_a_time = self.loading.lock(key).await;
        for _ in 0..tries {
            let Some(head) = records.find::<GrantHead>(&id).await? else {
                return Ok(Answer::Grants(None));
            };
            if let Some(grants) = self.held(key, head.revision) {
                return Ok(Answer::Grants(Some(HeldGrants { head, grants })));
            }
            let loaded = load(records, key).await?;
            let after = records.find::<GrantHead>(&id).await?;
            // Every change of a grant replaces the head: with the same one before and after, nothing changed between.
            if after.is_some_and(|after| after.revision == head.revision) {
                let grants = Arc::new(loaded.complete(key, head.count)?);
                self.hold(key, head.revision, &grants);
                return Ok(Answer::Grants(Some(HeldGrants { head, grants })));
            }
        }
        Ok(Answer::Overtaken)
    }

    /// Learns of a change that is on disk: the grants as they were at revision `before` are `edit`ed to those at `after`.
    pub(crate) fn changed(
        &self,
        key: &KeyId,
        before: Option<Revision>,
        after: Revision,
        edit: impl FnOnce(&mut KeyGrants),
    ) {
        let mut grants = match before {
            None => KeyGrants::default(),
            Some(before) => match self.held(key, before) {
                Some(grants) => KeyGrants::clone(&grants),
                // What it was is not known here, so what it is will be loaded when it is asked for.
                None => return,
            },
        };
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
        held.find(key, revision)
    }

    /// Keeps what is known of a key, unless something newer is.
    fn hold(&self, key: &KeyId, revision: Revision, grants: &Arc<KeyGrants>) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let dropped = held.put(*key, revision, Arc::clone(grants), self.bytes_max);
        drop(held);
        drop(dropped);
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
        let readable = self.grants.grants.count();
        if readable + self.unreadable == count {
            return Ok(self.grants);
        }
        let cause = format!("key {key} has {count} grants, and {readable} are stored");
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
