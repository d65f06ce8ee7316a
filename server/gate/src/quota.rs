//! [`Quotas`]: how many requests a second an account may make, by AWS's classes of operations, and how many of a principal
//! may be refused.
//!
//! What policy allows takes a token of its account: who is refused takes nothing from others, and learns nothing of what they
//! do or of which kind a key is. What ends before that takes one of the principal alone; as long as it owes some it is turned
//! away before anything is looked up. The hot path pays for one look into a map, one read and one compare-and-swap.

mod bucket;
mod class;
mod purse;
mod rates;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use strongroom_base::{Action, CallerKind, Code, Fault, KeySpec, Service};

use self::class::{CLASSES, REFUSED, Spends};
use self::purse::{Purse, Purses};
use crate::context::OpContext;

pub use self::rates::{QuotaFault, QuotaRates};

/// The buckets of all principals and accounts.
pub(crate) struct Quotas {
    rates: QuotaRates,
    /// What each action spends, in the order of [`Action::ALL`].
    spends: Vec<Spends>,
    purses: Purses,
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

/// A request that is under way and has spent nothing yet. Dropped before [`Self::spend`], however the request ended, it counts
/// as refused: giving up a request before its refusal does not make it free.
pub(crate) struct Allowance<'q> {
    quotas: &'q Quotas,
    /// None for the service's own jobs, which spend nothing, and for what has been spent.
    purse: Option<Arc<Purse>>,
    action: Action,
    /// When the request began.
    now: Duration,
}

impl Quotas {
    pub(crate) fn new(rates: QuotaRates) -> Self {
        Self {
            rates,
            spends: Action::ALL.iter().map(|action| class::spends(*action)).collect(),
            purses: Purses::default(),
            throttled: CLASSES.iter().map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// Begins a request at `now`, the time since this process began, unless too many of its principal were refused.
    pub(crate) fn begin(&self, context: &OpContext, action: Action, now: Duration) -> Result<Allowance<'_>, Throttled> {
        let purse = match context.caller.kind() {
            CallerKind::System => None,
            CallerKind::Principal => Some(self.purses.of(&context.caller)),
        };
        if let (Some(purse), Some(rate)) = (&purse, self.rates.rate(REFUSED))
            && let Some(wait) = purse.bucket(REFUSED).and_then(|bucket| bucket.wait(rate, now))
        {
            return Err(self.turn_away(purse, action, REFUSED, wait, now));
        }
        Ok(Allowance {
            quotas: self,
            purse,
            action,
            now,
        })
    }

    /// The class of which an action takes a token: some depend on the kind of the key, or on that of the pair that is asked for.
    fn class(&self, action: Action, key: KeySpec, pair: Option<KeySpec>) -> Option<usize> {
        match self.spends.get(action as usize)? {
            Spends::Nothing => None,
            Spends::Class(class) => Some(*class),
            Spends::ByKey => Some(class::of_key(key)),
            Spends::ByPair => Some(pair.map_or(class::SYMMETRIC, class::of_pair)),
        }
    }

    fn turn_away(&self, purse: &Purse, action: Action, class: usize, wait: Duration, now: Duration) -> Throttled {
        if let Some(count) = self.throttled.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let message = match action.service() {
            Service::Kms => "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
            Service::SecretsManager | Service::Ssm | Service::Strongroom => "Rate exceeded",
        };
        Throttled {
            fault: Fault::new(Code::Throttling, message).retry_after(wait),
            recorded: purse.bucket(class).and_then(|bucket| bucket.note(now)),
        }
    }

    /// The requests that were turned away, by class.
    pub(crate) fn throttled(&self) -> Vec<(&'static str, u64)> {
        let names = CLASSES.iter().map(|class| class.name);
        names
            .zip(self.throttled.iter().map(|count| count.load(Ordering::Relaxed)))
            .collect()
    }
}

impl Allowance<'_> {
    /// Takes the account's token for a request that policy allows, with a key of this kind and perhaps one of that, and for a
    /// pair of that kind if it makes one. A request with keys of two classes is a request of both, as AWS counts them: it
    /// takes a token of each, or none.
    pub(crate) fn spend(
        mut self,
        (key, second_key): (KeySpec, Option<KeySpec>),
        pair: Option<KeySpec>,
    ) -> Result<(), Throttled> {
        let (quotas, action) = (self.quotas, self.action);
        let (Some(purse), Some(class)) = (self.purse.take(), quotas.class(action, key, pair)) else {
            return Ok(());
        };
        let second = second_key.and_then(|key| quotas.class(action, key, pair));
        self.take(&purse, class)?;
        match second.filter(|second| *second != class) {
            None => Ok(()),
            Some(second) => self.take(&purse, second).inspect_err(|_| self.give_back(&purse, class)),
        }
    }

    fn take(&self, purse: &Purse, class: usize) -> Result<(), Throttled> {
        let (Some(bucket), Some(rate)) = (purse.bucket(class), self.quotas.rates.rate(class)) else {
            return Ok(());
        };
        match bucket.take(rate, self.now) {
            None => Ok(()),
            Some(wait) => Err(self.quotas.turn_away(purse, self.action, class, wait, self.now)),
        }
    }

    fn give_back(&self, purse: &Purse, class: usize) {
        if let (Some(bucket), Some(rate)) = (purse.bucket(class), self.quotas.rates.rate(class)) {
            bucket.give_back(rate);
        }
    }
}

impl Drop for Allowance<'_> {
    fn drop(&mut self) {
        let bucket = self.purse.as_ref().and_then(|purse| purse.bucket(REFUSED));
        if let (Some(bucket), Some(rate)) = (bucket, self.quotas.rates.rate(REFUSED)) {
            bucket.owe(rate, self.now);
        }
    }
}

#[cfg(test)]
mod tests;
