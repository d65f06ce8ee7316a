//! [`Visible`]: what readers see. A batch that is being written is hidden from them until it is durable.
//!
//! While the committer applies, flushes and syncs, the database already answers with the new values. A reader who got
//! one could act on it (hand out a secret, say), and then the power fails and it never was. So the values from before
//! the batch lie over the database until the sync is done, and go away all at once. Costs a read lock per read.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::RwLock;

use super::open::describe;
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::locks;
use crate::record::Revision;

/// The key of the store's own row, which no record's key can be: NUL sorts before every kind.
pub(super) const SEQUENCE_ROW: &[u8] = b"\0sequence";

/// A database and what lies over it.
pub(super) struct Visible {
    pub(super) database: sled::Db,
    cover: RwLock<Cover>,
}

struct Cover {
    /// Values from before the batch that is being written; `None` for records that it adds.
    before: BTreeMap<RecordKey, Option<Vec<u8>>>,
    /// The last revision that is visible.
    newest: Revision,
}

/// A stored value with its name.
pub(super) type Row = (RecordKey, Vec<u8>);

impl Visible {
    pub(super) fn new(database: sled::Db, newest: Revision) -> Self {
        Self {
            database,
            cover: RwLock::new(Cover {
                before: BTreeMap::new(),
                newest,
            }),
        }
    }

    /// The last revision that is visible.
    pub(super) fn newest(&self) -> Revision {
        locks::read(&self.cover).newest
    }

    /// The stored value that readers see, and the last revision at that moment.
    pub(super) fn get(&self, key: &RecordKey) -> Result<(Option<Vec<u8>>, Revision), StoreFault> {
        // Held until the database has answered: a batch must not be applied between the two looks.
        let cover = locks::read(&self.cover);
        let value = match cover.before.get(key) {
            Some(before) => before.clone(),
            None => self.stored(key)?,
        };
        Ok((value, cover.newest))
    }

    /// The stored values that readers see under this prefix, in order.
    pub(super) fn list(
        &self,
        prefix: &str,
        after: Option<&RecordKey>,
        limit: usize,
    ) -> Result<(Vec<Row>, Revision), StoreFault> {
        let cover = locks::read(&self.cover);
        let start = match after {
            Some(after) if after.as_str() >= prefix => Bound::Excluded(after.as_str()),
            Some(_) | None => Bound::Included(prefix),
        };
        let mut rows = self.stored_rows(prefix, start, limit, &cover)?;
        let covered = cover.before.range::<str, _>((start, Bound::Unbounded));
        let covered = covered.take_while(|(key, _)| key.as_str().starts_with(prefix));
        rows.extend(
            covered
                .filter_map(|(key, before)| Some((key.clone(), before.clone()?)))
                .take(limit),
        );
        rows.sort_unstable_by(|left, right| left.0.cmp(&right.0));
        rows.truncate(limit);
        Ok((rows, cover.newest))
    }

    /// The stored value itself. For readers only under the cover's lock; the committer may look any time.
    pub(super) fn stored(&self, key: &RecordKey) -> Result<Option<Vec<u8>>, StoreFault> {
        let value = self
            .database
            .get(key.as_str())
            .map_err(|error| self.unreadable(&error))?;
        Ok(value.map(|value| value.to_vec()))
    }

    /// Lays these values over the database, before it changes.
    pub(super) fn hide(&self, before: BTreeMap<RecordKey, Option<Vec<u8>>>) {
        locks::write(&self.cover).before = before;
    }

    /// Shows the database as it is now.
    pub(super) fn reveal(&self, newest: Revision) {
        let mut cover = locks::write(&self.cover);
        cover.before.clear();
        cover.newest = newest;
    }

    /// A failed read says nothing about writes, unless it had to wait for one: a page that is still in the log's buffer
    /// is written before it is read.
    fn unreadable(&self, error: &sled::Error) -> StoreFault {
        match self.database.context.global_error() {
            Ok(()) => StoreFault::Unreadable { cause: describe(error) },
            Err(error) => StoreFault::failed(format!("writing the database failed: {}", describe(&error))),
        }
    }

    fn stored_rows(
        &self,
        prefix: &str,
        start: Bound<&str>,
        limit: usize,
        cover: &Cover,
    ) -> Result<Vec<Row>, StoreFault> {
        let mut rows = Vec::new();
        for row in self.database.range::<&str, _>((start, Bound::Unbounded)) {
            if rows.len() == limit {
                break;
            }
            let (name, value) = row.map_err(|error| self.unreadable(&error))?;
            if &*name == SEQUENCE_ROW {
                continue;
            }
            if !name.starts_with(prefix.as_bytes()) {
                break;
            }
            let Some(key) = RecordKey::from_stored(&name) else {
                return Err(foreign(&name));
            };
            if !cover.before.contains_key(&key) {
                rows.push((key, value.to_vec()));
            }
        }
        Ok(rows)
    }
}

fn foreign(name: &[u8]) -> StoreFault {
    StoreFault::RecordDamaged {
        key: name.escape_ascii().to_string().into(),
        what: "its name is not a record's key, so another program wrote it",
    }
}
