//! [`Store`]: five methods between the service and whatever keeps its records.

use std::time::Duration;

use async_trait::async_trait;

use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::lease::Lease;
use crate::record::{Record, Revision, Transaction};
use crate::watch::Watch;

/// Durable records. Safe to share: every method takes `&self`.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The record with this key, `None` if there is none.
    ///
    /// # Errors
    /// [`StoreFault::Locked`], [`StoreFault::RecordDamaged`], [`StoreFault::Unreadable`], [`StoreFault::Failed`].
    async fn get(&self, key: &RecordKey) -> Result<Option<Record>, StoreFault>;

    /// The first `limit` records whose keys start with `prefix` and come after `after`, in the order of their keys.
    /// Fewer than `limit` means that there are no more. Each record is as it was at some moment during the call.
    ///
    /// # Errors
    /// As for [`Store::get`]; one damaged record fails the list, so that it cannot be overlooked. A locked store lists
    /// prefixes within `bootstrap/` only.
    async fn list(&self, prefix: &str, after: Option<&RecordKey>, limit: usize) -> Result<Vec<Record>, StoreFault>;

    /// Applies the transaction if all it requires holds, and returns its revision when it is on disk. Whoever drops
    /// the future early does not know whether it was applied.
    ///
    /// # Errors
    /// [`StoreFault::Conflict`] names the first requirement that does not hold. [`StoreFault::Full`],
    /// [`StoreFault::Overloaded`], [`StoreFault::TooLarge`], [`StoreFault::ChangedTwice`], [`StoreFault::Locked`],
    /// [`StoreFault::Unreadable`] and [`StoreFault::RecordDamaged`]: nothing was applied. [`StoreFault::Failed`]: the outcome is unknown until the
    /// store was opened again; no reader sees it before.
    async fn commit(&self, transaction: Transaction) -> Result<Revision, StoreFault>;

    /// Changes of records whose keys start with `prefix`, from now on, in the order of their commits.
    fn watch(&self, prefix: &str) -> Watch;

    /// The right to be the only one who does `name`, for `term` from now; `None` while somebody else has it.
    ///
    /// # Errors
    /// [`StoreFault::TooLarge`] for a name longer than a record's key may be.
    async fn lease(&self, name: &str, term: Duration) -> Result<Option<Lease>, StoreFault>;
}
