//! [`KeyMetadata`]: what DescribeKey and CreateKey tell about a key.

use strongroom_base::{Arn, Fault};
use strongroom_store::Stored;

use crate::budget::BudgetUse;
use crate::key::{KeyRecord, KeyVersion};
use crate::kms::Kms;

/// A key as callers see it.
#[derive(Clone)]
pub struct KeyMetadata {
    /// The key's ARN.
    pub arn: Arn,
    /// The record, as callers are told of it at this moment: material whose time is over is on its way out.
    pub record: Stored<KeyRecord>,
    /// Its versions, oldest first; the last one encrypts, or if material waits for a rotation, the one before it.
    pub versions: Vec<VersionMetadata>,
}

/// One key material with its invocation budget.
#[derive(Debug, Clone)]
pub struct VersionMetadata {
    /// The version.
    pub version: KeyVersion,
    /// How much of its budget is gone; `None` for what AES-GCM does not bound.
    pub budget: Option<BudgetUse>,
}

impl KeyMetadata {
    pub(crate) async fn gather(kms: &Kms, record: Stored<KeyRecord>) -> Result<Self, Fault> {
        let record = KeyRecord::as_told(record, kms.clock.now());
        let mut versions = Vec::with_capacity(record.versions.len());
        for version in record.materials() {
            let budget = match record.is_symmetric() {
                true => Some(kms.budgets.used(version.material).await?),
                false => None,
            };
            versions.push(VersionMetadata {
                version: version.clone(),
                budget,
            });
        }
        Ok(Self {
            arn: kms.scope().key_arn(&record.id),
            record,
            versions,
        })
    }
}
