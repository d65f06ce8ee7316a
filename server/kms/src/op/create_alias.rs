//! CreateAlias: a name for a key.

use strongroom_base::limits::{ALIASES_PER_KEY_MAX, CONFLICT_TRIES_MAX};
use strongroom_base::{Action, Arn, Code, Fault, KeyId, Timestamp};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved, Resource};
use strongroom_policy::{ConditionKey, Values};
use strongroom_store::{StoreFault, Stored};

use crate::alias::AliasRecord;
use crate::key::KeyRecord;
use crate::key_reference::{AliasName, KeyReference};
use crate::kms::{Kms, contended};
use crate::op::parameters;
use crate::target::{KeyTarget, absent};

/// The request.
pub struct CreateAlias {
    alias: AliasName,
    key: KeyId,
}

/// An alias and keys, each with its own permission.
pub struct AliasTarget {
    pub(crate) alias: Option<Stored<AliasRecord>>,
    pub(crate) keys: Vec<KeyTarget>,
    pub(crate) need: Need,
}

impl Protected for AliasTarget {
    fn needs(&self) -> Vec<Need> {
        std::iter::once(self.need.clone())
            .chain(self.keys.iter().flat_map(Protected::needs))
            .collect()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        let is_meant = |target: &&KeyTarget| matches!(&need.resource, Resource::Named(arn) if *arn == target.arn);
        let target = self.keys.iter().find(is_meant);
        target.map_or(Values::Absent, |target| target.answer(need, key))
    }
}

impl CreateAlias {
    /// A new alias for `key`.
    ///
    /// # Errors
    /// InvalidAliasNameException for names that belong to keys managed by services.
    pub fn new(alias: AliasName, key: KeyId) -> Result<Self, Fault> {
        check_not_reserved(&alias)?;
        Ok(Self { alias, key })
    }

    fn record(&self, now: Timestamp) -> AliasRecord {
        AliasRecord {
            name: self.alias.clone(),
            target: self.key,
            created: now,
            updated: now,
        }
    }
}

impl Operation for CreateAlias {
    const ACTION: Action = Action::CreateAlias;
    type Domain = Kms;
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
        Ok(match kms.find_key(&self.key).await? {
            Some(record) => {
                let key = KeyTarget::new(kms, record, Self::ACTION, None);
                Resolved::Found(AliasTarget {
                    alias: None,
                    keys: vec![key],
                    need,
                })
            }
            None => with_need(absent(kms, &KeyReference::Key(self.key), Self::ACTION), need),
        })
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        let target = permit.into_target();
        let key = target
            .keys
            .first()
            .ok_or_else(|| Fault::new(Code::Internal, "The permit names no key."))?;
        let _one_at_a_time = kms.changing(&self.key).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let before = key.as_decided(kms).await?;
            if kms.records.find::<AliasRecord>(self.alias.as_str()).await?.is_some() {
                return Err(exists(kms, &self.alias));
            }
            let after = with_alias(&before, &key.arn, &self.alias)?;
            let change = kms
                .records
                .change()
                .insert(self.alias.as_str(), self.record(kms.clock.now()));
            match change.replace(&self.key.to_string(), &before, after).commit().await {
                Ok(_) => return Ok(()),
                // Of the alias: it exists by now. Of the key: somebody else changed it.
                Err(StoreFault::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&key.arn))
    }
}

fn exists(kms: &Kms, alias: &AliasName) -> Fault {
    let arn = alias.arn(kms.scope());
    Fault::new(
        Code::AlreadyExists,
        format!("An alias with the name {arn} already exists"),
    )
}

/// Names under `alias/aws/` belong to keys that services manage.
pub(crate) fn check_not_reserved(alias: &AliasName) -> Result<(), Fault> {
    if alias.is_reserved() {
        return Err(Fault::new(
            Code::InvalidAliasName,
            "Alias names that begin with alias/aws/ are reserved for keys that services manage.",
        ));
    }
    Ok(())
}

/// The key's record with one alias more.
pub(crate) fn with_alias(key: &KeyRecord, arn: &Arn, alias: &AliasName) -> Result<KeyRecord, Fault> {
    key.changeable(arn)?;
    if key.aliases.len() >= ALIASES_PER_KEY_MAX {
        return Err(Fault::new(
            Code::LimitExceeded,
            format!("The key has {ALIASES_PER_KEY_MAX} aliases, which is the limit."),
        ));
    }
    let mut after = key.clone();
    after.aliases.insert(alias.clone());
    Ok(after)
}

/// The key's record with one alias less.
pub(crate) fn without_alias(key: &KeyRecord, alias: &AliasName) -> KeyRecord {
    let mut after = key.clone();
    after.aliases.remove(alias);
    after
}

/// An absent key whose operation needs a permission on an alias too.
pub(crate) fn with_need<T>(resolved: Resolved<T>, need: Need) -> Resolved<T> {
    match resolved {
        Resolved::Absent { needs, fault } => Resolved::Absent {
            needs: std::iter::once(need).chain(needs).collect(),
            fault,
        },
        found @ Resolved::Found(_) => found,
    }
}
