//! RemoveTagsFromResource: tags of a parameter are removed; one that is not there is no fault.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Need, Operation, Parameters as Fields, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::name::ParameterName;
use crate::op::{no_resource, parameters, tagged};
use crate::parameters::Parameters;
use crate::record::ParameterRecord;
use crate::tags;
use crate::target::ParameterTarget;

/// The request.
pub struct RemoveTagsFromResource {
    name: ParameterName,
    keys: Vec<String>,
}

impl RemoveTagsFromResource {
    /// Removes the tags with these 1 to 50 keys from a parameter. The resource type is `Parameter`.
    ///
    /// # Errors
    /// InvalidResourceType, InvalidResourceId and ValidationException as their names say.
    pub fn new(resource_type: &str, resource_id: &str, keys: Vec<String>) -> Result<Self, Fault> {
        Ok(Self {
            name: tagged(resource_type, resource_id)?,
            keys: tags::parse_keys(keys)?,
        })
    }
}

impl Operation for RemoveTagsFromResource {
    const ACTION: Action = Action::RemoveTagsFromResource;
    type Domain = Parameters;
    type Target = ParameterTarget;
    type Reply = ();

    fn parameters(&self) -> Fields {
        parameters([
            ("resourceType", "Parameter".into()),
            ("resourceId", self.name.as_str().into()),
            ("tagKeys", self.keys.iter().map(String::as_str).collect()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::TagKeys) => Values::many(self.keys.iter().map(String::as_str)),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ParameterTarget>, Fault> {
        let missing = || no_resource(self.name.as_str());
        ParameterTarget::resolve_or(domain, &self.name, Self::ACTION, missing).await
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<(), Fault> {
        let untag = |parameter: &ParameterRecord| {
            Ok(ParameterRecord {
                tags: parameter.tags.without(&self.keys),
                ..parameter.clone()
            })
        };
        domain.edit(permit.into_target().record, untag).await
    }
}
