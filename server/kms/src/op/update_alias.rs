//! UpdateAlias: the name points at another key.

use strongroom_base::{Action, Code, Fault, KeyId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};

use crate::alias::AliasRecord;
use crate::key_reference::{AliasName, KeyReference};
use crate::kms::Kms;
use crate::op::create_alias::{AliasTarget, check_not_reserved, with_alias, with_need, without_alias};
use crate::op::parameters;
use crate::target::{KeyTarget, absent};

/// The request.
pub struct UpdateAlias {
    alias: AliasName,
    key: KeyId,
}

impl UpdateAlias {
    /// Points `alias` at `key`.
    ///
    /// # Errors
    /// InvalidAliasNameException for names that belong to keys managed by services.
    pub fn new(alias: AliasName, key: KeyId) -> Result<Self, Fault> {
        check_not_reserved(&alias)?;
        Ok(Self { alias, key })
    }

    /// That there is no such alias is told to those alone who may point it at the key.
    fn absent_alias(&self, kms: &Kms, key: Resolved<KeyTarget>) -> Resolved<AliasTarget> {
        let needs_of_key = match key {
            Resolved::Found(key) => key.needs(),
            Resolved::Absent { needs, .. } => needs,
        };
        match absent(kms, &KeyReference::Alias(self.alias.clone()), Self::ACTION) {
            Resolved::Absent { needs, fault } => Resolved::Absent {
                needs: needs.into_iter().chain(needs_of_key).collect(),
                fault,
            },
            found @ Resolved::Found(_) => found,
        }
    }
}

impl Operation for UpdateAlias {
    const ACTION: Action = Action::UpdateAlias;
    type Domain = Kms;
    /// The alias, the key it points at, and the key it shall point at.
    type Target = AliasTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("aliasName", self.alias.as_str().into()),
            ("targetKeyId", self.key.to_string().into()),
        ])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<AliasTarget>, Fault> {
        let need = Need::on(Self::ACTION, self.alias.arn(kms.scope()));
        let alias = kms.records.find::<AliasRecord>(self.alias.as_str()).await?;
        let after = KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await?;
        let Some(alias) = alias else {
            return Ok(self.absent_alias(kms, after));
        };
        let after = match after {
            Resolved::Found(after) => after,
            Resolved::Absent { needs, fault } => return Ok(with_need(Resolved::Absent { needs, fault }, need)),
        };
        let before = kms.find_key(&alias.target).await?;
        // A refusal names the alias, not the key that it points at.
        let named = Some(self.alias.arn(kms.scope()));
        let before = before.map(|record| KeyTarget::new(kms, record, Self::ACTION, named));
        let keys = before.into_iter().chain([after]).collect();
        Ok(Resolved::Found(AliasTarget {
            alias: Some(alias),
            keys,
            need,
        }))
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        let alias = target
            .alias
            .ok_or_else(|| Fault::new(Code::Internal, "The permit names no alias."))?;
        let moved = AliasRecord {
            target: self.key,
            updated: kms.clock.now(),
            ..AliasRecord::clone(&alias)
        };
        let mut change = kms.records.change().replace(alias.name.as_str(), &alias, moved);
        if alias.target == self.key {
            for key in &target.keys {
                key.record.changeable(&key.arn)?;
                change = change.require(&key.record.id.to_string(), &key.record);
            }
        } else {
            check_alike(&target.keys)?;
            for key in &target.keys {
                let after = if key.record.id == self.key {
                    with_alias(&key.record, &key.arn, &alias.name)?
                } else {
                    without_alias(&key.record, &alias.name)
                };
                change = change.replace(&key.record.id.to_string(), &key.record, after);
            }
        }
        change.commit().await?;
        Ok(())
    }
}

/// Whoever uses an alias relies on what the key is for.
fn check_alike(keys: &[KeyTarget]) -> Result<(), Fault> {
    let kind = |key: &KeyTarget| {
        let spec = key.record.spec;
        (spec.is_asymmetric(), spec.mac_algorithm().is_some(), key.record.usage)
    };
    let mut kinds = keys.iter().map(kind);
    let first = kinds.next();
    if kinds.all(|other| Some(other) == first) {
        return Ok(());
    }
    Err(Fault::new(
        Code::Validation,
        "The current and the new KMS key of an alias must be of the same type (both symmetric, both asymmetric or both \
         HMAC) and have the same key usage.",
    ))
}
