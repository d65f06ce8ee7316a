//! [`Staging`]: which version has which staging label, and how labels move.
//!
//! A map from label to version: that a label is on at most one version needs no check. Once a secret has a version,
//! AWSCURRENT is on one; `staging/tests.rs` shows that no sequence of moves breaks this.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{STAGING_LABELS_PER_SECRET_MAX, STAGING_LABELS_PER_VERSION_MAX};
use strongroom_base::{Code, Fault};

use crate::label::StagingLabel;
use crate::version_id::VersionId;

/// The staging labels of one secret.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Staging(BTreeMap<StagingLabel, VersionId>);

impl Staging {
    /// The version that has this label.
    #[must_use]
    pub fn holder(&self, label: &StagingLabel) -> Option<&VersionId> {
        self.0.get(label)
    }

    /// The labels of one version, sorted; none for a deprecated one.
    #[must_use]
    pub fn labels(&self, version: &VersionId) -> Vec<StagingLabel> {
        self.0
            .iter()
            .filter(|(_, holder)| *holder == version)
            .map(|(label, _)| label.clone())
            .collect()
    }

    /// The versions that have labels, with them.
    #[must_use]
    pub fn versions(&self) -> BTreeMap<VersionId, Vec<StagingLabel>> {
        let mut versions: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (label, version) in &self.0 {
            versions.entry(version.clone()).or_default().push(label.clone());
        }
        versions
    }

    /// The labels that are elsewhere than `before`, or on no version any more. AWSCURRENT and AWSPREVIOUS are left out: they
    /// move when the value changes, which has an event of its own.
    pub(crate) fn moved_since(&self, before: &Self) -> Vec<StagingLabel> {
        let own = [StagingLabel::current(), StagingLabel::previous()];
        let all: BTreeSet<&StagingLabel> = self.0.keys().chain(before.0.keys()).collect();
        all.into_iter()
            .filter(|label| !own.contains(label) && self.holder(label) != before.holder(label))
            .cloned()
            .collect()
    }

    /// Puts `labels` on a new version, from wherever they are. A first version gets AWSCURRENT too; a version that
    /// loses AWSCURRENT gets AWSPREVIOUS.
    ///
    /// # Errors
    /// LimitExceededException when the version or the secret would have too many.
    pub fn attach(&self, version: &VersionId, labels: &BTreeSet<StagingLabel>) -> Result<Self, Fault> {
        let (mut after, current) = (self.clone(), StagingLabel::current());
        let first = self.holder(&current).is_none().then(|| current.clone());
        for label in labels.iter().cloned().chain(first) {
            after.0.insert(label, version.clone());
        }
        after.follow(self).checked()
    }

    /// Moves or removes a label as UpdateSecretVersionStage does: `from` must have it if any version has it, unless it
    /// stays where it is.
    ///
    /// # Errors
    /// InvalidParameterException when `from` is not given or wrong, or AWSCURRENT would be on no version;
    /// LimitExceededException when `to` would have too many.
    pub fn relocate(
        &self,
        label: &StagingLabel,
        from: Option<&VersionId>,
        to: Option<&VersionId>,
    ) -> Result<Self, Fault> {
        let holder = self.holder(label);
        match from {
            Some(from) if holder != Some(from) => return Err(not_there(label, from)),
            None if holder != to => holder.map_or(Ok(()), |holder| Err(from_missing(label, holder)))?,
            Some(_) | None => {}
        }
        let mut after = self.clone();
        match to {
            Some(to) => after.0.insert(label.clone(), to.clone()),
            None if *label == StagingLabel::current() => return Err(current_must_stay()),
            None => after.0.remove(label),
        };
        after.follow(self).checked()
    }

    /// AWSPREVIOUS follows AWSCURRENT: it goes to the version that AWSCURRENT was `before`, if that is another one now.
    fn follow(mut self, before: &Self) -> Self {
        let current = StagingLabel::current();
        if let Some(left) = before.holder(&current)
            && self.holder(&current) != Some(left)
        {
            self.0.insert(StagingLabel::previous(), left.clone());
        }
        self
    }

    fn checked(self) -> Result<Self, Fault> {
        let mut counts: BTreeMap<&VersionId, usize> = BTreeMap::new();
        self.0
            .values()
            .for_each(|version| *counts.entry(version).or_default() += 1);
        if counts.values().any(|count| *count > STAGING_LABELS_PER_VERSION_MAX) {
            return Err(too_many("one version", STAGING_LABELS_PER_VERSION_MAX));
        }
        if self.0.len() > STAGING_LABELS_PER_SECRET_MAX {
            return Err(too_many(
                "all versions of one secret together",
                STAGING_LABELS_PER_SECRET_MAX,
            ));
        }
        Ok(self)
    }
}

fn too_many(on: &str, limit: usize) -> Fault {
    Fault::new(
        Code::LimitExceeded,
        format!("You can attach at most {limit} staging labels to {on}."),
    )
}

fn not_there(label: &StagingLabel, from: &VersionId) -> Fault {
    Fault::new(
        Code::InvalidParameter,
        format!("Version stage {label} not found in version {from}"),
    )
}

fn from_missing(label: &StagingLabel, holder: &VersionId) -> Fault {
    Fault::new(
        Code::InvalidParameter,
        format!(
            "The parameter RemoveFromVersionId can't be empty. Staging label {label} is currently attached to version \
             {holder}, so you must explicitly reference that version in RemoveFromVersionId."
        ),
    )
}

fn current_must_stay() -> Fault {
    Fault::new(
        Code::InvalidParameter,
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
    )
}

#[cfg(test)]
mod tests;
