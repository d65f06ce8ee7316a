//! [`Held`]: the grants of the keys in use, as far as there is memory for them. What was used longest ago goes first.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use strongroom_base::KeyId;
use strongroom_store::Revision;

use super::cache::KeyGrants;

/// The grants of keys, each as its head's revision has them.
#[derive(Default)]
pub(super) struct Held {
    keys: HashMap<KeyId, Entry>,
    bytes: usize,
    /// Counts what is put in, so that each entry can say when it was used last: looking at one writes nothing else, and that
    /// once between two changes.
    turn: u64,
}

struct Entry {
    revision: Revision,
    grants: Arc<KeyGrants>,
    bytes: usize,
    used: AtomicU64,
}

/// What an entry takes beside the grants themselves.
const ENTRY_BYTES: usize = 512;

impl Held {
    /// A key's grants, if they are those of this revision.
    pub(super) fn find(&self, key: &KeyId, revision: Revision) -> Option<Arc<KeyGrants>> {
        let entry = self.keys.get(key).filter(|entry| entry.revision == revision)?;
        if entry.used.load(Ordering::Relaxed) != self.turn {
            entry.used.store(self.turn, Ordering::Relaxed);
        }
        Some(Arc::clone(&entry.grants))
    }

    /// Keeps a key's grants, unless something newer is known of it. Answers what is held no more, to be dropped without
    /// whatever lock this is under: that may free thousands of grants.
    #[must_use]
    pub(super) fn put(
        &mut self,
        key: KeyId,
        revision: Revision,
        grants: Arc<KeyGrants>,
        bytes_max: usize,
    ) -> Vec<Arc<KeyGrants>> {
        if self.keys.get(&key).is_some_and(|known| known.revision > revision) {
            return vec![grants];
        }
        let before = self.take(&key);
        self.turn += 1;
        let bytes = grants.bytes() + ENTRY_BYTES;
        let entry = Entry {
            revision,
            grants,
            bytes,
            used: AtomicU64::new(self.turn),
        };
        self.bytes += bytes;
        self.keys.insert(key, entry);
        let mut dropped: Vec<_> = before.into_iter().collect();
        if self.bytes > bytes_max {
            self.make_room(&key, bytes_max, &mut dropped);
        }
        dropped
    }

    /// Forgets a key.
    #[must_use]
    pub(super) fn take(&mut self, key: &KeyId) -> Option<Arc<KeyGrants>> {
        let taken = self.keys.remove(key)?;
        self.bytes -= taken.bytes;
        Some(taken.grants)
    }

    /// Takes out what was used longest ago, all but `kept`, and a little more than there must be: each time costs a look at
    /// all entries.
    fn make_room(&mut self, kept: &KeyId, bytes_max: usize, dropped: &mut Vec<Arc<KeyGrants>>) {
        let others = self.keys.iter().filter(|(key, _)| *key != kept);
        let used = |entry: &Entry| entry.used.load(Ordering::Relaxed);
        let mut by_age: Vec<_> = others.map(|(key, entry)| (used(entry), *key)).collect();
        by_age.sort_unstable();
        for (_, key) in by_age {
            if self.bytes <= bytes_max - bytes_max / 8 {
                return;
            }
            dropped.extend(self.take(&key));
        }
    }

    /// Bytes of all that is held.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
