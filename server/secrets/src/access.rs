//! On which day secrets were last accessed, cheaply: kept in the index, and written for all secrets together by a background
//! job, once a day for each.
//!
//! A process that is killed loses what it has not written yet: the first accesses of a day of the last
//! [`SECRET_LAST_ACCESS_INTERVAL`]; such a secret shows an older day until it is read again. An orderly end loses nothing. The
//! audit trail knows all accesses.
//!
//! [`SECRET_LAST_ACCESS_INTERVAL`]: strongroom_base::limits::SECRET_LAST_ACCESS_INTERVAL

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use strongroom_base::{Fault, Timestamp};
use strongroom_store::{Document, StoreFault, Stored};
use tracing::warn;

use crate::name::SecretName;
use crate::record::{SecretRecord, SecretUid};
use crate::secrets::Secrets;

/// Records that one commit writes.
const BATCH: usize = 256;
const DAY_MILLIS: i64 = 86_400_000;

/// The last access of a secret. Its record's id is the secret's uid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessRecord {
    /// The day, at midnight UTC.
    pub day: Timestamp,
}

impl Document for AccessRecord {
    const KIND: &'static str = "secret-access";
    const VERSION: u16 = 1;
    /// The index has it.
    const CACHED: bool = false;
}

/// Last accesses that are not written yet, at most one of each secret.
#[derive(Default)]
pub(crate) struct Pending(Mutex<HashMap<SecretUid, (SecretName, Timestamp)>>);

impl Pending {
    fn lock(&self) -> MutexGuard<'_, HashMap<SecretUid, (SecretName, Timestamp)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn day(&self, uid: SecretUid) -> Option<Timestamp> {
        self.lock().get(&uid).map(|(_, day)| *day)
    }

    /// Forgets what is written, unless another day has begun meanwhile.
    fn written(&self, accesses: &[(SecretUid, SecretName, Timestamp)]) {
        let mut pending = self.lock();
        for (uid, _, day) in accesses {
            if pending.get(uid).is_some_and(|(_, kept)| kept == day) {
                pending.remove(uid);
            }
        }
    }
}

/// The day of a moment, as its midnight UTC.
fn day_of(moment: Timestamp) -> Timestamp {
    Timestamp(moment.as_millis() - moment.as_millis().rem_euclid(DAY_MILLIS))
}

impl Secrets {
    /// Notes that a value was read. It costs a look into the index, but for the first time of a day.
    pub(crate) async fn note_access(&self, secret: &SecretRecord) {
        let day = day_of(self.clock.now());
        // A value that was read is not withheld because nobody could note it.
        if self.ready_index().await.is_ok() && self.index.accessed(secret, day) {
            let access = (secret.name.clone(), day);
            self.index.pending.lock().insert(secret.uid, access);
        }
    }

    /// Writes on which day secrets were last accessed, for those for which that is news. What cannot be written is kept for
    /// the next time.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn keep_last_accesses(&self) -> Result<(), Fault> {
        let pending: Vec<_> = {
            let pending = self.index.pending.lock();
            let access = |(uid, (name, day)): (&SecretUid, &(SecretName, Timestamp))| (*uid, name.clone(), *day);
            pending.iter().map(access).collect()
        };
        for accesses in pending.chunks(BATCH) {
            self.keep(accesses).await?;
        }
        Ok(())
    }

    async fn keep(&self, accesses: &[(SecretUid, SecretName, Timestamp)]) -> Result<(), Fault> {
        let mut change = self.records.change();
        let mut some = false;
        for (uid, name, day) in accesses {
            let (id, access) = (uid.to_string(), AccessRecord { day: *day });
            change = match self.last_access(uid, name).await {
                Ok(LastAccess::Gone) => continue,
                Ok(LastAccess::None) => change.insert(&id, access),
                Ok(LastAccess::On(before)) => change.replace(&id, &before, access),
                Err(fault @ StoreFault::RecordDamaged { .. }) => {
                    // Those of the others are written all the same.
                    warn!(%fault, "the last access of a secret is not kept: a record of it cannot be read");
                    continue;
                }
                Err(fault) => return Err(fault.into()),
            };
            some = true;
        }
        if some {
            change.commit().await?;
        }
        self.index.pending.written(accesses);
        Ok(())
    }

    async fn last_access(&self, uid: &SecretUid, name: &SecretName) -> Result<LastAccess, StoreFault> {
        let secret = self.records.find::<SecretRecord>(name.as_str()).await?;
        if secret.is_none_or(|secret| secret.uid != *uid) {
            return Ok(LastAccess::Gone);
        }
        let before = self.records.find::<AccessRecord>(&uid.to_string()).await?;
        Ok(before.map_or(LastAccess::None, LastAccess::On))
    }
}

/// What is known of a secret's last access.
enum LastAccess {
    /// The secret was removed meanwhile, and has none any more.
    Gone,
    /// None is written yet.
    None,
    /// This is.
    On(Stored<AccessRecord>),
}
