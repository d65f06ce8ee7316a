//! A secret gets another key: the versions that are in use are sealed anew, each under a new data key.

use strongroom_base::{Arn, Code, Fault};
use strongroom_gate::OpContext;
use strongroom_store::Change;

use crate::envelope::Place;
use crate::label::StagingLabel;
use crate::record::{SecretRecord, VersionRecord};
use crate::secrets::Secrets;
use crate::version_id::VersionId;

impl Secrets {
    /// Adds the versions labelled AWSCURRENT, AWSPENDING and AWSPREVIOUS in `after`, sealed under its key, to a change.
    /// As AWS does it: a caller who may not use the new key changes it for new versions only.
    ///
    /// # Errors
    /// What opening and sealing answer; nothing is changed then.
    pub(crate) async fn re_encrypt(
        &self,
        context: &OpContext,
        mut change: Change,
        after: &SecretRecord,
    ) -> Result<Change, Fault> {
        let arn = after.arn(self.scope());
        for id in in_use(after) {
            let place = Place { arn: &arn, version: id };
            // The version that the same change adds has no record yet, and is sealed under the new key already.
            let (Some(version), Some(record)) = (self.version(after.uid, id).await?, self.value(after.uid, id).await?)
            else {
                continue;
            };
            let value = self.open(context, &place, &record).await?;
            let sealed = match self.seal(context, after.key.as_ref(), &place, &value).await {
                Err(fault) if fault.code() == Code::AccessDenied => return Ok(change),
                sealed => sealed?,
            };
            let (key, managed) = (sealed.key, sealed.managed);
            let resealed = VersionRecord {
                key,
                managed,
                ..VersionRecord::clone(&version)
            };
            let id = after.uid.version(id);
            change = change
                .replace(&id, &version, resealed)
                .replace(&id, &record, sealed.record);
        }
        Ok(change)
    }

    /// Tells a caller that a new key cannot be used although there is nothing to encrypt under it yet. One who may not
    /// use it may still name it.
    pub(crate) async fn check_new_key(&self, context: &OpContext, key: &Arn, secret: &Arn) -> Result<(), Fault> {
        match self.try_key(context, key, secret).await {
            Err(fault) if fault.code() == Code::AccessDenied => Ok(()),
            tried => tried,
        }
    }
}

fn in_use(secret: &SecretRecord) -> Vec<&VersionId> {
    let labels = [
        StagingLabel::current(),
        StagingLabel::pending(),
        StagingLabel::previous(),
    ];
    let mut versions: Vec<_> = labels.iter().filter_map(|label| secret.staging.holder(label)).collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}
