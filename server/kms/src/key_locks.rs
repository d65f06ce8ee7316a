//! [`KeyLocks`]: one task of this process at a time, key by key.

use strongroom_base::KeyId;
use tokio::sync::{Mutex, MutexGuard};

/// One for each value of a byte.
const LOCKS: usize = 256;

/// Locks of keys. A key has the lock that its id picks, and shares it with a few others.
pub(crate) struct KeyLocks([Mutex<()>; LOCKS]);

impl KeyLocks {
    pub(crate) const fn new() -> Self {
        Self([const { Mutex::const_new(()) }; LOCKS])
    }

    /// Waits until nobody else holds this key's lock.
    #[expect(clippy::indexing_slicing, reason = "there is a lock for each value of a byte")]
    pub(crate) async fn lock(&self, key: &KeyId) -> MutexGuard<'_, ()> {
        let [.., last] = *key.as_bytes();
        self.0[usize::from(last)].lock().await
    }
}
