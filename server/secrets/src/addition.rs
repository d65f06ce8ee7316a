//! A version is added: its record, its value, the labels that move and the versions that go, in one commit.

use strongroom_base::{Arn, Code, Fault};
use strongroom_gate::OpContext;
use strongroom_store::{Change, Stored};

use crate::envelope::Place;
use crate::record::{SecretRecord, SecretUid, VersionRecord};
use crate::secrets::Secrets;
use crate::value::Value;
use crate::vault::SealedValue;
use crate::version_id::VersionId;

/// A sealed value that is to become a version.
pub(crate) struct NewVersion<'v> {
    pub(crate) id: &'v VersionId,
    pub(crate) sealed: &'v SealedValue,
}

impl NewVersion<'_> {
    /// Adds the version's two records to a change.
    pub(crate) fn insert(&self, secrets: &Secrets, change: Change, secret: SecretUid) -> Change {
        let SealedValue { key, managed, record } = self.sealed.clone();
        let version = VersionRecord {
            id: self.id.clone(),
            created: secrets.clock.now(),
            key,
            managed,
        };
        let id = secret.version(self.id);
        change.insert(&id, version).insert(&id, record)
    }
}

impl Secrets {
    /// The change that puts `after` in the place of `before` and adds a version to it. The labels in `after` have moved
    /// already.
    pub(crate) async fn addition(
        &self,
        before: &Stored<SecretRecord>,
        after: SecretRecord,
        version: &NewVersion<'_>,
    ) -> Result<Change, Fault> {
        let sweep = self.sweep(before, &after.staging).await?;
        let removed = u32::try_from(sweep.doomed.len()).unwrap_or(u32::MAX);
        let version_count = before.version_count.saturating_sub(removed).saturating_add(1);
        let after = SecretRecord {
            version_count,
            sweep_after: sweep.next,
            ..after
        };
        let change = self
            .remove(self.change(before, after), before.uid, &sweep.doomed)
            .await?;
        Ok(version.insert(self, change, before.uid))
    }

    /// Whether the version `id`, which exists, has this value.
    pub(crate) async fn has_value(
        &self,
        context: &OpContext,
        secret: SecretUid,
        place: &Place<'_>,
        value: &Value,
    ) -> Result<bool, Fault> {
        let Some(record) = self.value(secret, place.version).await? else {
            return Ok(false);
        };
        // Another kind is another value, and one that needs no key to tell.
        Ok(record.kind == value.kind() && self.open(context, place, &record).await?.is_same(value))
    }
}

/// AWS's words for a token whose version has another value.
pub(crate) fn token_in_use(token: &VersionId, arn: &Arn) -> Fault {
    Fault::new(
        Code::ResourceExists,
        format!(
            "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."
        ),
    )
}
