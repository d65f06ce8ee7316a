//! [`Quotas`]: how many requests a second an account may make, by AWS's classes of operations.
//!
//! Whoever asks for more is told to come back, before anything is decided. The hot path pays for one look into a map and
//! one compare-and-swap.

mod bucket;
mod class;
mod rates;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use strongroom_base::{AccountId, Action, CallerKind, Code, Fault, KeySpec, Service};

use self::bucket::Bucket;
use self::class::{CLASSES, Spends};
use crate::context::OpContext;

pub use self::rates::{QuotaFault, QuotaRates};

/// The buckets of all accounts.
pub(crate) struct Quotas {
    rates: QuotaRates,
    /// What each action spends, in the order of [`Action::ALL`].
    spends: Vec<Spends>,
    /// Callers come from the configuration's table, so there are few accounts.
    accounts: RwLock<HashMap<AccountId, Vec<Bucket>>>,
    /// Requests turned away per class.
    throttled: Vec<AtomicU64>,
}

/// A request that came too early.
#[derive(Debug)]
pub(crate) struct Throttled {
    /// What the caller is told.
    pub(crate) fault: Fault,
    /// Whether the audit trail says so, and how many before this one it left out.
    pub(crate) recorded: Option<u64>,
}

impl Quotas {
    pub(crate) fn new(rates: QuotaRates) -> Self {
        Self {
            rates,
            spends: Action::ALL.iter().map(|action| class::spends(*action)).collect(),
            accounts: RwLock::default(),
            throttled: CLASSES.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Takes a request's token at `now`, the time since this process began, for an action whose class the key does not
    /// decide. The service's own jobs need none.
    pub(crate) fn spend(&self, context: &OpContext, action: Action, now: Duration) -> Result<(), Throttled> {
        match self.spends.get(action as usize) {
            Some(Spends::Class(class)) => self.spend_of(context, action, *class, now),
            Some(Spends::Nothing | Spends::ByKey | Spends::ByPair) | None => Ok(()),
        }
    }

    /// The same for an action whose class the kind of the key decides, or that of the pair that is asked for.
    pub(crate) fn spend_by_key(
        &self,
        context: &OpContext,
        action: Action,
        (key, pair): (KeySpec, Option<KeySpec>),
        now: Duration,
    ) -> Result<(), Throttled> {
        let class = match self.spends.get(action as usize) {
            Some(Spends::ByKey) => class::of_key(key),
            Some(Spends::ByPair) => pair.map_or(class::SYMMETRIC, class::of_pair),
            Some(Spends::Nothing | Spends::Class(_)) | None => return Ok(()),
        };
        self.spend_of(context, action, class, now)
    }

    fn spend_of(&self, context: &OpContext, action: Action, class: usize, now: Duration) -> Result<(), Throttled> {
        let Some(rate) = self.rates.rate(class) else {
            return Ok(());
        };
        if context.caller.kind() == CallerKind::System {
            return Ok(());
        }
        let account = context.caller.account();
        let taken: Option<Duration> = self.with_bucket(account, class, |bucket| bucket.take(rate, now));
        match taken {
            None => Ok(()),
            Some(wait) => Err(self.turn_away(account, action, class, wait, now)),
        }
    }

    fn turn_away(&self, account: &AccountId, action: Action, class: usize, wait: Duration, now: Duration) -> Throttled {
        if let Some(count) = self.throttled.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let message = match action.service() {
            Service::Kms => "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
            Service::SecretsManager | Service::Strongroom => "Rate exceeded",
        };
        Throttled {
            fault: Fault::new(Code::Throttling, message).retry_after(wait),
            recorded: self.with_bucket(account, class, |bucket| bucket.note(now)),
        }
    }

    fn with_bucket<T: Default>(&self, account: &AccountId, class: usize, look: impl Fn(&Bucket) -> T) -> T {
        let accounts = self.accounts.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(bucket) = accounts.get(account).and_then(|buckets| buckets.get(class)) {
            return look(bucket);
        }
        drop(accounts);
        let mut accounts = self.accounts.write().unwrap_or_else(PoisonError::into_inner);
        let buckets = accounts
            .entry(account.clone())
            .or_insert_with(|| CLASSES.iter().map(|_| Bucket::default()).collect());
        buckets.get(class).map(look).unwrap_or_default()
    }

    /// The requests that were turned away, by class.
    pub(crate) fn throttled(&self) -> Vec<(&'static str, u64)> {
        let names = CLASSES.iter().map(|class| class.name);
        names
            .zip(self.throttled.iter().map(|count| count.load(Ordering::Relaxed)))
            .collect()
    }
}

#[cfg(test)]
mod tests;
