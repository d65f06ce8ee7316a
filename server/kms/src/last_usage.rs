//! When keys were last used, cheaply: kept in memory, and written for all keys together by a background job.
//!
//! A process that is killed loses what it has not written yet, [`KEY_LAST_USAGE_INTERVAL`] at most; an orderly end loses
//! nothing. The audit trail knows all uses.
//!
//! [`KEY_LAST_USAGE_INTERVAL`]: strongroom_base::limits::KEY_LAST_USAGE_INTERVAL

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use strongroom_base::{Action, EventId, Fault, KeyId, RequestId, Service, Timestamp};
use strongroom_gate::{Resource, Used};
use strongroom_store::{Document, StoreFault};

use crate::kms::Kms;

/// Parts of the map, each with its lock, so that requests seldom wait for each other.
const SHARDS: usize = 16;
/// Records that one commit writes.
const BATCH: usize = 256;
/// The name of the one record of [`Tracking`].
const TRACKING: &str = "since";

/// The operations that count (model `KeyLastUsageTrackingOperation`). GenerateRandom uses no key.
const TRACKED: [&str; 14] = [
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:ReEncrypt",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

/// A key's last successful cryptographic operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastUsage {
    /// Its name, such as `Decrypt`.
    pub operation: String,
    /// When it was done.
    pub at: Timestamp,
    /// Its audit record.
    pub event_id: EventId,
    /// The request.
    pub request_id: RequestId,
}

impl Document for LastUsage {
    const KIND: &'static str = "key-last-usage";
    const VERSION: u16 = 1;
}

/// Since when this installation notes uses: keys may be older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tracking {
    since: Timestamp,
}

impl Document for Tracking {
    const KIND: &'static str = "key-usage-tracking";
    const VERSION: u16 = 1;
}

/// A use that is not written yet.
#[derive(Debug, Clone, Copy)]
struct Note {
    action: Action,
    at: Timestamp,
    event_id: EventId,
    request_id: RequestId,
}

impl Note {
    fn document(&self) -> LastUsage {
        LastUsage {
            operation: self.action.name().to_owned(),
            at: self.at,
            event_id: self.event_id,
            request_id: self.request_id,
        }
    }
}

/// The uses that are not written yet: the last one of each key.
#[derive(Default)]
pub(crate) struct LastUsages {
    shards: [Mutex<HashMap<KeyId, Note>>; SHARDS],
}

impl LastUsages {
    fn shard(&self, key: &KeyId) -> Option<MutexGuard<'_, HashMap<KeyId, Note>>> {
        let [.., last] = *key.as_bytes();
        let shard = self.shards.get(usize::from(last) % SHARDS)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note(&self, key: KeyId, note: Note) {
        if let Some(mut shard) = self.shard(&key) {
            shard.insert(key, note);
        }
    }

    fn find(&self, key: &KeyId) -> Option<Note> {
        self.shard(key)?.get(key).copied()
    }

    /// All that is to be written. It stays until [`Self::written`] says that it is, so that readers see it meanwhile.
    fn pending(&self) -> Vec<(KeyId, Note)> {
        let lock = |shard: &Mutex<HashMap<KeyId, Note>>| -> Vec<(KeyId, Note)> {
            let shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            shard.iter().map(|(key, note)| (*key, *note)).collect()
        };
        self.shards.iter().flat_map(lock).collect()
    }

    /// Forgets what is written, unless the key was used again meanwhile.
    fn written(&self, notes: &[(KeyId, Note)]) {
        for (key, note) in notes {
            if let Some(mut shard) = self.shard(key)
                && shard.get(key).is_some_and(|kept| kept.event_id == note.event_id)
            {
                shard.remove(key);
            }
        }
    }
}

impl Kms {
    /// Notes a use of keys, if it is one that is told.
    pub(crate) fn note_use(&self, used: &Used<'_>) {
        if used.action.service() != Service::Kms || !TRACKED.contains(&used.action.permission()) {
            return;
        }
        let note = Note {
            action: used.action,
            at: self.clock.now(),
            event_id: used.event_id,
            request_id: used.request_id,
        };
        for need in used.needs {
            if let Resource::Named(arn) = &need.resource
                && let Some(Ok(key)) = arn.resource().strip_prefix("key/").map(str::parse)
            {
                self.last_usages.note(key, note);
            }
        }
    }

    /// Writes when keys were last used, for those that were since the last time. What cannot be written is kept for the
    /// next.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn keep_last_usages(&self) -> Result<(), Fault> {
        for notes in self.last_usages.pending().chunks(BATCH) {
            self.keep(notes).await?;
        }
        Ok(())
    }

    async fn keep(&self, notes: &[(KeyId, Note)]) -> Result<(), Fault> {
        let mut change = self.records.change();
        let mut some = false;
        for (key, note) in notes {
            // A key that was destroyed meanwhile has no last use any more.
            if self.find_key(key).await?.is_none() {
                continue;
            }
            some = true;
            let id = key.to_string();
            change = match self.records.find::<LastUsage>(&id).await? {
                Some(before) => change.replace(&id, &before, note.document()),
                None => change.insert(&id, note.document()),
            };
        }
        if some {
            change.commit().await?;
        }
        self.last_usages.written(notes);
        Ok(())
    }

    /// A key's last use, whether or not it is written yet.
    pub(crate) async fn last_usage(&self, key: &KeyId) -> Result<Option<LastUsage>, Fault> {
        if let Some(note) = self.last_usages.find(key) {
            return Ok(Some(note.document()));
        }
        let written = self.records.find::<LastUsage>(&key.to_string()).await?;
        Ok(written.map(|usage| LastUsage::clone(&usage)))
    }

    /// Writes down since when uses are noted, once in an installation's life; before callers are let in.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn begin_tracking(&self) -> Result<(), Fault> {
        if self.tracking_since().await?.is_some() {
            return Ok(());
        }
        let since = Tracking {
            since: self.clock.now(),
        };
        match self.records.change().insert(TRACKING, since).commit().await {
            Ok(_) | Err(StoreFault::Conflict { .. }) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    pub(crate) async fn tracking_since(&self) -> Result<Option<Timestamp>, Fault> {
        let tracking = self.records.find::<Tracking>(TRACKING).await?;
        Ok(tracking.map(|tracking| tracking.since))
    }
}
