//! AddTagsToResource: tags are added to a parameter, or get other values.

use strongroom_base::limits::TAGS_MAX;
use strongroom_base::{Action, Fault};
use strongroom_gate::{Need, Operation, Parameters as Fields, Permit, Resolved};
use strongroom_policy::{ConditionKey, Tags, Values};

use crate::name::ParameterName;
use crate::op::{no_resource, parameters, tagged};
use crate::parameters::Parameters;
use crate::record::ParameterRecord;
use crate::target::ParameterTarget;
use crate::{constraint, tags};

/// The request.
pub struct AddTagsToResource {
    name: ParameterName,
    tags: Tags,
}

impl AddTagsToResource {
    /// Adds 1 to 50 tags to a parameter. The resource type is `Parameter`.
    ///
    /// # Errors
    /// InvalidResourceType, InvalidResourceId, ValidationException and TooManyTagsError as their names say.
    pub fn new(resource_type: &str, resource_id: &str, tags: Vec<(String, String)>) -> Result<Self, Fault> {
        let name = tagged(resource_type, resource_id)?;
        constraint::length("tags", tags.len(), 1, TAGS_MAX.saturating_mul(20))?;
        Ok(Self {
            name,
            tags: tags::parse(tags)?,
        })
    }
}

impl Operation for AddTagsToResource {
    const ACTION: Action = Action::AddTagsToResource;
    type Domain = Parameters;
    type Target = ParameterTarget;
    type Reply = ();

    fn parameters(&self) -> Fields {
        parameters([
            ("resourceType", "Parameter".into()),
            ("resourceId", self.name.as_str().into()),
            ("tagKeys", self.tags.pairs().map(|(key, _)| key).collect()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.tags.answer(key)
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ParameterTarget>, Fault> {
        let missing = || no_resource(self.name.as_str());
        ParameterTarget::resolve_or(domain, &self.name, Self::ACTION, missing).await
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<(), Fault> {
        let tag = |parameter: &ParameterRecord| {
            Ok(ParameterRecord {
                tags: tags::checked(parameter.tags.with(&self.tags))?,
                ..parameter.clone()
            })
        };
        domain.edit(permit.into_target().record, tag).await
    }
}
