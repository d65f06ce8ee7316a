//! [`Change`]: documents that are written and removed together, and what that depends on.

use std::sync::Arc;

use strongroom_base::Event;

use super::cache::Erased;
use super::document::{Document, encode};
use super::event::EventRecord;
use super::{Inner, Stored};
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::record::{Revision, Transaction};

/// A change under construction. Nothing happens before [`Change::commit`]; a change that is dropped never was.
#[must_use = "a change does nothing until it is committed"]
pub struct Change {
    inner: Arc<Inner>,
    transaction: Transaction,
    /// Every record that it changes, with its new document.
    effects: Vec<Effect>,
    /// The first thing that went wrong while it was put together.
    fault: Option<StoreFault>,
}

struct Effect {
    kind: &'static str,
    key: RecordKey,
    /// `None`: the record is deleted.
    document: Option<Erased>,
}

impl Change {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        Self {
            inner,
            transaction: Transaction::default(),
            effects: Vec::new(),
            fault: None,
        }
    }

    /// Writes a new document, only if there is none with this id.
    pub fn insert<D: Document>(self, id: &str, document: D) -> Self {
        self.with::<D>(id, |change, key| change.put::<D>(key, None, document))
    }

    /// Writes the document in place of `before`, only if that is still what is stored.
    pub fn replace<D: Document>(self, id: &str, before: &Stored<D>, document: D) -> Self {
        self.with::<D>(id, |change, key| change.put(key, Some(before), document))
    }

    /// Removes the document, only if it is still `before`.
    pub fn delete<D: Document>(self, id: &str, before: &Stored<D>) -> Self {
        self.with::<D>(id, |change, key| {
            change.transaction.requires.push((key.clone(), Some(before.revision)));
            change.transaction.deletes.push(key.clone());
            change.append(D::events(Some(before), None))?;
            if D::CACHED {
                change.effects.push(Effect {
                    kind: D::KIND,
                    key,
                    document: None,
                });
            }
            Ok(())
        })
    }

    /// Depends on the document being still `before`, and leaves it alone.
    pub fn require<D: Document>(self, id: &str, before: &Stored<D>) -> Self {
        self.with::<D>(id, |change, key| {
            change.transaction.requires.push((key, Some(before.revision)));
            Ok(())
        })
    }

    /// Tells watchers of something that no document shows.
    pub fn tell(mut self, event: Event) -> Self {
        if self.fault.is_none() {
            self.fault = self.append(vec![event]).err();
        }
        self
    }

    /// Makes it so: all of it, and on disk. Goes on to the end even if the future is dropped.
    ///
    /// # Errors
    /// As for [`Store::commit`](crate::Store::commit), and what went wrong while the change was put together.
    pub async fn commit(self) -> Result<Revision, StoreFault> {
        let Self {
            inner,
            transaction,
            effects,
            fault,
        } = self;
        if let Some(fault) = fault {
            return Err(fault);
        }
        // A task of its own: were the commit dropped half way with its caller, the transaction could still be applied
        // and the cache would never hear of it.
        let task = tokio::spawn(async move {
            inner
                .cache
                .begin(effects.iter().map(|effect| (effect.kind, effect.key.id())));
            let outcome = inner.store.commit(transaction).await;
            for Effect { kind, key, document } in effects {
                inner.cache.end(
                    kind,
                    key.id(),
                    outcome.as_ref().ok().map(|revision| (*revision, document)),
                );
            }
            outcome
        });
        task.await.unwrap_or(Err(StoreFault::Closed))
    }

    fn with<D: Document>(mut self, id: &str, add: impl FnOnce(&mut Self, RecordKey) -> Result<(), StoreFault>) -> Self {
        if self.fault.is_none() {
            self.fault = RecordKey::new(D::KIND, id).and_then(|key| add(&mut self, key)).err();
        }
        self
    }

    fn append(&mut self, events: Vec<Event>) -> Result<(), StoreFault> {
        for event in events {
            let record = EventRecord::new(self.inner.clock.now(), event);
            let unnamed = RecordKey::new(EventRecord::KIND, "new")?;
            let body = encode(&unnamed, &record)?;
            self.transaction.appends.push((EventRecord::KIND, body));
        }
        Ok(())
    }

    fn put<D: Document>(&mut self, key: RecordKey, before: Option<&Stored<D>>, document: D) -> Result<(), StoreFault> {
        self.append(D::events(before.map(|before| &**before), Some(&document)))?;
        let required = before.map(|before| before.revision);
        self.transaction.requires.push((key.clone(), required));
        self.transaction.puts.push((key.clone(), encode(&key, &document)?));
        if D::CACHED {
            self.effects.push(Effect {
                kind: D::KIND,
                key,
                document: Some(Arc::new(document)),
            });
        }
        Ok(())
    }
}
