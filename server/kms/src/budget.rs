//! Invocation budgets: AES-GCM with random nonces must stay below 2^32 encryptions per key (NIST SP 800-38D §8.3). Where
//! each message has a key of its own, what must not repeat is that key's salt, and the bound is another.
//!
//! One durable counter per key version; this process reserves blocks of it ahead and loses what is left when it ends.
//! A crash can therefore only over-count.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{
    CONFLICT_TRIES_MAX, KEY_INVOCATIONS_BLOCK, KEY_INVOCATIONS_DERIVED_MAX, KEY_INVOCATIONS_MAX,
    KEY_ROTATION_INVOCATIONS_DEFAULT,
};
use strongroom_base::{Code, Fault, KeyMaterialId};
use strongroom_store::{Document, Records, StoreFault};
use strongroom_token::{INVOCATIONS_PER_REQUEST_MAX, Suite, TokenFault};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The durable counter of one key version: how many encryptions were reserved by all processes so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BudgetRecord {
    pub(crate) reserved: u64,
    /// What the version may make in its life, where that is not [`KEY_INVOCATIONS_MAX`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) limit: Option<u64>,
}

impl Document for BudgetRecord {
    const KIND: &'static str = "key-budget";
    const VERSION: u16 = 1;
}

/// What one request may cost, as the counters have it.
const REQUEST_COST_MAX: u64 = INVOCATIONS_PER_REQUEST_MAX as u64;

/// How much of a key version's budget is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetUse {
    /// Encryptions counted so far, never less than were made.
    pub used: u64,
    /// Encryptions that the version may make in its life.
    pub limit: u64,
    /// Encryptions after which the key rotates by itself.
    pub rotation_limit: u64,
}

#[derive(Default)]
struct Reserve {
    /// Encryptions that this process has reserved and not spent.
    left: AtomicU64,
    /// Held while the next block is being reserved, so that it is reserved once.
    refill: Arc<Mutex<()>>,
}

/// The budgets of all key versions that this process has used.
pub(crate) struct Budgets {
    records: Records,
    reserves: RwLock<HashMap<KeyMaterialId, Arc<Reserve>>>,
    limit: u64,
    rotation_limit: u64,
}

impl Budgets {
    pub(crate) fn new(records: Records) -> Self {
        Self::with_limit(records, KEY_INVOCATIONS_MAX)
    }

    pub(crate) fn with_limit(records: Records, limit: u64) -> Self {
        Self {
            records,
            reserves: RwLock::default(),
            limit,
            rotation_limit: KEY_ROTATION_INVOCATIONS_DEFAULT,
        }
    }

    /// Sets after how many encryptions keys rotate by themselves.
    pub(crate) fn rotate_after(&mut self, invocations: u64) {
        self.rotation_limit = invocations;
    }

    /// The record of a new version, with this process's first block in it.
    pub(crate) fn opening(&self, suite: Suite) -> BudgetRecord {
        let limit = match suite {
            Suite::Direct => None,
            Suite::Derived => Some(KEY_INVOCATIONS_DERIVED_MAX),
        };
        BudgetRecord {
            reserved: KEY_INVOCATIONS_BLOCK.min(limit.unwrap_or(self.limit)),
            limit,
        }
    }

    /// Takes over the first block of a version that this process has just made, less the uses that making it took.
    pub(crate) fn opened(&self, material: KeyMaterialId, opening: &BudgetRecord, spent: u64) {
        self.reserve(material)
            .left
            .fetch_add(opening.reserved.saturating_sub(spent), Ordering::Relaxed);
    }

    /// Counts all that one request may cost, repeated tries included, before it is begun. [`Self::settle`] gives back
    /// what it did not need; a request that is dropped half-way gives nothing back.
    ///
    /// # Errors
    /// LimitExceededException at the hard limit; what the store answers when a block must be reserved.
    pub(crate) async fn spend(&self, material: KeyMaterialId) -> Result<(), Fault> {
        let reserve = self.reserve(material);
        while !take(&reserve.left, REQUEST_COST_MAX) {
            let one_at_a_time = Arc::clone(&reserve.refill).lock_owned().await;
            if reserve.left.load(Ordering::Relaxed) < REQUEST_COST_MAX {
                let refill = Refill {
                    records: self.records.clone(),
                    reserve: Arc::clone(&reserve),
                    material,
                    limit: self.limit,
                    _one_at_a_time: one_at_a_time,
                };
                // In a task of its own: a block whose caller went away would be reserved on disk and lost.
                let done = tokio::spawn(refill.run()).await;
                done.map_err(|cause| Fault::new(Code::Internal, "The key's use counter broke off.").because(cause))??;
            }
        }
        Ok(())
    }

    /// Refuses what [`Self::spend`] would refuse at the hard limit, and counts nothing.
    pub(crate) async fn check(&self, material: KeyMaterialId) -> Result<(), Fault> {
        let budget = self.used(material).await?;
        if budget.used.saturating_add(REQUEST_COST_MAX) > budget.limit {
            return Err(spent(material, budget.limit));
        }
        Ok(())
    }

    /// Gives back what was counted before a request and not needed. A request that failed in the token may have made as
    /// many encryptions as one can; one that found its queue full has made none.
    pub(crate) fn settle<T>(
        &self,
        material: KeyMaterialId,
        answer: Result<T, TokenFault>,
        invocations: impl Fn(&T) -> u32,
    ) -> Result<T, Fault> {
        let made = match &answer {
            Ok(reply) => u64::from(invocations(reply)),
            Err(TokenFault::Overloaded) => 0,
            Err(_) => REQUEST_COST_MAX,
        };
        if let Some(reserve) = self.known(material) {
            reserve
                .left
                .fetch_add(REQUEST_COST_MAX.saturating_sub(made), Ordering::Relaxed);
        }
        Ok(answer?)
    }

    /// What is gone of a version's budget.
    pub(crate) async fn used(&self, material: KeyMaterialId) -> Result<BudgetUse, Fault> {
        // What is left is read first: a block that is reserved between the two readings then counts as used.
        let left = self
            .known(material)
            .map_or(0, |reserve| reserve.left.load(Ordering::Relaxed));
        let record = self.records.find::<BudgetRecord>(&material.to_string()).await?;
        let record = record.ok_or_else(missing)?;
        Ok(BudgetUse {
            used: record.reserved.saturating_sub(left),
            limit: record.limit.unwrap_or(self.limit),
            // Half of what it may make is left for a rotation that fails.
            rotation_limit: record.limit.map_or(self.rotation_limit, |limit| limit / 2),
        })
    }

    /// Whether this process has used a version, and it has encrypted so often that its key is to rotate.
    pub(crate) async fn is_spent_for_rotation(&self, material: KeyMaterialId) -> Result<bool, Fault> {
        if self.known(material).is_none() {
            return Ok(false);
        }
        let budget = self.used(material).await?;
        Ok(budget.used >= budget.rotation_limit)
    }

    /// The versions that this process has used.
    pub(crate) fn in_use(&self) -> Vec<KeyMaterialId> {
        self.reserves
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .copied()
            .collect()
    }

    /// Forgets a version that was destroyed.
    pub(crate) fn forget(&self, material: KeyMaterialId) {
        self.reserves
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&material);
    }

    fn known(&self, material: KeyMaterialId) -> Option<Arc<Reserve>> {
        self.reserves
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&material)
            .cloned()
    }

    fn reserve(&self, material: KeyMaterialId) -> Arc<Reserve> {
        if let Some(reserve) = self.known(material) {
            return reserve;
        }
        Arc::clone(
            self.reserves
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .entry(material)
                .or_default(),
        )
    }
}

/// The reservation of one key version's next block.
struct Refill {
    records: Records,
    reserve: Arc<Reserve>,
    material: KeyMaterialId,
    limit: u64,
    _one_at_a_time: OwnedMutexGuard<()>,
}

impl Refill {
    async fn run(self) -> Result<(), Fault> {
        let block = self.reserve_block().await?;
        self.reserve.left.fetch_add(block, Ordering::Relaxed);
        Ok(())
    }

    async fn reserve_block(&self) -> Result<u64, Fault> {
        let id = self.material.to_string();
        for _ in 0..CONFLICT_TRIES_MAX {
            let before = self.records.find::<BudgetRecord>(&id).await?.ok_or_else(missing)?;
            let limit = before.limit.unwrap_or(self.limit);
            let block = KEY_INVOCATIONS_BLOCK.min(limit.saturating_sub(before.reserved));
            if block == 0 {
                return Err(spent(self.material, limit));
            }
            let after = BudgetRecord {
                reserved: before.reserved + block,
                limit: before.limit,
            };
            match self.records.change().replace(&id, &before, after).commit().await {
                Ok(_) => return Ok(block),
                Err(StoreFault::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(Fault::new(
            Code::Conflict,
            "The key's use counter is being changed by others; try again.",
        ))
    }
}

fn spent(material: KeyMaterialId, limit: u64) -> Fault {
    Fault::new(
        Code::LimitExceeded,
        format!(
            "Key material {material} has made all of its {limit} encryptions. It still decrypts; rotate the key \
             (import new material first, if this was imported), or encrypt under another one."
        ),
    )
}

/// A counter comes with its key in one commit, so a key without one is damage: to begin at zero again could count too
/// little.
fn missing() -> Fault {
    Fault::new(
        Code::RecordDamaged,
        "The key's use counter is missing; restore the store from a backup.",
    )
}

fn take(left: &AtomicU64, count: u64) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(count))
        .is_ok()
}

#[cfg(test)]
mod tests;
