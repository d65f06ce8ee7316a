//! [`KeyLocks`]: one task of this process at a time, key by key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strongroom_base::KeyId;
use tokio::sync::OwnedMutexGuard;

type Shared = Arc<tokio::sync::Mutex<()>>;

/// Locks of keys: those that somebody holds or waits for. No key shares one with another, because some are held while the
/// token unwraps or destroys something.
#[derive(Default)]
pub(crate) struct KeyLocks(Mutex<HashMap<KeyId, Shared>>);

/// A key's lock, held or waited for, until this is dropped.
pub(crate) struct KeyLock<'l> {
    locks: &'l KeyLocks,
    key: KeyId,
    shared: Option<Shared>,
    held: Option<OwnedMutexGuard<()>>,
}

impl KeyLocks {
    /// Waits until nobody else holds this key's lock.
    pub(crate) async fn lock(&self, key: &KeyId) -> KeyLock<'_> {
        let shared = Arc::clone(self.all().entry(*key).or_default());
        // From here on somebody who gives up waiting leaves nothing behind.
        let mut lock = KeyLock {
            locks: self,
            key: *key,
            shared: Some(Arc::clone(&shared)),
            held: None,
        };
        lock.held = Some(shared.lock_owned().await);
        lock
    }

    fn all(&self) -> MutexGuard<'_, HashMap<KeyId, Shared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for KeyLock<'_> {
    fn drop(&mut self) {
        self.held = None;
        let mut all = self.locks.all();
        self.shared = None;
        // Whoever wants it gets it from the map, which nobody else looks into now.
        if all.get(&self.key).is_some_and(|shared| Arc::strong_count(shared) == 1) {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests;
