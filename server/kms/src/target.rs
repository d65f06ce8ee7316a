//! What KMS operations are about, and the permissions they need on it.

use strongroom_base::{Action, Arn, Code, Fault};
use strongroom_gate::{Need, Protected, Resolved};
use strongroom_store::Stored;

use crate::key::KeyRecord;
use crate::key_reference::KeyReference;
use crate::kms::Kms;

/// One key, for an operation that needs one permission on it.
pub struct KeyTarget {
    /// The key's ARN, which every answer carries.
    pub(crate) arn: Arn,
    /// The record as it was decided on.
    pub(crate) record: Stored<KeyRecord>,
    need: Need,
}

impl KeyTarget {
    pub(crate) fn new(kms: &Kms, record: Stored<KeyRecord>, action: Action, named: Option<Arn>) -> Self {
        let arn = kms.scope().key_arn(&record.id);
        let need = Need { named, ..Need::on(action, arn.clone()).reserved_to(reserved(&record, action)) };
        Self { arn, record, need }
    }

    /// Finds the key that a request names.
    pub(crate) async fn resolve(kms: &Kms, reference: &KeyReference, action: Action) -> Result<Resolved<Self>, Fault> {
        Ok(match kms.find(reference).await? {
            Some(record) => Resolved::Found(Self::new(kms, record, action, Some(reference.arn(kms.scope())))),
            None => absent(kms, reference, action),
        })
    }
}

impl Protected for KeyTarget {
    fn needs(&self) -> Vec<Need> {
        vec![self.need.clone()]
    }
}

/// Keys that a service manages may be looked at by everybody whose policy says so, and used by the service alone.
fn reserved(record: &KeyRecord, action: Action) -> Option<strongroom_base::Service> {
    if action == Action::DescribeKey { None } else { record.manager.service() }
}

/// The answer for a reference that names no key.
pub(crate) fn absent<T>(kms: &Kms, reference: &KeyReference, action: Action) -> Resolved<T> {
    let arn = reference.arn(kms.scope());
    let message = match reference {
        KeyReference::Key(_) => format!("Key '{arn}' does not exist"),
        KeyReference::Alias(_) => format!("Alias {arn} is not found."),
    };
    Resolved::Absent { needs: vec![Need::on(action, arn)], fault: Fault::new(Code::NotFound, message) }
}

/// For operations that are about no record: the permission on `*`.
pub struct NoTarget(
    /// The permission.
    pub(crate) Action,
);

impl Protected for NoTarget {
    fn needs(&self) -> Vec<Need> {
        vec![Need::anywhere(self.0)]
    }
}
