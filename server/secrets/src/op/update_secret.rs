//! UpdateSecret: description, key and value; what is not given stays.

use std::collections::BTreeSet;

use strongroom_base::{Action, Arn, Fault, Scope};
use strongroom_gate::{Need, OpContext, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};
use strongroom_store::{Change, Stored};

use crate::addition::{NewVersion, token_in_use};
use crate::conditions::NamedKey;
use crate::envelope::Place;
use crate::label::StagingLabel;
use crate::name::SecretName;
use crate::op::{parameters, parse_description};
use crate::record::SecretRecord;
use crate::secret_id::SecretId;
use crate::secrets::{Secrets, Tries};
use crate::target::SecretTarget;
use crate::value::Value;
use crate::version_id::VersionId;

/// The fields of the request, as a wire has them.
#[derive(Default)]
pub struct SecretUpdate {
    /// Name, ARN or partial ARN.
    pub secret_id: String,
    /// ClientRequestToken; of use with a value only.
    pub client_request_token: Option<String>,
    /// Description; empty removes it.
    pub description: Option<String>,
    /// KmsKeyId; empty goes back to the service's own key.
    pub kms_key_id: Option<String>,
    /// SecretString or SecretBinary.
    pub value: Option<Value>,
}

/// The request.
pub struct UpdateSecret {
    secret: SecretId,
    version: VersionId,
    /// `Some(None)` removes it.
    description: Option<Option<String>>,
    /// `Some(None)` goes back to the service's own key.
    key: Option<Option<NamedKey>>,
    value: Option<Value>,
}

/// The secret as it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdatedSecret {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: SecretName,
    /// The id of the new version; absent without a value.
    pub version: Option<VersionId>,
}

impl UpdateSecret {
    /// A change of a secret.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules.
    pub fn new(request: SecretUpdate, scope: &Scope) -> Result<Self, Fault> {
        Ok(Self {
            secret: SecretId::parse(&request.secret_id)?,
            version: VersionId::of_token(request.client_request_token.as_deref())?,
            description: request
                .description
                .map(|text| parse_description(Some(text)))
                .transpose()?,
            key: request.kms_key_id.map(|key| NamedKey::parse(&key, scope)).transpose()?,
            value: request.value,
        })
    }

    /// The change to try, with all that must be encrypted for it.
    async fn prepare(
        &self,
        context: &OpContext,
        secrets: &Secrets,
        before: &Stored<SecretRecord>,
    ) -> Result<Change, Fault> {
        before.live()?;
        let mut after = SecretRecord::clone(before);
        if let Some(description) = &self.description {
            after.description.clone_from(description);
        }
        if let Some(key) = &self.key {
            after.key = secrets.stored_key(key.as_ref().map(|key| &key.reference)).await?;
        }
        let change = match &self.value {
            Some(value) => self.add(context, secrets, before, &mut after, value).await?,
            None => secrets.change(before, after.clone()),
        };
        if self.key.is_none() {
            return Ok(change);
        }
        if before.version_count == 0
            && self.value.is_none()
            && let Some(key) = &after.key
        {
            secrets.check_new_key(context, key, &after.arn(secrets.scope())).await?;
        }
        secrets.re_encrypt(context, change, &after).await
    }

    async fn add(
        &self,
        context: &OpContext,
        secrets: &Secrets,
        before: &Stored<SecretRecord>,
        after: &mut SecretRecord,
        value: &Value,
    ) -> Result<Change, Fault> {
        let arn = after.arn(secrets.scope());
        // Even with the same value: UpdateSecret never answers for a version that exists.
        if secrets.version(before.uid, &self.version).await?.is_some() {
            return Err(token_in_use(&self.version, &arn));
        }
        after.staging = after
            .staging
            .attach(&self.version, &BTreeSet::from([StagingLabel::current()]))?;
        let place = Place {
            arn: &arn,
            version: &self.version,
        };
        let sealed = secrets.seal(context, after.key.as_ref(), &place, value).await?;
        secrets
            .addition(
                before,
                after.clone(),
                &NewVersion {
                    id: &self.version,
                    sealed: &sealed,
                },
            )
            .await
    }
}

impl Operation for UpdateSecret {
    const ACTION: Action = Action::UpdateSecret;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = UpdatedSecret;

    fn parameters(&self) -> Parameters {
        let key = |key: &Option<NamedKey>| key.as_ref().map(|key| key.reference.to_string()).unwrap_or_default();
        parameters([
            ("secretId", self.secret.to_string().into()),
            (
                "clientRequestToken",
                self.value.as_ref().map(|_| self.version.as_str()).into(),
            ),
            (
                "description",
                self.description.clone().map(Option::unwrap_or_default).into(),
            ),
            ("kmsKeyId", self.key.as_ref().map(key).into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::SecretDescription) => {
                Values::maybe(self.description.iter().flatten().next().map(String::as_str))
            }
            Some(_) | None => {
                let named = self.key.iter().flatten().next();
                named.map_or(Values::Absent, |named| named.answer(key))
            }
        }
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<UpdatedSecret, Fault> {
        let context = permit.context().clone();
        let SecretTarget { arn, record, .. } = permit.into_target();
        let name = record.name.clone();
        let mut tries = Tries::new(record);
        loop {
            let change = self.prepare(&context, secrets, &tries.secret).await?;
            if tries.settle(secrets, change.commit().await).await?.is_some() {
                return Ok(UpdatedSecret {
                    arn,
                    name,
                    version: self.value.map(|_| self.version),
                });
            }
        }
    }

    fn response(reply: &UpdatedSecret) -> Parameters {
        parameters([
            ("arn", reply.arn.as_str().into()),
            ("versionId", reply.version.as_ref().map(VersionId::as_str).into()),
        ])
    }
}
