//! [`Secrets`]: the secrets service's parts, and how it finds and changes a secret.

use std::sync::Arc;

use strongroom_base::limits::CONFLICT_TRIES_MAX;
use strongroom_base::{Clock, Code, Fault, Scope};
use strongroom_gate::{Domain, Gate};
use strongroom_kms::Kms;
use strongroom_store::{Change, Records, StoreFault, Stored};

use crate::index::Index;
use crate::record::{SecretRecord, SecretUid, ValueRecord, VersionRecord};
use crate::secret_id::SecretId;
use crate::version_id::VersionId;

/// The secrets service. One per process; operations come through the gate.
pub struct Secrets {
    pub(crate) records: Records,
    pub(crate) gate: Arc<Gate>,
    pub(crate) kms: Arc<Kms>,
    pub(crate) clock: Clock,
    /// All secrets in the orders of lists.
    pub(crate) index: Index,
}

impl Domain for Secrets {}

impl Secrets {
    /// A secrets service over the store that `kms` uses too, which goes through `gate` to use keys.
    #[must_use]
    pub fn new(records: Records, gate: Arc<Gate>, kms: Arc<Kms>, clock: Clock) -> Self {
        Self {
            records,
            gate,
            kms,
            clock,
            index: Index::default(),
        }
    }

    /// Partition, region and account of the secrets.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.kms.scope()
    }

    /// Finds the secret that a request names.
    pub(crate) async fn find(&self, id: &SecretId) -> Result<Option<Stored<SecretRecord>>, Fault> {
        for reading in id.readings(self.scope()) {
            let record = self.records.find::<SecretRecord>(reading.name.as_str()).await?;
            let fits =
                |record: &Stored<SecretRecord>| reading.suffix.as_ref().is_none_or(|suffix| *suffix == record.suffix);
            if let Some(record) = record.filter(fits) {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    pub(crate) async fn version(
        &self,
        secret: SecretUid,
        id: &VersionId,
    ) -> Result<Option<Stored<VersionRecord>>, Fault> {
        Ok(self.records.find(&secret.version(id)).await?)
    }

    pub(crate) async fn value(&self, secret: SecretUid, id: &VersionId) -> Result<Option<Stored<ValueRecord>>, Fault> {
        Ok(self.records.find(&secret.version(id)).await?)
    }

    /// Replaces a secret's record by what `edit` makes of it. If somebody else changed it meanwhile, `edit` gets the
    /// new one, as long as that is still the secret that was decided on, with the same tags.
    pub(crate) async fn edit(
        &self,
        secret: Stored<SecretRecord>,
        edit: impl Fn(&SecretRecord) -> Result<SecretRecord, Fault>,
    ) -> Result<(), Fault> {
        let mut tries = Tries::new(secret);
        loop {
            let after = edit(&tries.secret)?;
            let change = self.change(&tries.secret, after);
            if tries.settle(self, change.commit().await.map(drop)).await?.is_some() {
                return Ok(());
            }
        }
    }

    /// A change that replaces a secret's record; the time of the change is now.
    pub(crate) fn change(&self, before: &Stored<SecretRecord>, after: SecretRecord) -> Change {
        let after = SecretRecord {
            changed: self.clock.now(),
            ..after
        };
        self.records.change().replace(before.name.as_str(), before, after)
    }
}

/// A change of a secret that is tried again when another request was faster.
pub(crate) struct Tries {
    /// The secret as it is now.
    pub(crate) secret: Stored<SecretRecord>,
    left: usize,
}

impl Tries {
    pub(crate) fn new(secret: Stored<SecretRecord>) -> Self {
        Self {
            secret,
            left: CONFLICT_TRIES_MAX,
        }
    }

    /// Takes the outcome of a try: what it made; `None` after a conflict, when there is a new record to try with.
    pub(crate) async fn settle<T>(
        &mut self,
        secrets: &Secrets,
        outcome: Result<T, StoreFault>,
    ) -> Result<Option<T>, Fault> {
        let conflict = match outcome {
            Ok(made) => {
                secrets.reindex(self.secret.name.as_str()).await;
                return Ok(Some(made));
            }
            Err(conflict @ StoreFault::Conflict { .. }) => conflict,
            Err(fault) => return Err(fault.into()),
        };
        self.left = self.left.saturating_sub(1);
        let found = secrets.records.find::<SecretRecord>(self.secret.name.as_str()).await?;
        match found.filter(|found| self.is_decided_alike(found) && self.left > 0) {
            Some(found) => self.secret = found,
            None => return Err(conflict.into()),
        }
        Ok(None)
    }

    /// Whether the permit holds of the record as it is now. It is for one ARN: a secret of the same name that was made
    /// meanwhile has another. And it was given by what the policy and the tags were; whoever asked must ask again.
    fn is_decided_alike(&self, present: &SecretRecord) -> bool {
        let decided = &self.secret;
        decided.uid == present.uid && decided.policy == present.policy && decided.tags == present.tags
    }
}

/// AWS's words for a secret that does not exist.
pub(crate) fn not_found() -> Fault {
    Fault::new(
        Code::ResourceNotFound,
        "Secrets Manager can't find the specified secret.",
    )
}
