//! [`Plan`]: which transactions of a batch apply, and what they write. The same for every backend.

use std::collections::BTreeMap;

use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::record::{Revision, Transaction, log_id};
use crate::sealer::Sealer;
use crate::watch::Changed;

/// What a record was before the batch and what it will be: stored values, `None` where there is no record.
pub(crate) struct Touched {
    pub(crate) before: Option<Vec<u8>>,
    pub(crate) after: Option<Vec<u8>>,
}

/// The outcome of transactions that were tried one after the other, each on what the ones before it left.
pub(crate) struct Plan<'a, R> {
    sealer: &'a Sealer,
    read: R,
    /// The last revision that was given out.
    pub(crate) newest: Revision,
    /// Every record that the applicable transactions change.
    pub(crate) touched: BTreeMap<RecordKey, Touched>,
    /// The same as news, in order.
    pub(crate) changes: Vec<Changed>,
}

impl<'a, R: FnMut(&RecordKey) -> Result<Option<Vec<u8>>, StoreFault>> Plan<'a, R> {
    /// Starts on a state where `newest` was given out last; `read` answers stored values.
    pub(crate) fn new(sealer: &'a Sealer, newest: Revision, read: R) -> Self {
        Self {
            sealer,
            read,
            newest,
            touched: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    /// Adds the transaction, which passed [`Transaction::check`], or leaves the plan as it was.
    pub(crate) fn add(&mut self, transaction: &Transaction) -> Result<Revision, StoreFault> {
        for (key, required) in &transaction.requires {
            if self.revision(key, required.is_some())? != *required {
                return Err(StoreFault::Conflict { key: key.clone() });
            }
        }
        let revision = Revision(self.newest.0 + 1);
        let mut writes =
            Vec::with_capacity(transaction.puts.len() + transaction.deletes.len() + transaction.appends.len());
        for (key, body) in &transaction.puts {
            let value = self.sealer.seal(key, revision, body)?;
            writes.push((key.clone(), self.before(key)?, Some(value)));
        }
        for key in &transaction.deletes {
            writes.push((key.clone(), self.before(key)?, None));
        }
        // No revision is given twice, so nothing can be there yet.
        for (place, (kind, body)) in transaction.appends.iter().enumerate() {
            let key = RecordKey::new(kind, &log_id(revision, place))?;
            let value = self.sealer.seal(&key, revision, body)?;
            writes.push((key, None, Some(value)));
        }
        self.newest = revision;
        for (key, before, after) in writes {
            self.changes.push(Changed {
                key: key.clone(),
                revision,
                deleted: after.is_none(),
            });
            // A record that the batch touched already keeps its state from before the batch.
            self.touched.entry(key).or_insert(Touched { before, after: None }).after = after;
        }
        Ok(revision)
    }

    /// The revision of a record as the batch has left it. Where only its existence matters a damaged record exists.
    fn revision(&mut self, key: &RecordKey, exactly: bool) -> Result<Option<Revision>, StoreFault> {
        let stored;
        let value = match self.touched.get(key) {
            Some(touched) => touched.after.as_deref(),
            None => {
                stored = (self.read)(key)?;
                stored.as_deref()
            }
        };
        match value {
            None => Ok(None),
            Some(_) if !exactly => Ok(Some(Revision(0))),
            Some(value) => self
                .sealer
                .open(key, value, self.newest)
                .map(|record| Some(record.revision)),
        }
    }

    /// The value from before the batch; not read again where the batch has it already.
    fn before(&mut self, key: &RecordKey) -> Result<Option<Vec<u8>>, StoreFault> {
        if self.touched.contains_key(key) {
            Ok(None)
        } else {
            (self.read)(key)
        }
    }
}

#[cfg(test)]
mod tests;
