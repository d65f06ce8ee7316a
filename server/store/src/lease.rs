//! [`Lease`]: the right to be the only one who does something, for a while.
//!
//! Both backends of this crate can be opened by one process at a time, so their leases live in the process and run on
//! its monotonic clock.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use strongroom_base::limits::RECORD_KEY_BYTES_MAX;

use crate::fault::StoreFault;
use crate::locks::lock;

/// The lease ran out, and somebody else may have it now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lease ran out")]
pub struct LeaseLost;

/// A lease that was granted. Dropping it gives it back at once.
pub struct Lease {
    table: Arc<Leases>,
    name: Box<str>,
    holder: u64,
}

impl Lease {
    /// The time that is left; zero once it ran out. Stop the work before it does.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        let table = lock(&self.table.held);
        let until = table
            .terms
            .get(&self.name)
            .filter(|term| term.holder == self.holder)
            .map(|term| term.until);
        until.map_or(Duration::ZERO, |until| until.saturating_duration_since(Instant::now()))
    }

    /// Keeps it for `term` from now.
    ///
    /// # Errors
    /// [`LeaseLost`] if it ran out before, even if nobody has taken it since: work may have been begun elsewhere.
    pub fn renew(&mut self, term: Duration) -> Result<(), LeaseLost> {
        let now = Instant::now();
        match lock(&self.table.held).terms.get_mut(&self.name) {
            Some(held) if held.holder == self.holder && held.until > now => {
                held.until = end(now, term);
                Ok(())
            }
            Some(_) | None => Err(LeaseLost),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut table = lock(&self.table.held);
        if table
            .terms
            .get(&self.name)
            .is_some_and(|term| term.holder == self.holder)
        {
            table.terms.remove(&self.name);
        }
    }
}

/// The leases of one store.
#[derive(Default)]
pub(crate) struct Leases {
    held: Mutex<Held>,
}

impl Leases {
    pub(crate) fn take(self: &Arc<Self>, name: &str, term: Duration) -> Result<Option<Lease>, StoreFault> {
        let (what, limit) = ("bytes of a lease's name", RECORD_KEY_BYTES_MAX);
        if name.len() > limit {
            return Err(StoreFault::TooLarge {
                what,
                size: name.len(),
                limit,
            });
        }
        let now = Instant::now();
        let mut held = lock(&self.held);
        // Forgotten ones go here: the table never holds more than what was granted and is still running.
        held.terms.retain(|_, term| term.until > now);
        let holder = held.granted + 1;
        match held.terms.entry(name.into()) {
            Entry::Occupied(_) => return Ok(None),
            Entry::Vacant(free) => free.insert(Term {
                holder,
                until: end(now, term),
            }),
        };
        held.granted = holder;
        Ok(Some(Lease {
            table: Arc::clone(self),
            name: name.into(),
            holder,
        }))
    }
}

/// A term that no clock can count to ends at once: the caller notices at its first renewal.
fn end(now: Instant, term: Duration) -> Instant {
    now.checked_add(term).unwrap_or(now)
}

#[derive(Default)]
struct Held {
    terms: HashMap<Box<str>, Term>,
    granted: u64,
}

struct Term {
    /// Which grant it is: a lease that ran out must not renew or give back its successor's.
    holder: u64,
    until: Instant,
}

#[cfg(test)]
mod tests;
