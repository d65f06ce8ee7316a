//! [`Counts`]: how many parameters there are of each tier. Counted once, at the first change, and kept from then on: a
//! counter in the store would be a record that all new parameters fight for.

use std::sync::atomic::{AtomicUsize, Ordering};

use strongroom_base::limits::{PARAMETER_WALK_PAGE, PARAMETERS_ADVANCED_MAX, PARAMETERS_STANDARD_MAX};
use strongroom_base::{Code, Fault, ParameterTier};
use tokio::sync::OnceCell;

use crate::parameters::Parameters;
use crate::record::ParameterRecord;

/// The numbers, once they are known.
#[derive(Default)]
pub(crate) struct Counts(OnceCell<Tiers>);

#[derive(Default)]
pub(crate) struct Tiers {
    standard: AtomicUsize,
    advanced: AtomicUsize,
}

/// A place for one parameter, which is given back unless it is kept.
pub(crate) struct Place<'c> {
    tiers: &'c Tiers,
    /// None once it is kept.
    tier: Option<ParameterTier>,
}

impl Parameters {
    /// The numbers. Every change of what there is asks for them before it commits, so that none is missed.
    pub(crate) async fn counted(&self) -> Result<&Tiers, Fault> {
        let count = || async {
            let tiers = Tiers::default();
            let mut after: Option<String> = None;
            loop {
                let records = &self.records;
                let page = records.page_of_each::<ParameterRecord>("", after.as_deref(), PARAMETER_WALK_PAGE);
                let page = page.await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                // A record that cannot be read takes a place too.
                for (_, parameter) in &page {
                    let tier = parameter
                        .as_ref()
                        .map_or(ParameterTier::Standard, |parameter| parameter.tier);
                    tiers.of(tier).fetch_add(1, Ordering::Relaxed);
                }
            }
            Ok(tiers)
        };
        self.counts.0.get_or_try_init(count).await
    }
}

impl Tiers {
    fn of(&self, tier: ParameterTier) -> &AtomicUsize {
        match tier {
            ParameterTier::Advanced => &self.advanced,
            ParameterTier::Standard | ParameterTier::IntelligentTiering => &self.standard,
        }
    }

    /// Whether there is no place for another standard parameter.
    pub(crate) fn is_full(&self) -> bool {
        self.standard.load(Ordering::Relaxed) >= PARAMETERS_STANDARD_MAX
    }

    /// Takes a place.
    ///
    /// # Errors
    /// ParameterLimitExceeded when there is none.
    pub(crate) fn take(&self, tier: ParameterTier) -> Result<Place<'_>, Fault> {
        let most = match tier {
            ParameterTier::Advanced => PARAMETERS_ADVANCED_MAX,
            ParameterTier::Standard | ParameterTier::IntelligentTiering => PARAMETERS_STANDARD_MAX,
        };
        let place = Place {
            tiers: self,
            tier: Some(tier),
        };
        if self.of(tier).fetch_add(1, Ordering::Relaxed) < most {
            return Ok(place);
        }
        Err(Fault::new(
            Code::ParameterLimitExceeded,
            format!(
                "You have exceeded the number of parameters for this account: it can have {most} of the tier {tier}. Delete \
                 one or more parameters and try again."
            ),
        ))
    }

    /// Gives the place of a parameter back that is gone, or of the other tier now.
    pub(crate) fn give_back(&self, tier: ParameterTier) {
        self.of(tier).fetch_sub(1, Ordering::Relaxed);
    }
}

impl Place<'_> {
    /// The parameter is there.
    pub(crate) fn keep(mut self) {
        self.tier = None;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(tier) = self.tier {
            self.tiers.give_back(tier);
        }
    }
}
