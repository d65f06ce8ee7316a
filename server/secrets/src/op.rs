//! The operations of the secrets service, one file each.

mod batch_get_secret_value;
mod create_secret;
mod delete_resource_policy;
mod delete_secret;
mod describe_secret;
mod end_secret_version_delete;
mod get_random_password;
mod get_resource_policy;
mod get_secret_value;
mod list_secret_version_ids;
mod list_secrets;
mod put_resource_policy;
mod put_secret_value;
mod restore_secret;
mod tag_resource;
mod untag_resource;
mod update_secret;
mod update_secret_version_stage;
mod validate_resource_policy;

pub use batch_get_secret_value::{BatchFailure, BatchGetSecretValue, BatchOfValues};
pub use create_secret::{CreateSecret, CreateTarget, CreatedSecret, NewSecret};
pub use delete_resource_policy::DeleteResourcePolicy;
pub use delete_secret::{DeleteSecret, DeleteTarget, DeletedSecret};
pub use describe_secret::{DescribeSecret, SecretDescription};
pub use end_secret_version_delete::{DueSecret, DueTarget, EndSecretVersionDelete};
pub use get_random_password::{GetRandomPassword, PasswordRules};
pub use get_resource_policy::{GetResourcePolicy, SecretPolicy};
pub use get_secret_value::{GetSecretValue, SecretVersionValue};
pub use list_secret_version_ids::{ListSecretVersionIds, VersionPage, VersionRow};
pub use list_secrets::{ListSecrets, SecretPage};
pub use put_resource_policy::{PutResourcePolicy, PutResourcePolicyTarget};
pub use put_secret_value::{PutSecretValue, PutVersion};
pub use restore_secret::RestoreSecret;
pub use tag_resource::TagResource;
pub use untag_resource::UntagResource;
pub use update_secret::{SecretUpdate, UpdateSecret, UpdatedSecret};
pub use update_secret_version_stage::UpdateSecretVersionStage;
pub use validate_resource_policy::{FailedCheck, ValidateResourcePolicy, ValidateResourcePolicyTarget};

use serde_json::Value;
use strongroom_base::limits::SECRET_DESCRIPTION_LENGTH_MAX;
use strongroom_base::{Arn, Fault};
use strongroom_gate::Parameters;
use strongroom_policy::Tags;

use crate::constraint;
use crate::name::SecretName;
use crate::target::SecretTarget;

/// The secret that an operation was about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSecret {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: SecretName,
}

impl NamedSecret {
    fn of(target: &SecretTarget) -> Self {
        Self {
            arn: target.arn.clone(),
            name: target.record.name.clone(),
        }
    }
}

/// Audit fields by name; those without a value are left out.
fn parameters<const N: usize>(fields: [(&str, Value); N]) -> Parameters {
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The keys of tags, for the audit record: the values of fifty could be longer than a record may be.
fn tag_keys(tags: &Tags) -> Value {
    if tags.is_empty() {
        Value::Null
    } else {
        tags.pairs().map(|(key, _)| key).collect()
    }
}

/// A description, `None` if it is empty.
fn parse_description(description: Option<String>) -> Result<Option<String>, Fault> {
    let length = description
        .as_ref()
        .map_or(0, |description| description.chars().count());
    constraint::length("description", length, 0, SECRET_DESCRIPTION_LENGTH_MAX)?;
    Ok(description.filter(|description| !description.is_empty()))
}
