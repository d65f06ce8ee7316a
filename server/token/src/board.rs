//! [`Board`]: what the lanes and the async face both see, without knowing the module.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use strongroom_base::{Code, KeyMaterialId};
use tokio::sync::watch;

use crate::fault::TokenFault;
use crate::health::{Counters, Health, TokenDescription};
use crate::key::TokenKey;
use crate::offer::Offer;

/// Shared state of one token.
pub(crate) struct Board {
    /// Jobs are taken while it is usable.
    health: watch::Sender<Health>,
    /// Why the token is not usable, for the operator.
    cause: Mutex<Option<TokenFault>>,
    pub(crate) first_contact: watch::Sender<Option<Result<(), TokenFault>>>,
    /// The latch's line of a refused PIN that could not be put on disk.
    pub(crate) refused_pin: Mutex<Option<String>>,
    pub(crate) description: RwLock<Option<TokenDescription>>,
    /// What the connected token can do; `None` before the first connection.
    offer: Mutex<Option<Arc<Offer>>>,
    /// The keys that were imported: no other may say that it was not made in the token.
    imported: RwLock<HashSet<KeyMaterialId>>,
    pub(crate) counters: Counters,
    pub(crate) keys: AtomicUsize,
    sentinel: Mutex<Option<TokenKey>>,
    /// Set when the last [`crate::Token`] is gone.
    pub(crate) stopping: AtomicBool,
}

/// What the async face can ask of lanes of any module.
pub(crate) trait Lanes: Send + Sync {
    /// Makes every lane drop its session copy of this key before its next job.
    fn forget(&self, id: KeyMaterialId);
}

impl Board {
    pub(crate) fn new() -> Self {
        Self {
            health: watch::Sender::new(Health::Unknown),
            cause: Mutex::new(None),
            first_contact: watch::Sender::new(None),
            refused_pin: Mutex::new(None),
            description: RwLock::new(None),
            offer: Mutex::new(None),
            imported: RwLock::default(),
            counters: Counters::default(),
            keys: AtomicUsize::new(0),
            sentinel: Mutex::new(None),
            stopping: AtomicBool::new(false),
        }
    }

    /// The same that watchers see: who is refused and waits finds it unusable, and who found it so is refused.
    pub(crate) fn is_usable(&self) -> bool {
        *self.health.borrow() == Health::Usable
    }

    pub(crate) fn health(&self) -> watch::Receiver<Health> {
        self.health.subscribe()
    }

    /// What to answer while the token is not usable.
    pub(crate) fn unavailable(&self) -> TokenFault {
        match lock(&self.cause).as_ref() {
            Some(fault) => fault.clone(),
            None => TokenFault::Unavailable {
                cause: "it has not been reached yet".to_owned(),
            },
        }
    }

    pub(crate) fn cause(&self) -> Option<String> {
        lock(&self.cause).as_ref().map(ToString::to_string)
    }

    pub(crate) fn set_usable(&self) {
        *lock(&self.cause) = None;
        self.announce(Health::Usable);
    }

    /// Takes no more jobs. A fault such as a missing sentinel is the token's, not that of the keys that callers name.
    pub(crate) fn set_unusable(&self, fault: TokenFault) {
        let cause = TokenFault::Unavailable {
            cause: fault.to_string(),
        };
        let fault = if fault.public().0 == Code::Unavailable {
            fault
        } else {
            cause
        };
        let reason = fault.public().1;
        *lock(&self.cause) = Some(fault);
        self.announce(Health::Unusable { reason });
    }

    /// Tells those who watch, if there is anything new.
    fn announce(&self, now: Health) {
        self.health.send_if_modified(|health| {
            let is_new = *health != now;
            *health = now;
            is_new
        });
    }

    /// What the token can do, as of the last connection.
    pub(crate) fn offer(&self) -> Result<Arc<Offer>, TokenFault> {
        lock(&self.offer).clone().ok_or_else(|| self.unavailable())
    }

    pub(crate) fn set_offer(&self, offer: Offer) {
        *lock(&self.offer) = Some(Arc::new(offer));
    }

    /// Whether this key may say of itself that it was not made in the token.
    pub(crate) fn is_imported(&self, id: &KeyMaterialId) -> bool {
        let imported = self.imported.read().unwrap_or_else(PoisonError::into_inner);
        imported.contains(id)
    }

    pub(crate) fn expect_imported(&self, ids: impl IntoIterator<Item = KeyMaterialId>) {
        let mut imported = self.imported.write().unwrap_or_else(PoisonError::into_inner);
        imported.extend(ids);
    }

    /// The key is gone: what comes up under its id is none that was imported.
    pub(crate) fn expect_no_import(&self, id: &KeyMaterialId) {
        let mut imported = self.imported.write().unwrap_or_else(PoisonError::into_inner);
        imported.remove(id);
    }

    pub(crate) fn sentinel(&self) -> Option<TokenKey> {
        lock(&self.sentinel).clone()
    }

    pub(crate) fn set_sentinel(&self, key: TokenKey) {
        *lock(&self.sentinel) = Some(key);
    }
}

/// Locks, also after a panic elsewhere: every value behind these locks is replaced whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
