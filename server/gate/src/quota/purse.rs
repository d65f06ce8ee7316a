//! [`Purse`]: the buckets that one principal's requests spend from.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use strongroom_base::{AccountId, Arn, Caller};

use crate::quota::bucket::Bucket;
use crate::quota::class::{CLASSES, REFUSED};

/// One principal's buckets: its own for what it is refused, and those that it shares with its account.
#[derive(Debug)]
pub(super) struct Purse {
    refused: Bucket,
    /// In the order of the classes; that of refused requests is idle.
    account: Arc<[Bucket]>,
}

impl Purse {
    pub(super) fn bucket(&self, class: usize) -> Option<&Bucket> {
        match class {
            REFUSED => Some(&self.refused),
            shared => self.account.get(shared),
        }
    }
}

/// The purses of all principals. Callers come from the configuration's table, each with one ARN and one account, so there are
/// never more purses than it has rows: nothing that a request says adds one.
#[derive(Debug, Default)]
pub(super) struct Purses(RwLock<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    of_principals: HashMap<Arn, Arc<Purse>>,
    of_accounts: HashMap<AccountId, Arc<[Bucket]>>,
}

impl Purses {
    /// The caller's; one look into a map but for its first request.
    pub(super) fn of(&self, caller: &Caller) -> Arc<Purse> {
        let shelf = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(purse) = shelf.of_principals.get(caller.arn()) {
            return Arc::clone(purse);
        }
        drop(shelf);
        self.0.write().unwrap_or_else(PoisonError::into_inner).add(caller)
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn count(&self) -> usize {
        self.0.read().unwrap().of_principals.len()
    }
}

impl Shelf {
    /// Unless another request of this principal came first.
    fn add(&mut self, caller: &Caller) -> Arc<Purse> {
        let account = self.of_accounts.entry(caller.account().clone());
        let account = account.or_insert_with(|| CLASSES.iter().map(|_| Bucket::default()).collect());
        let purse = self.of_principals.entry(caller.arn().clone()).or_insert_with(|| {
            Arc::new(Purse {
                refused: Bucket::default(),
                account: Arc::clone(account),
            })
        });
        Arc::clone(purse)
    }
}
