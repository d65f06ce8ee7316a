//! PutParameter: a new parameter, or a new version of one.

use strongroom_base::limits::PARAMETER_DESCRIPTION_LENGTH_MAX;
use strongroom_base::{Action, Arn, Code, Fault, ParameterDataType, ParameterTier, ParameterType, Scope};
use strongroom_gate::{Need, OpContext, Operation, Parameters as Fields, Permit, Protected, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Tags, Values};
use strongroom_store::{StoreFault, Stored};

use crate::conditions::truth;
use crate::data_type;
use crate::draft::Draft;
use crate::key::NamedKey;
use crate::name::ParameterName;
use crate::op::parameters;
use crate::parameters::{Parameters, Tries, too_many_updates};
use crate::pattern::Pattern;
use crate::policies::{self, ParameterPolicy};
use crate::record::{ParameterRecord, StoredValue};
use crate::value::Value;
use crate::write::Writing;
use crate::{constraint, tags};

/// The fields of the request, as a wire has them.
pub struct NewParameter {
    /// The name.
    pub name: String,
    /// The value.
    pub value: Value,
    /// Type; must be there for a new parameter.
    pub kind: Option<String>,
    /// Description; empty takes it away.
    pub description: Option<String>,
    /// KeyId, of a secure parameter; the service's own key when absent.
    pub key_id: Option<String>,
    /// Whether there may be a parameter of this name.
    pub overwrite: bool,
    /// AllowedPattern; empty takes it away.
    pub allowed_pattern: Option<String>,
    /// Keys and values of tags, of a new parameter.
    pub tags: Vec<(String, String)>,
    /// Tier; standard for a new parameter unless said.
    pub tier: Option<String>,
    /// Policies: JSON.
    pub policies: Option<String>,
    /// DataType; text unless said.
    pub data_type: Option<String>,
}

/// The request.
pub struct PutParameter {
    pub(crate) name: ParameterName,
    pub(crate) value: Value,
    pub(crate) kind: Option<ParameterType>,
    pub(crate) description: Option<String>,
    pub(crate) key: Option<NamedKey>,
    pub(crate) overwrite: bool,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) tags: Tags,
    pub(crate) tier: Option<ParameterTier>,
    /// As they were written, and what they say.
    pub(crate) policies: Option<(String, Vec<ParameterPolicy>)>,
    pub(crate) data_type: Option<ParameterDataType>,
}

/// The new version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutVersion {
    /// Its number.
    pub version: u64,
    /// The parameter's tier.
    pub tier: ParameterTier,
}

/// The name that is asked for, with the parameter that has it already.
pub struct PutTarget {
    arn: Arn,
    existing: Option<Stored<ParameterRecord>>,
    needs: Vec<Need>,
}

impl Protected for PutTarget {
    fn needs(&self) -> Vec<Need> {
        self.needs.clone()
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        let existing = self.existing.as_ref();
        existing.map_or(Values::Absent, |existing| existing.answer(key))
    }
}

impl PutParameter {
    /// A new parameter, or a new version of one with `overwrite`.
    ///
    /// # Errors
    /// What AWS refuses of a request by itself; what it refuses for the parameter that there is comes later.
    pub fn new(request: NewParameter, scope: &Scope) -> Result<Self, Fault> {
        let name = ParameterName::parse(&request.name, scope)?;
        let described = request.description.as_ref();
        let length = described.map_or(0, |description| description.chars().count());
        constraint::length("description", length, 0, PARAMETER_DESCRIPTION_LENGTH_MAX)?;
        let written = request.policies;
        let policies = written.map(|text| policies::parse(&text).map(|policies| (text, policies)));
        let parsed = Self {
            name,
            kind: request.kind.as_deref().map(parse_type).transpose()?,
            key: request.key_id.map(|key| NamedKey::parse(&key, scope)).transpose()?,
            pattern: request.allowed_pattern.map(Pattern::parse).transpose()?,
            tags: tags::parse(request.tags)?,
            tier: request.tier.as_deref().map(parse_tier).transpose()?,
            policies: policies.transpose()?,
            data_type: request.data_type.as_deref().map(data_type::parse).transpose()?,
            value: request.value,
            description: request.description,
            overwrite: request.overwrite,
        };
        if parsed.overwrite && !parsed.tags.is_empty() {
            return Err(Fault::new(
                Code::Validation,
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove \
                 overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
                 RemoveTagsFromResource.",
            ));
        }
        Ok(parsed)
    }

    /// The value as it will be stored.
    async fn store(
        &self,
        domain: &Parameters,
        context: &OpContext,
        arn: &Arn,
        draft: &Draft,
    ) -> Result<StoredValue, Fault> {
        match &draft.key {
            Some(key) => domain.seal(context, key, (arn, draft.tier), &self.value).await,
            None => Ok(StoredValue::Plain(self.value.to_plain())),
        }
    }

    async fn create(self, domain: &Parameters, context: &OpContext, arn: &Arn) -> Result<PutVersion, Fault> {
        let tiers = domain.counted().await?;
        let now = domain.clock.now();
        let draft = Draft::of(&self, None, now, tiers.is_full())?;
        let place = tiers.take(draft.tier)?;
        let writing = Writing {
            name: &self.name,
            by: context.caller.arn(),
            now,
            value: self.store(domain, context, arn, &draft).await?,
            draft: &draft,
        };
        match domain.creation(&writing, self.tags.clone()).commit().await {
            Ok(_) => place.keep(),
            // Somebody else was faster with the name.
            Err(StoreFault::Conflict { .. }) if self.overwrite => return Err(too_many_updates()),
            Err(StoreFault::Conflict { .. }) => return Err(already_exists()),
            Err(fault) => return Err(fault.into()),
        }
        Ok(PutVersion {
            version: 1,
            tier: draft.tier,
        })
    }

    async fn add(
        self,
        domain: &Parameters,
        context: &OpContext,
        arn: &Arn,
        existing: Stored<ParameterRecord>,
    ) -> Result<PutVersion, Fault> {
        if !self.overwrite {
            return Err(already_exists());
        }
        let tiers = domain.counted().await?;
        let mut tries = Tries::new(existing);
        loop {
            let (before, now) = (&tries.parameter, domain.clock.now());
            let draft = Draft::of(&self, Some(before), now, false)?;
            let left = before.tier;
            let place = (draft.tier != left).then(|| tiers.take(draft.tier)).transpose()?;
            // A version that may not be added should not cost a use of the key.
            domain.labels_of_full(before).await?;
            let writing = Writing {
                name: &self.name,
                by: context.caller.arn(),
                now,
                value: self.store(domain, context, arn, &draft).await?,
                draft: &draft,
            };
            let (change, version) = domain.addition(before, &writing).await?;
            if tries.settle(domain, change.commit().await).await?.is_some() {
                if let Some(place) = place {
                    place.keep();
                    tiers.give_back(left);
                }
                let tier = draft.tier;
                return Ok(PutVersion { version, tier });
            }
        }
    }
}

fn already_exists() -> Fault {
    Fault::new(
        Code::ParameterAlreadyExists,
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    )
}

fn parse_type(text: &str) -> Result<ParameterType, Fault> {
    let rule = "Member must satisfy enum value set: [SecureString, StringList, String]";
    text.parse().map_err(|_| constraint::broken("type", rule))
}

fn parse_tier(text: &str) -> Result<ParameterTier, Fault> {
    let rule = "Member must satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]";
    text.parse().map_err(|_| constraint::broken("tier", rule))
}

impl Operation for PutParameter {
    const ACTION: Action = Action::PutParameter;
    type Domain = Parameters;
    type Target = PutTarget;
    type Reply = PutVersion;

    fn parameters(&self) -> Fields {
        let tag_keys = self.tags.pairs().map(|(key, _)| key);
        parameters([
            ("name", self.name.as_str().into()),
            ("type", self.kind.map(ParameterType::as_str).into()),
            ("description", self.description.as_deref().into()),
            ("keyId", self.key.as_ref().map(|key| key.text.as_str()).into()),
            ("overwrite", self.overwrite.into()),
            ("allowedPattern", self.pattern.as_ref().map(Pattern::as_str).into()),
            ("tier", self.tier.map(ParameterTier::as_str).into()),
            ("policies", self.policies.as_ref().map(|(text, _)| text.as_str()).into()),
            ("dataType", self.data_type.map(ParameterDataType::as_str).into()),
            (
                "tagKeys",
                if self.tags.is_empty() {
                    None
                } else {
                    Some(Vec::from_iter(tag_keys))
                }
                .into(),
            ),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::ParameterOverwrite) => truth(self.overwrite),
            Some(KeyName::ParameterPolicies) => Values::maybe(self.policies.as_ref().map(|(text, _)| text.as_str())),
            Some(_) | None => self.tags.answer(key),
        }
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<PutTarget>, Fault> {
        let arn = self.name.arn(domain.scope());
        let tagging = (!self.tags.is_empty()).then_some(Action::AddTagsToResource);
        let actions = std::iter::once(Self::ACTION).chain(tagging);
        Ok(Resolved::Found(PutTarget {
            existing: domain.find(&self.name).await?,
            needs: actions.map(|action| Need::on(action, arn.clone())).collect(),
            arn,
        }))
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<PutVersion, Fault> {
        let context = permit.context().clone();
        let PutTarget { arn, existing, .. } = permit.into_target();
        match existing {
            Some(existing) => self.add(domain, &context, &arn, existing).await,
            None => self.create(domain, &context, &arn).await,
        }
    }

    fn response(reply: &PutVersion) -> Fields {
        parameters([("version", reply.version.into()), ("tier", reply.tier.as_str().into())])
    }
}
