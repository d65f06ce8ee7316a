//! ListTagsForResource: the tags of a parameter.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Resolved};
use strongroom_policy::Tags;

use crate::name::ParameterName;
use crate::op::{no_resource, parameters, tagged};
use crate::parameters::Parameters;
use crate::target::ParameterTarget;

/// The request.
pub struct ListTagsForResource {
    name: ParameterName,
}

impl ListTagsForResource {
    /// The tags of a parameter. The resource type is `Parameter`.
    ///
    /// # Errors
    /// InvalidResourceType and InvalidResourceId as their names say.
    pub fn new(resource_type: &str, resource_id: &str) -> Result<Self, Fault> {
        Ok(Self {
            name: tagged(resource_type, resource_id)?,
        })
    }
}

impl Operation for ListTagsForResource {
    const ACTION: Action = Action::ListTagsForResource;
    type Domain = Parameters;
    type Target = ParameterTarget;
    type Reply = Tags;

    fn parameters(&self) -> Fields {
        parameters([
            ("resourceType", "Parameter".into()),
            ("resourceId", self.name.as_str().into()),
        ])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ParameterTarget>, Fault> {
        let missing = || no_resource(self.name.as_str());
        ParameterTarget::resolve_or(domain, &self.name, Self::ACTION, missing).await
    }

    async fn perform(self, permit: Permit<Self>, _: &Parameters) -> Result<Tags, Fault> {
        Ok(permit.into_target().record.tags.clone())
    }
}
