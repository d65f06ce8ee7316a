//! [`Records`]: the typed face of a store, with a cache of decoded documents.

mod cache;
mod change;
mod document;
mod event;

use std::ops::Deref;
use std::sync::Arc;

use strongroom_base::Clock;

pub use self::change::Change;
pub use self::document::Document;
pub use self::event::EventRecord;

use self::cache::{Cache, Found};
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::record::{Record, Revision};
use crate::store::Store;
use crate::watch::Watch;

/// A document as it is stored, with the revision that a change of it must name. Cheap to clone.
pub struct Stored<D> {
    /// The transaction that wrote it.
    pub revision: Revision,
    /// What it says.
    pub document: Arc<D>,
}

impl<D> Clone for Stored<D> {
    fn clone(&self) -> Self {
        Self {
            revision: self.revision,
            document: Arc::clone(&self.document),
        }
    }
}

impl<D> Deref for Stored<D> {
    type Target = D;

    fn deref(&self) -> &D {
        &self.document
    }
}

/// An id, and its document if that can be read.
pub type Row<D> = (String, Result<Stored<D>, StoreFault>);

/// Documents by kind and id. Clones share the store and the cache.
///
/// The cache is right at any moment as long as every change goes through these handles: what [`Records::find`] answers
/// was the store's state at some moment during the call. So make one of them for a store, and clone it.
#[derive(Clone)]
pub struct Records {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn Store>,
    cache: Cache,
    clock: Clock,
}

impl Records {
    /// The documents of this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::dated_by(store, Clock::System)
    }

    /// The same, with events dated by this clock.
    pub fn dated_by(store: Arc<dyn Store>, clock: Clock) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                cache: Cache::new(),
                clock,
            }),
        }
    }

    /// The document with this id, `None` if there is none. From the cache it costs a read lock and a reference count.
    ///
    /// # Errors
    /// As for [`Store::get`], and [`StoreFault::RecordFromNewerVersion`] or [`StoreFault::RecordFromOlderVersion`].
    pub async fn find<D: Document>(&self, id: &str) -> Result<Option<Stored<D>>, StoreFault> {
        if !D::CACHED {
            return self.read(id).await;
        }
        let ticket = match self.inner.cache.find::<D>(id) {
            Found::Document(stored) => return Ok(Some(stored)),
            Found::Unknown(ticket) => ticket,
        };
        let found = self.read(id).await?;
        if let Some(stored) = &found {
            self.inner.cache.fill(id, stored, ticket);
        }
        Ok(found)
    }

    async fn read<D: Document>(&self, id: &str) -> Result<Option<Stored<D>>, StoreFault> {
        let key = RecordKey::new(D::KIND, id)?;
        let Some(record) = self.inner.store.get(&key).await? else {
            return Ok(None);
        };
        Ok(Some(Stored {
            revision: record.revision,
            document: Arc::new(document::decode::<D>(&record)?),
        }))
    }

    /// The first `limit` documents whose ids start with `prefix_of_id` and come after `after`, with their ids, in the
    /// order of the ids' bytes. Always from the store; fewer than `limit` means that there are no more.
    ///
    /// # Errors
    /// As for [`Records::find`]; one damaged record fails the page.
    pub async fn page<D: Document>(
        &self,
        prefix_of_id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Stored<D>)>, StoreFault> {
        let after = after.map(|id| RecordKey::new(D::KIND, id)).transpose()?;
        let prefix = format!("{}/{prefix_of_id}", D::KIND);
        let records = self.inner.store.list(&prefix, after.as_ref(), limit).await?;
        let rows = records.iter().map(|record| self.row(record));
        rows.map(|(id, stored)| Ok((id, stored?))).collect()
    }

    /// As [`Records::page`], but a record that cannot be read takes nothing but its own place. A page next to a damaged
    /// record may be shorter than `limit`: only an empty one means that there are no more.
    ///
    /// # Errors
    /// As for [`Store::list`], damage of single records aside.
    pub async fn page_of_each<D: Document>(
        &self,
        prefix_of_id: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Row<D>>, StoreFault> {
        let after = after.map(|id| RecordKey::new(D::KIND, id)).transpose()?;
        let prefix = format!("{}/{prefix_of_id}", D::KIND);
        let mut length = limit;
        loop {
            return match self.inner.store.list(&prefix, after.as_ref(), length).await {
                Ok(records) => Ok(records.into_iter().map(|record| self.row(&record)).collect()),
                // Halved until it ends before the damaged record, or has nothing else.
                Err(StoreFault::RecordDamaged { .. }) if length > 1 => {
                    length /= 2;
                    continue;
                }
                Err(StoreFault::RecordDamaged { key, what }) => match next(&key, &prefix, after.as_ref()) {
                    Some(id) => Ok(vec![(id, Err(StoreFault::RecordDamaged { key, what }))]),
                    None => Err(StoreFault::RecordDamaged { key, what }),
                },
                Err(fault) => Err(fault),
            };
        }
    }

    fn row<D: Document>(&self, record: &Record) -> Row<D> {
        let id = record.key.id();
        let stored = match self.inner.cache.find::<D>(id) {
            Found::Document(cached) if cached.revision == record.revision => Ok(cached),
            Found::Document(_) | Found::Unknown(_) => document::decode::<D>(record).map(|document| Stored {
                revision: record.revision,
                document: Arc::new(document),
            }),
        };
        (id.to_owned(), stored)
    }

    /// Changes of the documents of this kind, from now on.
    #[must_use]
    pub fn watch<D: Document>(&self) -> Watch {
        self.inner.store.watch(&format!("{}/", D::KIND))
    }

    /// An empty change. All that must happen together goes into one.
    pub fn change(&self) -> Change {
        Change::new(Arc::clone(&self.inner))
    }
}

/// The id of a damaged record, if a list can go on after it: its name is one, and comes after the last.
fn next(name: &str, prefix: &str, after: Option<&RecordKey>) -> Option<String> {
    let key = RecordKey::from_stored(name.as_bytes())?;
    let goes_on = name.starts_with(prefix) && after.is_none_or(|after| key > *after);
    goes_on.then(|| key.id().to_owned())
}

#[cfg(test)]
mod tests;
