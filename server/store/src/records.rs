//! [`Records`]: the typed face of a store, with a cache of decoded documents.

mod cache;
mod change;
mod document;

use std::ops::Deref;
use std::sync::Arc;

pub use self::change::Change;
pub use self::document::Document;

use self::cache::{Cache, Found};
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::record::Revision;
use crate::store::Store;

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
}

impl Records {
    /// The documents of this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                cache: Cache::new(),
            }),
        }
    }

    /// The store itself, for watching and leases. A commit that goes around [`Records::change`] makes the cache wrong.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
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
        let row = |record: crate::record::Record| {
            let id = record.key.id().to_owned();
            let stored = match self.inner.cache.find::<D>(&id) {
                Found::Document(cached) if cached.revision == record.revision => cached,
                Found::Document(_) | Found::Unknown(_) => Stored {
                    revision: record.revision,
                    document: Arc::new(document::decode::<D>(&record)?),
                },
            };
            Ok((id, stored))
        };
        records.into_iter().map(row).collect()
    }

    /// An empty change. All that must happen together goes into one.
    pub fn change(&self) -> Change {
        Change::new(Arc::clone(&self.inner))
    }
}

#[cfg(test)]
mod tests;
