//! DescribeSecret: everything about a secret but its values.

use std::collections::BTreeMap;

use strongroom_base::{Action, Arn, Fault, Timestamp};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_policy::Tags;

use crate::label::StagingLabel;
use crate::name::SecretName;
use crate::op::parameters;
use crate::record::SecretRecord;
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::SecretTarget;
use crate::version_id::VersionId;

/// The request.
pub struct DescribeSecret {
    secret: SecretId,
}

/// A secret without its values, for DescribeSecret and ListSecrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretDescription {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: SecretName,
    /// The customer's words.
    pub description: Option<String>,
    /// The key as it was named, as an ARN; absent for the service's own key.
    pub kms_key: Option<Arn>,
    /// When it was made.
    pub created: Timestamp,
    /// When anything about it last changed.
    pub changed: Timestamp,
    /// The day on which a value was last read, at midnight UTC; `None` if never.
    pub accessed: Option<Timestamp>,
    /// When DeleteSecret was called, while it can be restored.
    pub deleted: Option<Timestamp>,
    /// Its tags.
    pub tags: Tags,
    /// The versions that have labels.
    pub version_stages: BTreeMap<VersionId, Vec<StagingLabel>>,
}

impl SecretDescription {
    pub(crate) fn of(record: &SecretRecord, secrets: &Secrets) -> Self {
        Self {
            arn: record.arn(secrets.scope()),
            name: record.name.clone(),
            description: record.description.clone(),
            kms_key: record.key.clone(),
            created: record.created,
            changed: record.changed,
            accessed: secrets.index.last_access(record),
            deleted: record.deletion.map(|deletion| deletion.deleted),
            tags: record.tags.clone(),
            version_stages: record.staging.versions(),
        }
    }
}

impl DescribeSecret {
    /// A description of `secret`.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for a text that names no secret.
    pub fn new(secret: &str) -> Result<Self, Fault> {
        Ok(Self {
            secret: SecretId::parse(secret)?,
        })
    }
}

impl Operation for DescribeSecret {
    const ACTION: Action = Action::DescribeSecret;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = SecretDescription;

    fn parameters(&self) -> Parameters {
        parameters([("secretId", self.secret.to_string().into())])
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<SecretDescription, Fault> {
        secrets.ready_index().await?;
        Ok(SecretDescription::of(&permit.target().record, secrets))
    }
}
