//! RevokeGrant: those who look after a key take a grant away. The next request cannot use it.

use strongroom_base::{Action, Fault, GrantId, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::grant::{not_found, parse_id};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct RevokeGrant {
    key: KeyId,
    grant: GrantId,
}

impl RevokeGrant {
    /// The end of a grant on `key`.
    ///
    /// # Errors
    /// ValidationException or InvalidGrantIdException for what is no grant id.
    pub fn new(key: KeyId, grant_id: &str) -> Result<Self, Fault> {
        Ok(Self {
            key,
            grant: parse_id(grant_id)?,
        })
    }
}

impl Operation for RevokeGrant {
    const ACTION: Action = Action::RevokeGrant;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("grantId", self.grant.to_string().into()),
        ])
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

    async fn check(&self, _target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        let grant = kms.find_grant(&self.key, &self.grant).await?;
        grant.map(drop).ok_or_else(|| not_found(self.grant))
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        kms.remove_grant(permit.target(), &self.grant).await
    }
}
