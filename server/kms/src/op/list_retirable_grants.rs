//! ListRetirableGrants: the grants, on any key, that name a retiring principal, page by page.

use strongroom_base::{Action, Arn, Code, Fault, GrantId, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_store::Stored;

use crate::grant::{GrantRecord, RetirableGrant, principal, rows};
use crate::kms::Kms;
use crate::op::list_grants::GrantPage;
use crate::op::parameters;

/// The request.
pub struct ListRetirableGrants {
    principal: Arn,
    limit: usize,
    after: Option<(KeyId, GrantId)>,
}

/// The retiring principal, which is what the permission is needed on, as in AWS. No key has a say, nor has the account that
/// owns the keys: whoever asks, its own account decides.
pub struct RetiringPrincipal(Arn);

impl Protected for RetiringPrincipal {
    fn needs(&self) -> Vec<Need> {
        vec![Need::on(Action::ListRetirableGrants, self.0.clone()).left_to_accounts()]
    }
}

impl ListRetirableGrants {
    /// A page of 1 to 100 grants (50 unless said otherwise) of the retiring principal, after `marker`.
    ///
    /// # Errors
    /// ValidationException for another limit, ValidationException or InvalidArnException for what names no principal,
    /// InvalidMarkerException for a marker that this service did not give.
    pub fn new(retiring_principal: &str, limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        Ok(Self {
            principal: principal("retiringPrincipal", retiring_principal)?,
            limit: rows(limit)?,
            after: marker.map(parse_marker).transpose()?,
        })
    }
}

fn parse_marker(marker: &str) -> Result<(KeyId, GrantId), Fault> {
    let (key, grant) = marker.split_once('/').unwrap_or_default();
    match (key.parse(), grant.parse()) {
        (Ok(key), Ok(grant)) => Ok((key, grant)),
        _ => Err(Fault::new(
            Code::InvalidMarker,
            "The marker is not one that ListRetirableGrants gave.",
        )),
    }
}

impl Operation for ListRetirableGrants {
    const ACTION: Action = Action::ListRetirableGrants;
    type Domain = Kms;
    type Target = RetiringPrincipal;
    type Reply = GrantPage;

    fn parameters(&self) -> Parameters {
        parameters([("retiringPrincipal", self.principal.as_str().into())])
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<RetiringPrincipal>, Fault> {
        Ok(Resolved::Found(RetiringPrincipal(self.principal.clone())))
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<GrantPage, Fault> {
        if self.principal.account() != permit.context().caller.account().as_str() {
            let message = format!("{} is not a principal of your account.", self.principal);
            return Err(Fault::new(Code::Validation, message));
        }
        let prefix = RetirableGrant::prefix(&self.principal);
        let after = self
            .after
            .map(|(key, grant)| format!("{prefix}{}", GrantRecord::record_id(&key, &grant)));
        let page = kms.records.page(&prefix, after.as_deref(), self.limit + 1).await?;
        let mut entries: Vec<Stored<RetirableGrant>> = page.into_iter().map(|(_, entry)| entry).collect();
        let more = entries.len() > self.limit;
        entries.truncate(self.limit);
        let marker = |entry: &Stored<RetirableGrant>| GrantRecord::record_id(&entry.key, &entry.grant);
        let next_marker = entries.last().filter(|_| more).map(marker);
        let mut grants = Vec::with_capacity(entries.len());
        for entry in &entries {
            // Grant and entry go in one commit; one that went since the page was read is no row.
            grants.extend(kms.find_grant(&entry.key, &entry.grant).await?);
        }
        Ok(GrantPage { grants, next_marker })
    }
}
