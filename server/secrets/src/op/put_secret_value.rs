//! PutSecretValue: a new version, and the labels that move to it.

use std::collections::BTreeSet;

use strongroom_base::{Action, Arn, Code, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::addition::{NewVersion, token_in_use};
use crate::envelope::Place;
use crate::label::StagingLabel;
use crate::name::SecretName;
use crate::op::parameters;
use crate::record::SecretRecord;
use crate::secret_id::SecretId;
use crate::secrets::{Secrets, Tries};
use crate::target::SecretTarget;
use crate::value::Value;
use crate::vault::SealedValue;
use crate::version_id::VersionId;

/// The request.
pub struct PutSecretValue {
    secret: SecretId,
    version: VersionId,
    value: Value,
    labels: BTreeSet<StagingLabel>,
}

/// The new version, or the one that the same request has made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PutVersion {
    /// The secret's ARN.
    pub arn: Arn,
    /// The secret's name.
    pub name: SecretName,
    /// The version's id.
    pub version: VersionId,
    /// The version's labels.
    pub stages: Vec<StagingLabel>,
}

impl PutSecretValue {
    /// A new version of `secret`; without labels it gets AWSCURRENT.
    ///
    /// # Errors
    /// InvalidRequestException without a value; ValidationException and InvalidParameterException for fields that break
    /// AWS's rules.
    pub fn new(secret: &str, token: Option<&str>, value: Option<Value>, labels: &[String]) -> Result<Self, Fault> {
        let missing = || {
            Fault::new(
                Code::InvalidRequest,
                "You must provide either SecretString or SecretBinary.",
            )
        };
        Ok(Self {
            secret: SecretId::parse(secret)?,
            version: VersionId::of_token(token)?,
            value: value.ok_or_else(missing)?,
            labels: match labels {
                [] => BTreeSet::from([StagingLabel::current()]),
                labels => StagingLabel::parse_all(labels)?,
            },
        })
    }

    fn reply(self, arn: &Arn, secret: &SecretRecord) -> PutVersion {
        let stages = secret.staging.labels(&self.version);
        PutVersion {
            arn: arn.clone(),
            name: secret.name.clone(),
            version: self.version,
            stages,
        }
    }
}

impl Operation for PutSecretValue {
    const ACTION: Action = Action::PutSecretValue;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = PutVersion;

    fn parameters(&self) -> Parameters {
        parameters([
            ("secretId", self.secret.to_string().into()),
            ("clientRequestToken", self.version.as_str().into()),
            ("versionStages", self.labels.iter().map(StagingLabel::as_str).collect()),
        ])
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<PutVersion, Fault> {
        let context = permit.context().clone();
        let SecretTarget { arn, record, .. } = permit.into_target();
        let mut tries = Tries::new(record);
        let mut last: Option<(Option<Arn>, SealedValue)> = None;
        loop {
            let secret = &tries.secret;
            secret.live()?;
            let place = Place {
                arn: &arn,
                version: &self.version,
            };
            if secrets.version(secret.uid, &self.version).await?.is_some() {
                return if secrets.has_value(&context, secret.uid, &place, &self.value).await? {
                    let secret = tries.secret.clone();
                    Ok(self.reply(&arn, &secret))
                } else {
                    Err(token_in_use(&self.version, &arn))
                };
            }
            // The labels may be refused; that should not cost a use of the key.
            let staging = secret.staging.attach(&self.version, &self.labels)?;
            let sealed = match last.take().filter(|(key, _)| *key == secret.key) {
                Some((_, sealed)) => sealed,
                None => secrets.seal(&context, secret.key.as_ref(), &place, &self.value).await?,
            };
            let after = SecretRecord {
                staging,
                ..SecretRecord::clone(secret)
            };
            let version = NewVersion {
                id: &self.version,
                sealed: &sealed,
            };
            let change = secrets.addition(secret, after.clone(), &version).await?;
            last = Some((secret.key.clone(), sealed));
            if tries.settle(secrets, change.commit().await).await?.is_some() {
                return Ok(self.reply(&arn, &after));
            }
        }
    }

    fn response(reply: &PutVersion) -> Parameters {
        parameters([
            ("arn", reply.arn.as_str().into()),
            ("versionId", reply.version.as_str().into()),
        ])
    }
}
