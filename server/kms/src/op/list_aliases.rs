//! ListAliases: the account's aliases, or one key's, page by page.

use strongroom_base::limits::LIST_ALIASES_LIMIT_DEFAULT;
use strongroom_base::{Action, Arn, Code, Fault, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_store::Stored;

use crate::alias::AliasRecord;
use crate::key::KeyRecord;
use crate::key_reference::{AliasName, KeyReference};
use crate::kms::Kms;
use crate::op::{page_size, parameters};
use crate::target::absent;

/// The request.
pub struct ListAliases {
    key: Option<KeyId>,
    limit: usize,
    after: Option<AliasName>,
}

/// One page.
pub struct AliasPage {
    /// The aliases with their own ARNs, in the order of their names.
    pub aliases: Vec<(Arn, Stored<AliasRecord>)>,
    /// Where the next page begins; `None` on the last one.
    pub next_marker: Option<String>,
}

/// The key whose aliases are asked for, if one is; the permission is on `*` all the same, as in AWS.
pub struct ListAliasesTarget(Option<Stored<KeyRecord>>);

impl Protected for ListAliasesTarget {
    fn needs(&self) -> Vec<Need> {
        vec![Need::anywhere(Action::ListAliases)]
    }
}

impl ListAliases {
    /// A page of 1 to 1,000 aliases (50 unless said otherwise) of `key` or of all keys, after `marker`.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for a marker that this service did not give.
    pub fn new(key: Option<KeyId>, limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        let after = marker.map(str::parse).transpose();
        let after = after
            .map_err(|_: Fault| Fault::new(Code::InvalidMarker, "The marker is not one that ListAliases gave."))?;
        Ok(Self {
            key,
            limit: page_size(limit, LIST_ALIASES_LIMIT_DEFAULT)?,
            after,
        })
    }
}

impl Operation for ListAliases {
    const ACTION: Action = Action::ListAliases;
    type Domain = Kms;
    type Target = ListAliasesTarget;
    type Reply = AliasPage;

    fn parameters(&self) -> Parameters {
        self.key
            .map(|key| parameters([("keyId", key.to_string().into())]))
            .unwrap_or_default()
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<ListAliasesTarget>, Fault> {
        let Some(id) = self.key else {
            return Ok(Resolved::Found(ListAliasesTarget(None)));
        };
        Ok(match kms.find_key(&id).await? {
            Some(key) => Resolved::Found(ListAliasesTarget(Some(key))),
            None => match absent(kms, &KeyReference::Key(id), Self::ACTION) {
                Resolved::Absent { fault, .. } => Resolved::Absent {
                    needs: vec![Need::anywhere(Self::ACTION)],
                    fault,
                },
                found @ Resolved::Found(_) => found,
            },
        })
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<AliasPage, Fault> {
        let mut records = match permit.into_target().0 {
            None => {
                let after = self.after.as_ref().map(AliasName::as_str);
                let page = kms.records.page::<AliasRecord>("", after, self.limit + 1).await?;
                page.into_iter().map(|(_, record)| record).collect()
            }
            Some(key) => aliases_of(kms, &key, self.after.as_ref(), self.limit + 1).await?,
        };
        let more = records.len() > self.limit;
        records.truncate(self.limit);
        let next_marker = records.last().filter(|_| more).map(|record| record.name.to_string());
        let aliases = records
            .into_iter()
            .map(|record| (record.name.arn(kms.scope()), record))
            .collect();
        Ok(AliasPage { aliases, next_marker })
    }
}

async fn aliases_of(
    kms: &Kms,
    key: &KeyRecord,
    after: Option<&AliasName>,
    limit: usize,
) -> Result<Vec<Stored<AliasRecord>>, Fault> {
    let mut records = Vec::new();
    let wanted = key
        .aliases
        .iter()
        .filter(|name| after.is_none_or(|after| *name > after));
    // One that was deleted meanwhile makes room for the next.
    for name in wanted {
        if records.len() == limit {
            break;
        }
        records.extend(kms.records.find::<AliasRecord>(name.as_str()).await?);
    }
    Ok(records)
}
