//! ListKeyPolicies: the names of a key's policies, of which there is one.

use strongroom_base::limits::LIST_KEY_POLICIES_LIMIT_DEFAULT;
use strongroom_base::{Action, Code, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key_policy::POLICY_NAME;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::{page_size, parameters};
use crate::target::KeyTarget;

/// The request.
pub struct ListKeyPolicies {
    key: KeyId,
}

impl ListKeyPolicies {
    /// A page of 1 to 1,000 names (100 unless said otherwise). There is but one, and so no second page.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for any marker: none was given.
    pub fn new(key: KeyId, limit: Option<usize>, marker: Option<&str>) -> Result<Self, Fault> {
        page_size(limit, LIST_KEY_POLICIES_LIMIT_DEFAULT)?;
        match marker {
            None => Ok(Self { key }),
            Some(_) => Err(Fault::new(
                Code::InvalidMarker,
                "The marker is not one that ListKeyPolicies gave.",
            )),
        }
    }
}

impl Operation for ListKeyPolicies {
    const ACTION: Action = Action::ListKeyPolicies;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = [&'static str; 1];

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, _permit: Permit<Self>, _kms: &Kms) -> Result<[&'static str; 1], Fault> {
        Ok([POLICY_NAME])
    }
}
