//! [`Watchers`]: how many may watch at a time, in all and of one principal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strongroom_base::limits::{WATCHERS_MAX, WATCHERS_PER_PRINCIPAL_MAX};
use strongroom_base::{Arn, Code, Fault};

/// Who watches now. Clones share the count.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watchers(Arc<Mutex<HashMap<Arn, usize>>>);

/// A watcher's place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct WatcherPlace {
    watchers: Watchers,
    principal: Arn,
}

impl Watchers {
    /// A place for one more watcher.
    ///
    /// # Errors
    /// LimitExceededException.
    pub(crate) fn take(&self, principal: &Arn) -> Result<WatcherPlace, Fault> {
        let mut counts = self.lock();
        if counts.values().sum::<usize>() >= WATCHERS_MAX {
            return Err(too_many(WATCHERS_MAX, "in all"));
        }
        let own = counts.entry(principal.clone()).or_default();
        if *own >= WATCHERS_PER_PRINCIPAL_MAX {
            return Err(too_many(WATCHERS_PER_PRINCIPAL_MAX, "for one principal"));
        }
        *own += 1;
        Ok(WatcherPlace {
            watchers: self.clone(),
            principal: principal.clone(),
        })
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().values().sum()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Arn, usize>> {
        // Nothing panics under the lock, and a count is right at any moment.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for WatcherPlace {
    fn drop(&mut self) {
        let mut counts = self.watchers.lock();
        let Some(own) = counts.get_mut(&self.principal) else {
            return;
        };
        *own = own.saturating_sub(1);
        if *own == 0 {
            counts.remove(&self.principal);
        }
    }
}

fn too_many(limit: usize, whose: &str) -> Fault {
    Fault::new(
        Code::LimitExceeded,
        format!("At most {limit} streams of events may be open {whose}; close one, or ask less often instead."),
    )
}

#[cfg(test)]
mod tests;
