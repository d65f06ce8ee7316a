//! What is stored and how it changes: [`Record`], [`Revision`] and [`Transaction`].

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use strongroom_base::limits::{RECORD_BYTES_MAX, TRANSACTION_BYTES_MAX, TRANSACTION_RECORDS_MAX};

use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::sealer::Sealer;

/// The number of the transaction that wrote a record. One sequence for the whole store, from 1; it grows with every
/// commit, and no number is given twice, not even after deletions and restarts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(pub u64);

impl fmt::Display for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// One record as it is on disk, its tag checked and taken off.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub key: RecordKey,
    /// The transaction that wrote it last.
    pub revision: Revision,
    /// Its content, at most [`RECORD_BYTES_MAX`] bytes.
    pub body: Arc<[u8]>,
}

impl fmt::Debug for Record {
    /// Says how long the body is, never what is in it: records end up in assertion texts and logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Record({}, revision {}, {} bytes)",
            self.key,
            self.revision,
            self.body.len()
        )
    }
}

/// Changes that happen together or not at all, and what they depend on.
#[derive(Default, Clone)]
pub struct Transaction {
    /// Records that must have exactly this revision, or must not exist (`None`).
    pub requires: Vec<(RecordKey, Option<Revision>)>,
    /// Records to write, with their bodies. The record may exist or not unless `requires` says so.
    pub puts: Vec<(RecordKey, Vec<u8>)>,
    /// Records to remove. Removing what does not exist is no fault unless `requires` says so.
    pub deletes: Vec<RecordKey>,
    /// Records to add at the end of a log: kinds and bodies. The store chooses their ids, see [`log_id`].
    pub appends: Vec<(&'static str, Vec<u8>)>,
}

impl Transaction {
    /// Checks the limits, that no record is changed twice, and that the sealer can seal what is written.
    pub(crate) fn check(&self, sealer: &Sealer) -> Result<(), StoreFault> {
        let records = self
            .requires
            .len()
            .max(self.puts.len() + self.deletes.len() + self.appends.len());
        within("records of a transaction", records, TRANSACTION_RECORDS_MAX)?;
        within("bytes of a transaction", self.bytes(), TRANSACTION_BYTES_MAX)?;
        let mut changed = HashSet::new();
        for key in self.puts.iter().map(|(key, _)| key).chain(&self.deletes) {
            if !changed.insert(key) {
                return Err(StoreFault::ChangedTwice { key: key.clone() });
            }
        }
        let bodies = self.puts.iter().map(|(_, body)| body);
        for body in bodies.chain(self.appends.iter().map(|(_, body)| body)) {
            within("bytes of a record", body.len(), RECORD_BYTES_MAX)?;
        }
        for (kind, _) in &self.appends {
            sealer.admit(&RecordKey::new(kind, &log_id(Revision::default(), 0))?)?;
        }
        changed
            .into_iter()
            .chain(self.requires.iter().map(|(key, _)| key))
            .try_for_each(|key| sealer.admit(key))
    }

    /// The bytes that it writes: keys and bodies.
    pub(crate) fn bytes(&self) -> usize {
        let puts: usize = self
            .puts
            .iter()
            .map(|(key, body)| key.as_str().len() + body.len())
            .sum();
        let appends: usize = self.appends.iter().map(|(kind, body)| kind.len() + body.len()).sum();
        puts + appends + self.deletes.iter().map(|key| key.as_str().len()).sum::<usize>()
    }
}

/// The id of a log's record: the revision of its transaction and its place in that, in decimals, so that the order of ids is
/// the order of commits.
#[must_use]
pub fn log_id(revision: Revision, place: usize) -> String {
    format!("{:020}-{place:03}", revision.0)
}

fn within(what: &'static str, size: usize, limit: usize) -> Result<(), StoreFault> {
    if size <= limit {
        Ok(())
    } else {
        Err(StoreFault::TooLarge { what, size, limit })
    }
}
