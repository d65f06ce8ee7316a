//! How a secret ends: in one commit its record gives way to a mark, and what is left of its versions goes after it.
//!
//! From that commit on the secret does not exist and its name is free. The versions may be more than one transaction
//! takes; the mark makes sure that they are all removed, whenever the process is stopped.

use serde::{Deserialize, Serialize};
use strongroom_base::limits::SECRET_VERSIONS_REMOVED_AT_ONCE_MAX;
use strongroom_base::{Arn, Fault, Timestamp};
use strongroom_store::{Document, StoreFault, Stored};

use crate::access::AccessRecord;
use crate::record::{SecretRecord, SecretUid, VersionRecord};
use crate::secrets::Secrets;

/// What is left of a secret until all its versions are gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PurgeMark {
    /// The secret that was.
    pub uid: SecretUid,
    /// Its ARN.
    pub arn: Arn,
    /// When its record was removed.
    pub begun: Timestamp,
}

impl Document for PurgeMark {
    const KIND: &'static str = "secret-purge";
    const VERSION: u16 = 1;
}

impl Secrets {
    /// Puts the mark in the place of the secret.
    pub(crate) async fn mark_for_purge(&self, secret: &Stored<SecretRecord>) -> Result<(), StoreFault> {
        let mark = PurgeMark {
            uid: secret.uid,
            arn: secret.arn(self.scope()),
            begun: self.clock.now(),
        };
        let change = self.records.change().delete(secret.name.as_str(), secret);
        change.insert(&secret.uid.to_string(), mark).commit().await?;
        self.reindex(secret.name.as_str()).await;
        Ok(())
    }

    /// Removes the versions of a secret that is gone, and the mark after the last. May be repeated, and run twice at
    /// once: what another run was faster with is a conflict, and the next look finds it gone.
    pub(crate) async fn finish_purge(&self, uid: SecretUid) -> Result<(), Fault> {
        loop {
            let page = self
                .records
                .page::<VersionRecord>(&uid.prefix(), None, SECRET_VERSIONS_REMOVED_AT_ONCE_MAX)
                .await?;
            let doomed: Vec<_> = page.into_iter().map(|(_, version)| version).collect();
            if doomed.is_empty() {
                break;
            }
            settled(self.remove(self.records.change(), uid, &doomed).await?.commit().await)?;
        }
        let id = uid.to_string();
        if let Some(access) = self.records.find::<AccessRecord>(&id).await? {
            settled(self.records.change().delete(&id, &access).commit().await)?;
        }
        if let Some(mark) = self.records.find::<PurgeMark>(&id).await? {
            settled(self.records.change().delete(&id, &mark).commit().await)?;
        }
        Ok(())
    }
}

fn settled<T>(outcome: Result<T, StoreFault>) -> Result<(), Fault> {
    match outcome {
        Ok(_) | Err(StoreFault::Conflict { .. }) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}
