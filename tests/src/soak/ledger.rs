//! What the service has acknowledged, and checking that it is all still there.

use std::fmt;
use std::ops::AddAssign;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tonic::transport::Channel;

use super::lookup::{all, look_up};
use super::random_number;
use crate::HarnessFault;

/// Acknowledged writes. Filled by many writers, each entry right after its answer has come.
#[derive(Default)]
pub struct Ledger(Mutex<Entries>);

#[derive(Default)]
struct Entries {
    all: Vec<Entry>,
    /// How many of them the last check had before it.
    checked: usize,
}

/// One acknowledged write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A key.
    Key { arn: String },
    /// An alias and the key that it names.
    Alias { name: String, key_arn: String },
    /// A data key, and what opens it.
    DataKey { ciphertext: Vec<u8>, plaintext: Vec<u8> },
    /// One version of a secret.
    Secret {
        name: String,
        version: String,
        value: Vec<u8>,
    },
}

/// How many entries a check looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// All there are.
    Everything,
    /// All since the last check, and [`SAMPLE`] older ones at random.
    Recent,
}

/// How many writes were acknowledged.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledged {
    /// Keys.
    pub keys: usize,
    /// Aliases.
    pub aliases: usize,
    /// Data keys.
    pub data_keys: usize,
    /// Versions of secrets.
    pub secrets: usize,
}

/// Rounds from one check of everything to the next: to look for everything after each round would make the time of a
/// proof, and the trail of what is read, grow with the square of its rounds.
const ROUNDS_BETWEEN_FULL_CHECKS: usize = 10;
/// Older entries that the other checks look for.
const SAMPLE: usize = 500;

impl Depth {
    /// How deep the check after a round goes, counted from 1: the last one and every tenth are complete.
    pub(super) fn after_round(round: usize, rounds: usize) -> Self {
        if round == rounds || round.is_multiple_of(ROUNDS_BETWEEN_FULL_CHECKS) {
            Self::Everything
        } else {
            Self::Recent
        }
    }
}

impl Ledger {
    pub(super) fn add(&self, entry: Entry) {
        self.entries().all.push(entry);
    }

    /// How many writes were acknowledged.
    #[must_use]
    pub fn size(&self) -> Acknowledged {
        self.entries()
            .all
            .iter()
            .fold(Acknowledged::default(), Acknowledged::and)
    }

    /// Looks for the entries in a running service, as many as `depth` says.
    ///
    /// # Errors
    /// With the first entry that is lost or changed.
    pub(super) async fn check(&self, channel: &Channel, depth: Depth) -> Result<(), HarnessFault> {
        let (chosen, known) = {
            let entries = self.entries();
            (entries.choose(depth)?, entries.all.len())
        };
        let lookups = chosen.into_iter().map(|entry| look_up(channel.clone(), entry));
        all(lookups).await?;
        self.entries().checked = known;
        Ok(())
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entries {
    fn choose(&self, depth: Depth) -> Result<Vec<Entry>, HarnessFault> {
        let (older, recent) = self.all.split_at(self.checked);
        if depth == Depth::Everything || older.len() <= SAMPLE {
            return Ok(self.all.clone());
        }
        let mut chosen = recent.to_vec();
        for _ in 0..SAMPLE {
            chosen.extend(older.get(random_number()? as usize % older.len()).cloned());
        }
        Ok(chosen)
    }
}

impl Acknowledged {
    fn and(mut self, entry: &Entry) -> Self {
        match entry {
            Entry::Key { .. } => self.keys += 1,
            Entry::Alias { .. } => self.aliases += 1,
            Entry::DataKey { .. } => self.data_keys += 1,
            Entry::Secret { .. } => self.secrets += 1,
        }
        self
    }
}

impl AddAssign for Acknowledged {
    fn add_assign(&mut self, other: Self) {
        self.keys += other.keys;
        self.aliases += other.aliases;
        self.data_keys += other.data_keys;
        self.secrets += other.secrets;
    }
}

impl fmt::Display for Acknowledged {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} keys, {} aliases, {} data keys and {} versions of secrets",
            self.keys, self.aliases, self.data_keys, self.secrets
        )
    }
}

#[cfg(test)]
mod tests;
