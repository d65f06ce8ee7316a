//! [`Index`]: all secrets in the orders of lists, in memory.
//!
//! Built from the store when the service starts, and brought up to date by whoever has changed a secret, before the caller
//! is answered. It says in which order secrets come; what a list shows is read from the records. See decision 0017.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use strongroom_base::limits::SECRET_WALK_PAGE;
use strongroom_base::{Fault, Timestamp};
use tracing::{error, warn};

use crate::access::{AccessRecord, Pending};
use crate::record::{SecretRecord, SecretUid};
use crate::search::{SortBy, SortOrder};
use crate::secrets::Secrets;

/// A secret's place in a sorted list. Names are unique, so no two are the same.
pub(crate) type Rank = (i64, Arc<str>);

/// The index, and what of it is not written yet.
#[derive(Default)]
pub(crate) struct Index {
    /// Held while a record is read for the index, so that what was read later is put down later.
    reading: tokio::sync::Mutex<()>,
    /// `None` until it is built, and again when it may be wrong.
    orders: RwLock<Option<Orders>>,
    /// The last accesses that are not written yet.
    pub(crate) pending: Pending,
}

/// A secret, as far as lists are sorted by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    /// `None` for a record that cannot be read: it keeps its place by name, so that lists meet it and say so.
    uid: Option<SecretUid>,
    created: i64,
    changed: i64,
    accessed: Option<Timestamp>,
}

#[derive(Default)]
struct Orders {
    entries: BTreeMap<Arc<str>, Entry>,
    by_creation: BTreeSet<Rank>,
    by_access: BTreeSet<Rank>,
    by_change: BTreeSet<Rank>,
}

impl Entry {
    fn of(record: &SecretRecord, accessed: Option<Timestamp>) -> Self {
        Self {
            uid: Some(record.uid),
            created: record.created.as_millis(),
            changed: record.changed.as_millis(),
            accessed,
        }
    }

    const UNREADABLE: Self = Self {
        uid: None,
        created: i64::MIN,
        changed: i64::MIN,
        accessed: None,
    };

    fn access_rank(&self) -> i64 {
        self.accessed.map_or(i64::MIN, Timestamp::as_millis)
    }
}

impl Orders {
    fn put(&mut self, name: &str, entry: Entry) {
        self.remove(name);
        let name: Arc<str> = name.into();
        self.by_creation.insert((entry.created, Arc::clone(&name)));
        self.by_change.insert((entry.changed, Arc::clone(&name)));
        self.by_access.insert((entry.access_rank(), Arc::clone(&name)));
        self.entries.insert(name, entry);
    }

    fn remove(&mut self, name: &str) {
        if let Some((name, entry)) = self.entries.remove_entry(name) {
            self.by_creation.remove(&(entry.created, Arc::clone(&name)));
            self.by_change.remove(&(entry.changed, Arc::clone(&name)));
            self.by_access.remove(&(entry.access_rank(), name));
        }
    }

    /// The entry of this very secret, not of another one of the same name.
    fn entry(&self, secret: &SecretRecord) -> Option<&Entry> {
        let entry = self.entries.get(secret.name.as_str());
        entry.filter(|entry| entry.uid == Some(secret.uid))
    }

    fn by_date(&self, set: &BTreeSet<Rank>, order: SortOrder, after: Option<&Rank>, limit: usize) -> Vec<Rank> {
        let bound = after.cloned().map_or(Bound::Unbounded, Bound::Excluded);
        match order {
            SortOrder::Asc => set.range((bound, Bound::Unbounded)).take(limit).cloned().collect(),
            SortOrder::Desc => set
                .range((Bound::Unbounded, bound))
                .rev()
                .take(limit)
                .cloned()
                .collect(),
        }
    }

    fn by_name(&self, order: SortOrder, prefix: &str, after: Option<&Rank>, limit: usize) -> Vec<Rank> {
        // Names are ASCII, so none that begins so comes after this.
        let end: Arc<str> = format!("{prefix}\u{10ffff}").into();
        let (mut from, mut to) = (Bound::Included(Arc::from(prefix)), Bound::Excluded(Arc::clone(&end)));
        if let Some((_, name)) = after {
            match order {
                SortOrder::Asc if **name >= *prefix => from = Bound::Excluded(Arc::clone(name)),
                SortOrder::Desc if *name <= end => to = Bound::Excluded(Arc::clone(name)),
                SortOrder::Asc | SortOrder::Desc => {}
            }
        }
        // A token of a list with another filter may lie outside.
        if let (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to)) = (&from, &to)
            && from >= to
        {
            return Vec::new();
        }
        let names = self
            .entries
            .range::<Arc<str>, _>((from, to))
            .map(|(name, _)| (0, Arc::clone(name)));
        match order {
            SortOrder::Asc => names.take(limit).collect(),
            SortOrder::Desc => names.rev().take(limit).collect(),
        }
    }
}

impl Index {
    /// The next `limit` secrets after a place, of those whose names begin with `prefix` where names are sorted by. Empty at
    /// the end.
    pub(crate) fn after(
        &self,
        (by, order): (SortBy, SortOrder),
        prefix: &str,
        after: Option<&Rank>,
        limit: usize,
    ) -> Vec<Rank> {
        let orders = self.read();
        let Some(orders) = orders.as_ref() else {
            return Vec::new();
        };
        match by {
            SortBy::CreatedDate => orders.by_date(&orders.by_creation, order, after, limit),
            SortBy::LastAccessedDate => orders.by_date(&orders.by_access, order, after, limit),
            SortBy::LastChangedDate => orders.by_date(&orders.by_change, order, after, limit),
            SortBy::Name => orders.by_name(order, prefix, after, limit),
        }
    }

    /// The day of a secret's last access.
    pub(crate) fn last_access(&self, secret: &SecretRecord) -> Option<Timestamp> {
        self.read().as_ref()?.entry(secret)?.accessed
    }

    /// Puts down that a secret was accessed on this day. False if that is known, or the secret is gone.
    pub(crate) fn accessed(&self, secret: &SecretRecord, day: Timestamp) -> bool {
        let is_news = |orders: &Option<Orders>| {
            let entry = orders.as_ref()?.entry(secret)?;
            (entry.accessed < Some(day)).then_some(*entry)
        };
        if is_news(&self.read()).is_none() {
            return false;
        }
        let mut orders = self.write();
        let Some(entry) = is_news(&orders) else { return false };
        if let Some(orders) = orders.as_mut() {
            let accessed = Some(day);
            orders.put(secret.name.as_str(), Entry { accessed, ..entry });
        }
        true
    }

    fn is_ready(&self) -> bool {
        self.read().is_some()
    }

    fn read(&self) -> RwLockReadGuard<'_, Option<Orders>> {
        self.orders.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Option<Orders>> {
        self.orders.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Secrets {
    /// Builds the index unless it is there: at the start, so that no request waits for it.
    ///
    /// # Errors
    /// What the store answers. A single record that cannot be read is reported, and met again by the lists that come to it.
    pub async fn ready_index(&self) -> Result<(), Fault> {
        if self.index.is_ready() {
            return Ok(());
        }
        let _reading = self.index.reading.lock().await;
        if !self.index.is_ready() {
            let orders = self.read_all().await?;
            *self.index.write() = Some(orders);
        }
        Ok(())
    }

    async fn read_all(&self) -> Result<Orders, Fault> {
        let accesses = self.read_accesses().await?;
        let mut orders = Orders::default();
        let mut after: Option<String> = None;
        loop {
            let after_id = after.as_deref();
            let page = self
                .records
                .page_of_each::<SecretRecord>("", after_id, SECRET_WALK_PAGE)
                .await?;
            let Some((last, _)) = page.last() else {
                return Ok(orders);
            };
            after = Some(last.clone());
            for (name, record) in page {
                match record {
                    Ok(record) => {
                        let known = accesses.get(&record.uid.to_string()).copied();
                        orders.put(&name, Entry::of(&record, known.max(self.index.pending.day(record.uid))));
                    }
                    Err(fault) => {
                        error!(name, %fault, "a secret's record cannot be read; lists that come to it fail");
                        orders.put(&name, Entry::UNREADABLE);
                    }
                }
            }
        }
    }

    async fn read_accesses(&self) -> Result<BTreeMap<String, Timestamp>, Fault> {
        let mut days = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let after_id = after.as_deref();
            let page = self
                .records
                .page_of_each::<AccessRecord>("", after_id, SECRET_WALK_PAGE)
                .await?;
            let Some((last, _)) = page.last() else { return Ok(days) };
            after = Some(last.clone());
            for (uid, access) in page {
                match access {
                    Ok(access) => drop(days.insert(uid, access.day)),
                    Err(fault) => warn!(uid, %fault, "when a secret was last accessed cannot be read"),
                }
            }
        }
    }

    /// Brings the index up to date with a secret that was changed, made or removed. Where that cannot be read the index is
    /// built anew at its next use.
    pub(crate) async fn reindex(&self, name: &str) {
        let _reading = self.index.reading.lock().await;
        if !self.index.is_ready() {
            return;
        }
        let found = self.records.find::<SecretRecord>(name).await;
        let mut orders = self.index.write();
        match (found, orders.as_mut()) {
            (_, None) => {}
            (Ok(Some(record)), Some(present)) => {
                let accessed = present.entry(&record).and_then(|entry| entry.accessed);
                present.put(name, Entry::of(&record, accessed));
            }
            (Ok(None), Some(present)) => present.remove(name),
            (Err(fault), Some(_)) => {
                warn!(name, %fault, "a secret that was changed cannot be read for lists; they are put in order anew");
                *orders = None;
            }
        }
    }
}

#[cfg(test)]
mod tests;
