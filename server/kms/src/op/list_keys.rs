//! ListKeys: the account's keys, page by page.

use strongroom_base::limits::LIST_KEYS_LIMIT_DEFAULT;
use strongroom_base::{Action, Arn, Code, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key::KeyRecord;
use crate::kms::Kms;
use crate::op::page_size;
use crate::target::NoTarget;

/// The request.
pub struct ListKeys {
    limit: usize,
    after: Option<KeyId>,
}

/// One page.
#[derive(Debug)]
pub struct KeyPage {
    /// The keys, in the order of their ids.
    pub keys: Vec<(KeyId, Arn)>,
    /// Where the next page begins; `None` on the last one.
    pub next_marker: Option<String>,
}

impl ListKeys {
    /// A page of 1 to 1,000 keys (100 unless said otherwise), after `marker`.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for a marker that this service did not give.
    pub fn new(limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        let after = marker.map(str::parse).transpose();
        let after = after.map_err(|_| Fault::new(Code::InvalidMarker, "The marker is not one that ListKeys gave."))?;
        Ok(Self {
            limit: page_size(limit, LIST_KEYS_LIMIT_DEFAULT)?,
            after,
        })
    }
}

impl Operation for ListKeys {
    const ACTION: Action = Action::ListKeys;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = KeyPage;

    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget::new(Self::ACTION)))
    }

    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<KeyPage, Fault> {
        let after = self.after.map(|id| id.to_string());
        let mut records = kms
            .records
            .page::<KeyRecord>("", after.as_deref(), self.limit + 1)
            .await?;
        let more = records.len() > self.limit;
        records.truncate(self.limit);
        let keys: Vec<_> = records
            .iter()
            .map(|(_, record)| (record.id, kms.scope().key_arn(&record.id)))
            .collect();
        let next_marker = keys.last().filter(|_| more).map(|(id, _)| id.to_string());
        Ok(KeyPage { keys, next_marker })
    }
}
