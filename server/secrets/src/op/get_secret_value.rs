//! GetSecretValue: the value of one version, by id, by label, or the current one.

use strongroom_base::{Action, Arn, Code, Fault, Timestamp};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::envelope::Place;
use crate::label::StagingLabel;
use crate::name::SecretName;
use crate::op::parameters;
use crate::record::SecretRecord;
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::SecretTarget;
use crate::value::Value;
use crate::version_id::VersionId;

/// The request.
pub struct GetSecretValue {
    secret: SecretId,
    version: Option<VersionId>,
    stage: Option<StagingLabel>,
}

/// A value.
pub struct SecretVersionValue {
    /// The secret's ARN.
    pub arn: Arn,
    /// The secret's name.
    pub name: SecretName,
    /// The version's id.
    pub version: VersionId,
    /// The value.
    pub value: Value,
    /// The version's labels.
    pub stages: Vec<StagingLabel>,
    /// When the version was made.
    pub created: Timestamp,
}

impl GetSecretValue {
    /// A request for the version with this id, with this label, or labelled AWSCURRENT.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for ids and labels that break AWS's rules.
    pub fn new(secret: &str, version: Option<&str>, stage: Option<&str>) -> Result<Self, Fault> {
        let version = version
            .map(|version| VersionId::parse("versionId", version))
            .transpose()?;
        Ok(Self {
            secret: SecretId::parse(secret)?,
            version,
            stage: stage.map(str::parse).transpose()?,
        })
    }

    /// The current version of a secret.
    pub(crate) fn current(secret: SecretId) -> Self {
        Self {
            secret,
            version: None,
            stage: None,
        }
    }

    fn choose(&self, secret: &SecretRecord) -> Result<VersionId, Fault> {
        let current = StagingLabel::current();
        let (version, stage) = match (&self.version, &self.stage) {
            (Some(version), None) => return Ok(version.clone()),
            (version, stage) => (version, stage.as_ref().unwrap_or(&current)),
        };
        match (secret.staging.holder(stage), version) {
            (Some(holder), Some(version)) if holder != version => Err(disagreement()),
            (Some(holder), _) => Ok(holder.clone()),
            (None, Some(_)) => Err(disagreement()),
            (None, None) => Err(no_value(&format!("staging label: {stage}"))),
        }
    }
}

fn disagreement() -> Fault {
    Fault::new(
        Code::InvalidRequest,
        "You provided a VersionStage that is not associated to the provided VersionId.",
    )
}

fn no_value(of: &str) -> Fault {
    Fault::new(
        Code::ResourceNotFound,
        format!("Secrets Manager can't find the specified secret value for {of}"),
    )
}

impl Operation for GetSecretValue {
    const ACTION: Action = Action::GetSecretValue;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = SecretVersionValue;

    fn parameters(&self) -> Parameters {
        parameters([
            ("secretId", self.secret.to_string().into()),
            ("versionId", self.version.as_ref().map(VersionId::as_str).into()),
            ("versionStage", self.stage.as_ref().map(StagingLabel::as_str).into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match (key.name(), &self.version, &self.stage) {
            (Some(KeyName::SecretVersionId), Some(version), _) => Values::one(version.as_str()),
            (Some(KeyName::SecretVersionStage), _, Some(stage)) => Values::one(stage.as_str()),
            // What is read when neither is said.
            (Some(KeyName::SecretVersionStage), None, None) => Values::one(StagingLabel::CURRENT),
            _ => Values::Absent,
        }
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<SecretVersionValue, Fault> {
        let SecretTarget {
            arn, record: secret, ..
        } = permit.target();
        secret.live()?;
        let version = self.choose(secret)?;
        let records = (
            secrets.version(secret.uid, &version).await?,
            secrets.value(secret.uid, &version).await?,
        );
        let (Some(metadata), Some(sealed)) = records else {
            return Err(no_value(&format!("VersionId: {version}")));
        };
        let place = Place { arn, version: &version };
        let value = secrets.open(permit.context(), &place, &sealed).await?;
        secrets.note_access(secret).await;
        let stages = secret.staging.labels(&version);
        Ok(SecretVersionValue {
            arn: arn.clone(),
            name: secret.name.clone(),
            version,
            value,
            stages,
            created: metadata.created,
        })
    }
}
