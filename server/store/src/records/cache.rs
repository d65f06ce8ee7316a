//! [`Cache`]: decoded documents that are never older than what a reader of the store could have seen.
//!
//! Three races would make it wrong, and each has its guard. (1) A reader fetches revision 5, a change writes 9 and the
//! reader fills in 5: a slot remembers the newest revision that was known, and takes nothing older; a deleted record's
//! slot stays for that. (2) The cache is emptied between the two, and the slot forgotten: emptying starts a new epoch,
//! and a reader fills only in the epoch in which it began. (3) A change is durable, but its writer has not told the cache
//! yet: while a record is being changed readers go to the store, which knows the right moment.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use strongroom_base::limits::RECORD_CACHE_MAX;

use super::{Document, Stored};
use crate::locks::{read, write};
use crate::record::Revision;

/// The documents, for any number of kinds.
pub(super) struct Cache {
    slots: RwLock<Slots>,
    slots_max: usize,
}

/// What a look into the cache answers.
pub(super) enum Found<D> {
    /// The document.
    Document(Stored<D>),
    /// The store must be asked; the ticket allows to fill in what it answers.
    Unknown(Ticket),
}

/// The epoch in which a reader began.
#[derive(Clone, Copy)]
pub(super) struct Ticket(u64);

/// A document whose type was forgotten.
pub(super) type Erased = Arc<dyn Any + Send + Sync>;

#[derive(Default)]
struct Slots {
    /// Two levels, so that a look needs no key built from kind and id.
    kinds: HashMap<&'static str, HashMap<Box<str>, Slot>>,
    count: usize,
    epoch: u64,
}

#[derive(Default)]
struct Slot {
    /// The newest revision that is known to have been written; what is older must not be filled in.
    floor: Revision,
    /// Changes of this record that are under way.
    changes: u32,
    document: Option<Erased>,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self::with_slots_max(RECORD_CACHE_MAX)
    }

    pub(super) fn with_slots_max(slots_max: usize) -> Self {
        Self {
            slots: RwLock::default(),
            slots_max,
        }
    }

    /// The cached document, unless it is being changed.
    pub(super) fn find<D: Document>(&self, id: &str) -> Found<D> {
        let slots = read(&self.slots);
        let slot = slots
            .kinds
            .get(D::KIND)
            .and_then(|kind| kind.get(id))
            .filter(|slot| slot.changes == 0);
        let document = slot.and_then(|slot| Some((slot.floor, Arc::clone(slot.document.as_ref()?).downcast().ok()?)));
        match document {
            Some((revision, document)) => Found::Document(Stored { revision, document }),
            None => Found::Unknown(Ticket(slots.epoch)),
        }
    }

    /// Keeps what the store answered, unless something newer is known or may be under way.
    pub(super) fn fill<D: Document>(&self, id: &str, stored: &Stored<D>, ticket: Ticket) {
        let mut slots = write(&self.slots);
        self.make_room(&mut slots);
        if slots.epoch != ticket.0 {
            return;
        }
        let slot = slots.slot(D::KIND, id);
        if slot.changes == 0 && stored.revision >= slot.floor {
            slot.floor = stored.revision;
            slot.document = Some(Arc::<D>::clone(&stored.document));
        }
    }

    /// A change of these records begins: readers go to the store from now on.
    pub(super) fn begin<'k>(&self, records: impl Iterator<Item = (&'static str, &'k str)>) {
        let mut slots = write(&self.slots);
        self.make_room(&mut slots);
        for (kind, id) in records {
            let slot = slots.slot(kind, id);
            slot.changes += 1;
            slot.document = None;
        }
    }

    /// A change of this record has ended. `outcome` is what it wrote, `None` for a deletion; no outcome if it failed.
    pub(super) fn end(&self, kind: &'static str, id: &str, outcome: Option<(Revision, Option<Erased>)>) {
        let mut slots = write(&self.slots);
        let slot = slots.slot(kind, id);
        slot.changes = slot.changes.saturating_sub(1);
        if let Some((revision, document)) = outcome
            && revision > slot.floor
        {
            slot.floor = revision;
            slot.document = document;
        }
    }

    /// Empties a full cache but for what is being changed: the marks must survive. Simple, and rare: the bound is the
    /// number of records that the service is made for.
    fn make_room(&self, slots: &mut Slots) {
        if slots.count < self.slots_max {
            return;
        }
        for kind in slots.kinds.values_mut() {
            kind.retain(|_, slot| slot.changes > 0);
        }
        slots.count = slots.kinds.values().map(HashMap::len).sum();
        slots.epoch += 1;
    }
}

impl Slots {
    fn slot(&mut self, kind: &'static str, id: &str) -> &mut Slot {
        let slots = self.kinds.entry(kind).or_default();
        if !slots.contains_key(id) {
            self.count += 1;
        }
        slots.entry(id.into()).or_default()
    }
}

#[cfg(test)]
mod tests;
