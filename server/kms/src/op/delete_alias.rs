//! DeleteAlias: the name goes, the key stays.

use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};

use crate::alias::AliasRecord;
use crate::key_reference::{AliasName, KeyReference};
use crate::kms::Kms;
use crate::op::create_alias::{AliasTarget, check_not_reserved, without_alias};
use crate::op::parameters;
use crate::target::{KeyTarget, absent};

/// The request.
pub struct DeleteAlias {
    alias: AliasName,
}

impl DeleteAlias {
    /// Deletes `alias`.
    ///
    /// # Errors
    /// InvalidAliasNameException for names that belong to keys managed by services.
    pub fn new(alias: AliasName) -> Result<Self, Fault> {
        check_not_reserved(&alias)?;
        Ok(Self { alias })
    }
}

impl Operation for DeleteAlias {
    const ACTION: Action = Action::DeleteAlias;
    type Domain = Kms;
    type Target = AliasTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([("aliasName", self.alias.as_str().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<AliasTarget>, Fault> {
        let Some(alias) = kms.records.find::<AliasRecord>(self.alias.as_str()).await? else {
            return Ok(absent(kms, &KeyReference::Alias(self.alias.clone()), Self::ACTION));
        };
        let key = kms.find_key(&alias.target).await?;
        // A refusal names the alias, not the key that it points at.
        let arn = self.alias.arn(kms.scope());
        let keys = key
            .map(|record| KeyTarget::new(kms, record, Self::ACTION, Some(arn.clone())))
            .into_iter()
            .collect();
        let need = Need::on(Self::ACTION, arn);
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
        let mut change = kms.records.change().delete(alias.name.as_str(), &alias);
        for key in &target.keys {
            let after = without_alias(&key.record, &alias.name);
            change = change.replace(&key.record.id.to_string(), &key.record, after);
        }
        change.commit().await?;
        Ok(())
    }
}
