//! UpdateSecretVersionStage: a label moves from one version to another, or is removed.

use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::label::StagingLabel;
use crate::op::{NamedSecret, parameters};
use crate::record::{SecretRecord, SecretUid};
use crate::secret_id::SecretId;
use crate::secrets::{Secrets, Tries};
use crate::target::SecretTarget;
use crate::version_id::VersionId;

/// The request.
pub struct UpdateSecretVersionStage {
    secret: SecretId,
    stage: StagingLabel,
    from: Option<VersionId>,
    to: Option<VersionId>,
}

impl UpdateSecretVersionStage {
    /// Moves `stage` to the version `to`, or removes it without one; `from` is the version that has it.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules, and when neither version is
    /// given.
    pub fn new(secret: &str, stage: &str, from: Option<&str>, to: Option<&str>) -> Result<Self, Fault> {
        let secret = SecretId::parse(secret)?;
        let from = from
            .map(|version| VersionId::parse("removeFromVersionId", version))
            .transpose()?;
        let to = to
            .map(|version| VersionId::parse("moveToVersionId", version))
            .transpose()?;
        if from.is_none() && to.is_none() {
            return Err(Fault::new(
                Code::InvalidParameter,
                "You must specify RemoveFromVersionId, MoveToVersionId or both.",
            ));
        }
        Ok(Self {
            secret,
            stage: stage.parse()?,
            from,
            to,
        })
    }

    /// Both versions must exist. Neither can be removed before the labels have moved: the secret's record would have
    /// changed, and this is tried again.
    async fn check_versions(&self, secrets: &Secrets, secret: SecretUid) -> Result<(), Fault> {
        for version in [&self.from, &self.to].into_iter().flatten() {
            if secrets.version(secret, version).await?.is_none() {
                return Err(Fault::new(
                    Code::InvalidParameter,
                    format!("Not a valid version: {version}"),
                ));
            }
        }
        Ok(())
    }
}

impl Operation for UpdateSecretVersionStage {
    const ACTION: Action = Action::UpdateSecretVersionStage;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = NamedSecret;

    fn parameters(&self) -> Parameters {
        parameters([
            ("secretId", self.secret.to_string().into()),
            ("versionStage", self.stage.as_str().into()),
            ("removeFromVersionId", self.from.as_ref().map(VersionId::as_str).into()),
            ("moveToVersionId", self.to.as_ref().map(VersionId::as_str).into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::SecretVersionStage) => Values::one(self.stage.as_str()),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<NamedSecret, Fault> {
        let target = permit.into_target();
        let reply = NamedSecret::of(&target);
        let mut tries = Tries::new(target.record);
        loop {
            let secret = &tries.secret;
            secret.live()?;
            self.check_versions(secrets, secret.uid).await?;
            let staging = secret
                .staging
                .relocate(&self.stage, self.from.as_ref(), self.to.as_ref())?;
            let change = secrets.change(
                secret,
                SecretRecord {
                    staging,
                    ..SecretRecord::clone(secret)
                },
            );
            if tries.settle(secrets, change.commit().await).await?.is_some() {
                return Ok(reply);
            }
        }
    }
}
