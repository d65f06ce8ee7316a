//! The operations of the parameter store, one file each.

mod add_tags_to_resource;
mod delete_parameter;
mod delete_parameters;
mod describe_parameters;
mod enforce_parameter_policies;
mod get_parameter;
mod get_parameter_history;
mod get_parameters;
mod get_parameters_by_path;
mod label_parameter_version;
mod list_tags_for_resource;
mod put_parameter;
mod remove_tags_from_resource;
mod unlabel_parameter_version;

pub use add_tags_to_resource::AddTagsToResource;
pub use delete_parameter::DeleteParameter;
pub use delete_parameters::{DeleteParameters, DeletedParameters};
pub use describe_parameters::{DescribeParameters, ParameterDescription, ParameterPage};
pub use enforce_parameter_policies::{DueParameter, EnforceParameterPolicies, PolicyAction};
pub use get_parameter::GetParameter;
pub use get_parameter_history::{GetParameterHistory, HistoryPage, HistoryRow};
pub use get_parameters::{GetParameters, ManyValues};
pub use get_parameters_by_path::{GetParametersByPath, PathRequest, ValuePage};
pub use label_parameter_version::{LabelParameterVersion, LabelledVersion};
pub use list_tags_for_resource::ListTagsForResource;
pub use put_parameter::{NewParameter, PutParameter, PutTarget, PutVersion};
pub use remove_tags_from_resource::RemoveTagsFromResource;
pub use unlabel_parameter_version::{UnlabelParameterVersion, UnlabelledVersion};

use serde_json::Value;
use strongroom_base::{Code, Fault};
use strongroom_gate::Parameters;

use crate::name::ParameterName;

/// Audit fields by name; those without a value are left out.
fn parameters<const N: usize>(fields: [(&str, Value); N]) -> Parameters {
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The parameter whose tags a request is about.
///
/// # Errors
/// InvalidResourceType for anything but a parameter, InvalidResourceId for what can be the name of none.
fn tagged(resource_type: &str, resource_id: &str) -> Result<ParameterName, Fault> {
    if resource_type != "Parameter" {
        return Err(Fault::new(
            Code::InvalidResourceType,
            format!("The resource type {resource_type} isn't valid. This service has resources of the type Parameter."),
        ));
    }
    ParameterName::of_any(resource_id).map_err(|_| no_resource(resource_id))
}

fn no_resource(resource_id: &str) -> Fault {
    Fault::new(
        Code::InvalidResourceId,
        format!("The resource ID {resource_id} isn't valid. Verify that you entered the correct ID and try again."),
    )
}
