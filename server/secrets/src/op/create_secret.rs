//! CreateSecret: a name gets a secret, and the secret its first version if there is a value.

use std::collections::BTreeSet;

use strongroom_base::{Action, Arn, Code, Fault, Scope};
use strongroom_gate::{Need, OpContext, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Tags, Values};
use strongroom_store::Stored;

use crate::addition::{NewVersion, token_in_use};
use crate::conditions::NamedKey;
use crate::envelope::Place;
use crate::label::StagingLabel;
use crate::name::{ArnSuffix, SecretName};
use crate::op::{parameters, parse_description, tag_keys};
use crate::record::{SecretRecord, SecretUid};
use crate::secrets::Secrets;
use crate::staging::Staging;
use crate::tags;
use crate::value::Value;
use crate::version_id::VersionId;

/// The fields of the request, as a wire has them.
#[derive(Default)]
pub struct NewSecret {
    /// The name.
    pub name: String,
    /// ClientRequestToken.
    pub client_request_token: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// KmsKeyId: key id, key ARN, alias or alias ARN; the service's own key when absent or empty.
    pub kms_key_id: Option<String>,
    /// SecretString or SecretBinary.
    pub value: Option<Value>,
    /// Keys and values of tags.
    pub tags: Vec<(String, String)>,
}

/// The request.
pub struct CreateSecret {
    name: SecretName,
    suffix: ArnSuffix,
    version: VersionId,
    description: Option<String>,
    key: Option<NamedKey>,
    value: Option<Value>,
    tags: Tags,
}

/// The new secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedSecret {
    /// Its ARN.
    pub arn: Arn,
    /// Its name.
    pub name: SecretName,
    /// The id of its first version; absent without a value.
    pub version: Option<VersionId>,
}

/// The name that is asked for, with the secret that has it already.
pub struct CreateTarget {
    arn: Arn,
    existing: Option<Stored<SecretRecord>>,
    needs: Vec<Need>,
}

impl Protected for CreateTarget {
    fn needs(&self) -> Vec<Need> {
        self.needs.clone()
    }

    /// A name that is free has no tags yet, and one that is taken answers as if it were free.
    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::SecretId) => Values::one(self.arn.as_str()),
            Some(_) | None => Values::Absent,
        }
    }
}

impl CreateSecret {
    /// A new secret. The random end of its ARN is chosen here, so that the decision is about the ARN that it will have.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules; ServiceUnavailableException
    /// when the system has no random numbers.
    pub fn new(request: NewSecret, scope: &Scope) -> Result<Self, Fault> {
        Ok(Self {
            name: request.name.parse()?,
            suffix: ArnSuffix::random()?,
            version: VersionId::of_token(request.client_request_token.as_deref())?,
            description: parse_description(request.description)?,
            key: NamedKey::parse(request.kms_key_id.as_deref().unwrap_or_default(), scope)?,
            value: request.value,
            tags: tags::parse(request.tags)?,
        })
    }

    async fn create(self, context: &OpContext, secrets: &Secrets, arn: Arn) -> Result<CreatedSecret, Fault> {
        let key = secrets.stored_key(self.key.as_ref().map(|key| &key.reference)).await?;
        let place = Place {
            arn: &arn,
            version: &self.version,
        };
        let sealed = match (&self.value, &key) {
            (Some(value), _) => Some(secrets.seal(context, key.as_ref(), &place, value).await?),
            (None, Some(key)) => secrets.try_key(context, key, &arn).await.map(|()| None)?,
            (None, None) => None,
        };
        let version = sealed.as_ref().map(|sealed| NewVersion {
            id: &self.version,
            sealed,
        });
        let (now, uid) = (secrets.clock.now(), SecretUid::random());
        let labels = BTreeSet::from([StagingLabel::current()]);
        let staging = match version {
            Some(_) => Staging::default().attach(&self.version, &labels)?,
            None => Staging::default(),
        };
        let record = SecretRecord {
            uid,
            name: self.name.clone(),
            suffix: self.suffix,
            created: now,
            changed: now,
            description: self.description,
            key,
            tags: self.tags,
            policy: None,
            deletion: None,
            staging,
            version_count: version.iter().len().try_into().unwrap_or_default(),
            sweep_after: now,
        };
        let change = secrets.records.change().insert(self.name.as_str(), record);
        version
            .iter()
            .fold(change, |change, version| version.insert(secrets, change, uid))
            .commit()
            .await?;
        secrets.reindex(self.name.as_str()).await;
        let version = self.value.map(|_| self.version);
        Ok(CreatedSecret {
            arn,
            name: self.name,
            version,
        })
    }

    /// The same request again is answered as the first time. Any other finds the name taken.
    async fn repeat(
        self,
        context: &OpContext,
        secrets: &Secrets,
        existing: &SecretRecord,
        arn: Arn,
    ) -> Result<CreatedSecret, Fault> {
        if existing.deletion.is_some() {
            return Err(Fault::new(
                Code::InvalidRequest,
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            ));
        }
        let known = secrets.version(existing.uid, &self.version).await?;
        let (Some(_), Some(value)) = (known, &self.value) else {
            return Err(Fault::new(
                Code::ResourceExists,
                format!("The operation failed because the secret {} already exists.", self.name),
            ));
        };
        let place = Place {
            arn: &arn,
            version: &self.version,
        };
        if !secrets.has_value(context, existing.uid, &place, value).await? {
            return Err(token_in_use(&self.version, &arn));
        }
        Ok(CreatedSecret {
            arn,
            name: self.name,
            version: Some(self.version),
        })
    }
}

impl Operation for CreateSecret {
    const ACTION: Action = Action::CreateSecret;
    type Domain = Secrets;
    type Target = CreateTarget;
    type Reply = CreatedSecret;

    fn parameters(&self) -> Parameters {
        parameters([
            ("name", self.name.as_str().into()),
            ("clientRequestToken", self.version.as_str().into()),
            ("description", self.description.as_deref().into()),
            (
                "kmsKeyId",
                self.key.as_ref().map(|key| key.reference.to_string()).into(),
            ),
            ("tagKeys", tag_keys(&self.tags)),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::SecretName) => Values::one(self.name.as_str()),
            Some(KeyName::SecretDescription) => Values::maybe(self.description.as_deref()),
            Some(KeyName::SecretKmsKeyArn | KeyName::SecretKmsKeyId) => {
                let named = self.key.as_ref();
                named.map_or(Values::Absent, |named| named.answer(key))
            }
            Some(_) | None => self.tags.answer(key),
        }
    }

    /// Whether the name is taken or free, the refusal of a caller names the same thing.
    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<CreateTarget>, Fault> {
        let existing = secrets.records.find::<SecretRecord>(self.name.as_str()).await?;
        let suffix = existing.as_ref().map_or(&self.suffix, |existing| &existing.suffix);
        let arn = self.name.arn_with(suffix, secrets.scope());
        let tagging = (!self.tags.is_empty()).then_some(Action::TagSecret);
        let need = |action| Need::on(action, arn.clone()).named(self.name.arn(secrets.scope()));
        let needs = std::iter::once(Self::ACTION).chain(tagging).map(need).collect();
        Ok(Resolved::Found(CreateTarget { arn, existing, needs }))
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<CreatedSecret, Fault> {
        let context = permit.context().clone();
        let CreateTarget { arn, existing, .. } = permit.into_target();
        match existing {
            Some(existing) => self.repeat(&context, secrets, &existing, arn).await,
            // A secret that got the name since then is a conflict: the caller's next try is decided on its ARN.
            None => self.create(&context, secrets, arn).await,
        }
    }

    fn response(reply: &CreatedSecret) -> Parameters {
        parameters([
            ("arn", reply.arn.as_str().into()),
            ("versionId", reply.version.as_ref().map(VersionId::as_str).into()),
        ])
    }
}
