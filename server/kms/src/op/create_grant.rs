//! CreateGrant: a principal may use a key, in some ways, from the next request on.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;
use strongroom_base::{Action, Arn, Fault, GrantId, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, ContextPairs, GrantConstraints, GrantTerms, KeyName, Values};

use crate::grant::{AskedGrant, GrantRecord, GrantToken, NewGrant};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct CreateGrant {
    key: KeyId,
    asked: AskedGrant,
}

/// What CreateGrant answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedGrant {
    /// The grant's id.
    pub id: GrantId,
    /// A token that names the grant. Not secret, and another one with each answer.
    pub token: String,
    key: KeyId,
}

impl CreateGrant {
    /// A grant on `key` as `new` says.
    ///
    /// # Errors
    /// ValidationException for fields that break the model's constraints, InvalidArnException for ARNs that are not those
    /// of principals.
    pub fn new(key: KeyId, new: NewGrant) -> Result<Self, Fault> {
        Ok(Self {
            key,
            asked: AskedGrant::parse(new)?,
        })
    }
}

impl Operation for CreateGrant {
    const ACTION: Action = Action::CreateGrant;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = CreatedGrant;

    fn parameters(&self) -> Parameters {
        let asked = &self.asked;
        let operations = asked.terms.operations.iter().map(|operation| operation.as_str());
        let mut fields = parameters([
            ("keyId", self.key.to_string().into()),
            ("granteePrincipal", asked.grantee.as_str().into()),
            ("operations", operations.collect()),
        ]);
        let optional = [
            (
                "retiringPrincipal",
                asked.retiring.as_ref().map(|arn| arn.as_str().into()),
            ),
            ("name", asked.name.as_deref().map(Value::from)),
            ("constraints", constraints(&asked.terms.constraints)),
        ];
        let given = |(name, value): (&str, Option<Value>)| Some((name.to_owned(), value?));
        fields.extend(optional.into_iter().filter_map(given));
        fields
    }

    /// That of the constraints, as AWS has it: so a policy says for which contexts somebody may make grants.
    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        self.asked.terms.constraints.encryption_context()
    }

    fn grant_asked_for(&self) -> Option<&GrantTerms> {
        Some(&self.asked.terms)
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        let terms = &self.asked.terms;
        match key.name() {
            Some(KeyName::GrantConstraintType) => Values::maybe(constraint_type(&terms.constraints)),
            // Services of AWS would make grants for their resources; there are none here.
            Some(KeyName::GrantIsForAwsResource) => Values::one(false),
            Some(KeyName::GrantOperations) => Values::many(terms.operations.iter().map(|operation| operation.as_str())),
            Some(KeyName::GranteePrincipal) => Values::one(self.asked.grantee.as_str()),
            Some(KeyName::RetiringPrincipal) => Values::maybe(self.asked.retiring.as_ref().map(Arn::as_str)),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn check(&self, target: &KeyTarget, kms: &Kms) -> Result<(), Fault> {
        target.usable()?;
        self.asked.check(target.record.spec, target.record.usage)?;
        kms.check_room_for_grant(&target.record).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<CreatedGrant, Fault> {
        let caller = Arc::clone(&permit.context().caller);
        let target = permit.into_target();
        target.usable()?;
        self.asked.check(target.record.spec, target.record.usage)?;
        let AskedGrant {
            grantee,
            retiring,
            name,
            terms,
        } = self.asked;
        let new = GrantRecord {
            id: GrantId::random()?,
            key: self.key,
            created: kms.clock.now(),
            name,
            grantee,
            retiring,
            issuing_account: caller.account().clone(),
            terms,
        };
        let (id, key) = (kms.add_grant(&target, caller.arn(), &new).await?, self.key);
        let token = GrantToken { key, grant: id }.issue(&kms.sealer)?;
        Ok(CreatedGrant { id, token, key })
    }

    fn response(reply: &CreatedGrant) -> Parameters {
        parameters([
            ("grantId", reply.id.to_string().into()),
            ("keyId", reply.key.to_string().into()),
        ])
    }
}

/// `kms:GrantConstraintType` has one value; a grant with both constraints is as strict as the stricter one.
fn constraint_type(constraints: &GrantConstraints) -> Option<&'static str> {
    if constraints.encryption_context_equals.is_some() {
        Some("EncryptionContextEquals")
    } else if constraints.encryption_context_subset.is_some() {
        Some("EncryptionContextSubset")
    } else {
        None
    }
}

/// The constraints as CloudTrail shows them.
fn constraints(constraints: &GrantConstraints) -> Option<Value> {
    let pairs = |pairs: &ContextPairs| {
        pairs
            .iter()
            .map(|(key, value)| (key.clone(), value.as_str().into()))
            .collect()
    };
    let named = [
        ("encryptionContextEquals", &constraints.encryption_context_equals),
        ("encryptionContextSubset", &constraints.encryption_context_subset),
    ];
    let given = named.into_iter().filter_map(|(name, given)| {
        let shown = Value::Object(pairs(given.as_ref()?));
        Some((name.to_owned(), shown))
    });
    let shown: BTreeMap<String, Value> = given.collect();
    (!shown.is_empty()).then(|| Value::Object(shown.into_iter().collect()))
}
