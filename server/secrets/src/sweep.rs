//! Removal of old versions: a secret keeps its newest hundred and all that have a label, and none goes in its first day.

use std::collections::BTreeMap;
use std::time::Duration;

use strongroom_base::limits::{
    SECRET_VERSION_HOURS_MIN, SECRET_VERSIONS_HARD_MAX, SECRET_VERSIONS_MAX, SECRET_VERSIONS_REMOVED_AT_ONCE_MAX,
    SECRET_WALK_PAGE,
};
use strongroom_base::{Code, Fault, Timestamp};
use strongroom_store::{Change, Stored};

use crate::record::{SecretRecord, SecretUid, VersionRecord};
use crate::secrets::Secrets;
use crate::staging::Staging;

/// Versions that go in the commit that adds one.
pub(crate) struct Sweep {
    pub(crate) doomed: Vec<Stored<VersionRecord>>,
    /// Before this moment there is nothing to remove. A version that loses its last label after its first day may stay
    /// until then, at most a day longer.
    pub(crate) next: Timestamp,
}

impl Secrets {
    /// Chooses what goes when a version is added to `secret`, whose labels will be `staging`.
    ///
    /// # Errors
    /// LimitExceededException when the secret has as many versions as it may, and all are too young or labelled.
    pub(crate) async fn sweep(&self, secret: &SecretRecord, staging: &Staging) -> Result<Sweep, Fault> {
        let now = self.clock.now();
        let surplus = (secret.version_count as usize + 1).saturating_sub(SECRET_VERSIONS_MAX);
        let sweep = if surplus == 0 || now < secret.sweep_after {
            Sweep {
                doomed: Vec::new(),
                next: secret.sweep_after,
            }
        } else {
            let oldest = self.oldest_deprecated(secret.uid, staging).await?;
            choose(oldest, surplus, now)
        };
        if secret.version_count >= SECRET_VERSIONS_HARD_MAX && sweep.doomed.is_empty() {
            return Err(Fault::new(
                Code::LimitExceeded,
                format!(
                    "The secret has {SECRET_VERSIONS_HARD_MAX} versions, which is the limit. Versions without a staging \
                     label can be removed {SECRET_VERSION_HOURS_MIN} hours after they were made."
                ),
            ));
        }
        Ok(sweep)
    }

    /// The oldest versions without a label, one more than one commit removes.
    async fn oldest_deprecated(
        &self,
        secret: SecretUid,
        staging: &Staging,
    ) -> Result<Vec<Stored<VersionRecord>>, Fault> {
        let labelled = staging.versions();
        let mut oldest = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .records
                .page::<VersionRecord>(&secret.prefix(), after.as_deref(), SECRET_WALK_PAGE)
                .await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (_, version) in page {
                if !labelled.contains_key(&version.id) {
                    oldest.insert((version.created, version.id.clone()), version);
                }
                if oldest.len() > SECRET_VERSIONS_REMOVED_AT_ONCE_MAX + 1 {
                    oldest.pop_last();
                }
            }
        }
        Ok(oldest.into_values().collect())
    }

    /// Adds the removal of these versions and their values to a change.
    pub(crate) async fn remove(
        &self,
        mut change: Change,
        secret: SecretUid,
        doomed: &[Stored<VersionRecord>],
    ) -> Result<Change, Fault> {
        for version in doomed {
            let id = secret.version(&version.id);
            change = change.delete(&id, version);
            if let Some(value) = self.value(secret, &version.id).await? {
                change = change.delete(&id, &value);
            }
        }
        Ok(change)
    }
}

fn choose(mut oldest: Vec<Stored<VersionRecord>>, surplus: usize, now: Timestamp) -> Sweep {
    let kept = Duration::from_secs(SECRET_VERSION_HOURS_MIN * 3_600);
    let old_enough = |version: &&Stored<VersionRecord>| version.created.plus(kept) <= now;
    let most = surplus.min(SECRET_VERSIONS_REMOVED_AT_ONCE_MAX);
    let count = oldest.iter().take_while(old_enough).count().min(most);
    let rest = oldest.split_off(count);
    let next = rest.first().map_or(now, |version| version.created).plus(kept);
    Sweep { doomed: oldest, next }
}
