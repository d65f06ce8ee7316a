//! ListGrants: a key's grants, page by page.

use strongroom_base::{Action, Arn, Code, Fault, GrantId, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};
use strongroom_store::Stored;

use crate::grant::{GrantRecord, parse_id, principal, rows};
use crate::key::KeyRecord;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct ListGrants {
    key: KeyId,
    limit: usize,
    after: Option<GrantId>,
    grant: Option<GrantId>,
    grantee: Option<Arn>,
}

/// One page.
#[derive(Clone)]
pub struct GrantPage {
    /// The grants.
    pub grants: Vec<Stored<GrantRecord>>,
    /// Where the next page begins; `None` on the last one.
    pub next_marker: Option<String>,
}

impl ListGrants {
    /// A page of 1 to 100 grants (50 unless said otherwise) of `key`, after `marker`.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for a marker that this service did not give.
    pub fn new(key: KeyId, limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        let after = marker.map(str::parse).transpose();
        Ok(Self {
            key,
            limit: rows(limit)?,
            after: after.map_err(|_| Fault::new(Code::InvalidMarker, "The marker is not one that ListGrants gave."))?,
            grant: None,
            grantee: None,
        })
    }

    /// Only the grant with this id.
    ///
    /// # Errors
    /// ValidationException or InvalidGrantIdException for what is no grant id.
    pub fn only(self, grant_id: Option<&str>) -> Result<Self, Fault> {
        let grant = grant_id.map(parse_id).transpose()?;
        Ok(Self { grant, ..self })
    }

    /// Only the grants of this principal.
    ///
    /// # Errors
    /// ValidationException or InvalidArnException for what names no principal.
    pub fn of(self, grantee_principal: Option<&str>) -> Result<Self, Fault> {
        let grantee = grantee_principal.map(|text| principal("granteePrincipal", text));
        Ok(Self {
            grantee: grantee.transpose()?,
            ..self
        })
    }

    fn is_asked_for(&self, grant: &GrantRecord) -> bool {
        self.grantee.as_ref().is_none_or(|grantee| *grantee == grant.grantee)
    }

    /// One row more than the page has, if there is one.
    async fn find(&self, kms: &Kms, key: &KeyRecord) -> Result<Vec<Stored<GrantRecord>>, Fault> {
        if let Some(id) = &self.grant {
            let grant = kms.find_grant(&key.id, id).await?;
            return Ok(grant.into_iter().filter(|grant| self.is_asked_for(grant)).collect());
        }
        if let Some(grantee) = &self.grantee {
            return self.find_of(kms, key, grantee).await;
        }
        let prefix = format!("{}/", key.id);
        let after = self.after.map(|after| GrantRecord::record_id(&key.id, &after));
        let page = kms.records.page(&prefix, after.as_deref(), self.limit + 1).await?;
        Ok(page.into_iter().map(|(_, grant)| grant).collect())
    }

    async fn find_of(&self, kms: &Kms, key: &KeyRecord, grantee: &Arn) -> Result<Vec<Stored<GrantRecord>>, Fault> {
        let Some(held) = kms.grants_of(key).await? else {
            return Ok(Vec::new());
        };
        let (mut rows, mut after) = (Vec::new(), self.after);
        // One that was removed meanwhile makes room for the next.
        while rows.len() <= self.limit {
            let Some(id) = held.grants.ids_of(grantee, after).next() else {
                break;
            };
            rows.extend(kms.find_grant(&key.id, &id).await?);
            after = Some(id);
        }
        Ok(rows)
    }
}

impl Operation for ListGrants {
    const ACTION: Action = Action::ListGrants;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = GrantPage;

    fn parameters(&self) -> Parameters {
        let mut fields = parameters([("keyId", self.key.to_string().into())]);
        let grant = self.grant.map(|id| ("grantId", id.to_string()));
        let grantee = self.grantee.as_ref().map(|arn| ("granteePrincipal", arn.to_string()));
        let given = grant.into_iter().chain(grantee);
        fields.extend(given.map(|(name, value)| (name.to_owned(), value.into())));
        fields
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            // Nobody's service asks for it on his behalf.
            Some(KeyName::GrantIsForAwsResource) => Values::one(false),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<GrantPage, Fault> {
        let key = permit.into_target().record;
        let mut grants = if key.has_grants {
            self.find(kms, &key).await?
        } else {
            Vec::new()
        };
        let more = grants.len() > self.limit;
        grants.truncate(self.limit);
        let next_marker = grants.last().filter(|_| more).map(|grant| grant.id.to_string());
        Ok(GrantPage { grants, next_marker })
    }
}
