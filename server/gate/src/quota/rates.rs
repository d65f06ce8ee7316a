//! [`QuotaRates`]: how fast each class is allowed, as configured.

use std::collections::BTreeMap;

use crate::quota::bucket::Rate;
use crate::quota::class::CLASSES;

/// The name that stands for every class that is not named.
const OTHERS: &str = "others";
/// Requests a second that may be configured at most: one in a nanosecond.
const RATE_MAX: f64 = 1e9;
/// Requests a second that may be configured at least, except for 0, which is no limit: one in a quarter of an hour.
const RATE_MIN: f64 = 0.001;

/// Requests a second of one account, by class of operations, and of one principal for those that are refused.
#[derive(Debug, Clone)]
pub struct QuotaRates {
    /// In the order of the classes; `None` is no limit.
    rates: Vec<Option<Rate>>,
}

/// Why quotas are refused.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum QuotaFault {
    /// There is no such class.
    #[error(
        "{name:?} is no class of operations; they are: {}, and others for all that are not named",
        known()
    )]
    Unknown {
        /// What was named.
        name: String,
    },
    /// Not a number of requests a second.
    #[error("{name:?} is {rate}; give requests a second from {RATE_MIN} to {RATE_MAX}, or 0 for no limit")]
    Rate {
        /// The class.
        name: String,
        /// Its rate.
        rate: f64,
    },
}

fn known() -> String {
    let names: Vec<_> = CLASSES.iter().map(|class| class.name).collect();
    names.join(", ")
}

impl Default for QuotaRates {
    /// AWS's, and a hundred refusals.
    fn default() -> Self {
        let rate = |rate: f64| Some(Rate::per_second(rate));
        Self {
            rates: CLASSES.iter().map(|class| rate(class.rate)).collect(),
        }
    }
}

impl QuotaRates {
    /// No limits at all, which only tests and measurements want.
    #[must_use]
    pub fn unlimited() -> Self {
        Self {
            rates: CLASSES.iter().map(|_| None).collect(),
        }
    }

    /// AWS's rates, but for those that are `configured`: requests a second by class, 0 for no limit, and `others` for all
    /// classes that are not named.
    ///
    /// # Errors
    /// [`QuotaFault`] for names that are no class's, and for what is no rate.
    pub fn configured(configured: &BTreeMap<String, f64>) -> Result<Self, QuotaFault> {
        let mut rates = match configured.get(OTHERS) {
            Some(rate) => {
                let rate = parse(OTHERS, *rate)?;
                CLASSES.iter().map(|_| rate).collect()
            }
            None => Self::default().rates,
        };
        for (name, rate) in configured.iter().filter(|(name, _)| *name != OTHERS) {
            let known = CLASSES.iter().zip(&mut rates).find(|(class, _)| class.name == name);
            let (_, place) = known.ok_or_else(|| QuotaFault::Unknown { name: name.clone() })?;
            *place = parse(name, *rate)?;
        }
        Ok(Self { rates })
    }

    pub(super) fn rate(&self, class: usize) -> Option<Rate> {
        self.rates.get(class).copied().flatten()
    }
}

fn parse(name: &str, rate: f64) -> Result<Option<Rate>, QuotaFault> {
    if rate == 0.0 {
        return Ok(None);
    }
    if (RATE_MIN..=RATE_MAX).contains(&rate) {
        return Ok(Some(Rate::per_second(rate)));
    }
    let name = name.to_owned();
    Err(QuotaFault::Rate { name, rate })
}
