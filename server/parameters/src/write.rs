//! How a version is written: two records, and of what it supersedes the oldest version, in one commit.

use strongroom_base::limits::PARAMETER_VERSIONS_MAX;
use strongroom_base::{Arn, Code, Fault, Timestamp};
use strongroom_policy::Tags;
use strongroom_store::{Change, Stored};

use crate::draft::Draft;
use crate::name::ParameterName;
use crate::parameters::Parameters;
use crate::policies;
use crate::record::{DueRecord, LabelsRecord, ParameterRecord, ParameterUid, StoredValue, VersionRecord};

/// What a new version says beside the draft.
pub(crate) struct Writing<'w> {
    pub(crate) name: &'w ParameterName,
    pub(crate) by: &'w Arn,
    pub(crate) now: Timestamp,
    pub(crate) draft: &'w Draft,
    pub(crate) value: StoredValue,
}

impl Writing<'_> {
    fn version(&self, number: u64) -> VersionRecord {
        let draft = self.draft;
        VersionRecord {
            number,
            modified: self.now,
            modified_by: self.by.clone(),
            description: draft.description.clone(),
            allowed_pattern: draft.allowed_pattern.clone(),
            data_type: draft.data_type,
            tier: draft.tier,
            key: draft.key.as_ref().map(|key| key.text.clone()),
            policies: draft.policies.clone(),
            value: self.value.clone(),
        }
    }

    fn record(&self, uid: ParameterUid, (oldest, version): (u64, u64), tags: Tags) -> ParameterRecord {
        let draft = self.draft;
        ParameterRecord {
            uid,
            name: self.name.clone(),
            kind: draft.kind,
            data_type: draft.data_type,
            tier: draft.tier,
            description: draft.description.clone(),
            allowed_pattern: draft.allowed_pattern.clone(),
            key: draft.key.as_ref().map(|key| key.text.clone()),
            policies: draft.policies.clone(),
            tags,
            version,
            oldest,
            modified: self.now,
            modified_by: self.by.clone(),
            due: policies::next_due(&draft.policies, self.now),
        }
    }
}

impl Parameters {
    /// The change that makes a parameter.
    pub(crate) fn creation(&self, writing: &Writing<'_>, tags: Tags) -> Change {
        let uid = ParameterUid::random();
        let record = writing.record(uid, (1, 1), tags);
        let change = with_due(self.records.change(), &record);
        change
            .insert(&writing.name.id(), record)
            .insert(&uid.version(1), writing.version(1))
            .insert(&uid.to_string(), LabelsRecord::default())
    }

    /// The labels of a parameter with as many versions as it may have, whose oldest has none and can go with the next.
    ///
    /// # Errors
    /// ParameterMaxVersionLimitExceeded when the oldest version has a label.
    pub(crate) async fn labels_of_full(&self, before: &ParameterRecord) -> Result<Option<Stored<LabelsRecord>>, Fault> {
        if before.version.saturating_sub(before.oldest).saturating_add(1) < PARAMETER_VERSIONS_MAX {
            return Ok(None);
        }
        let labels = self.labels(before.uid, &before.name).await?;
        if labels.0.values().any(|holder| *holder == before.oldest) {
            return Err(oldest_is_labelled(before));
        }
        Ok(Some(labels))
    }

    /// The change that adds a version to a parameter, and its number.
    ///
    /// # Errors
    /// ParameterMaxVersionLimitExceeded when the oldest version would have to go and has a label.
    pub(crate) async fn addition(
        &self,
        before: &Stored<ParameterRecord>,
        writing: &Writing<'_>,
    ) -> Result<(Change, u64), Fault> {
        let (uid, number) = (before.uid, before.version.saturating_add(1));
        let mut change = self.records.change();
        let mut oldest = before.oldest;
        if let Some(labels) = self.labels_of_full(before).await? {
            // Required as they are: a label that is put on the version meanwhile keeps it.
            change = change.require(&uid.to_string(), &labels);
            let id = uid.version(oldest);
            if let Some(version) = self.records.find::<VersionRecord>(&id).await? {
                change = change.delete(&id, &version);
            }
            oldest = oldest.saturating_add(1);
        }
        let record = ParameterRecord {
            name: before.name.clone(),
            ..writing.record(uid, (oldest, number), before.tags.clone())
        };
        if record.due != before.due {
            change = self.without_due(change, uid, before.due).await?;
            change = with_due(change, &record);
        }
        let change = change.replace(&before.name.id(), before, record);
        Ok((change.insert(&uid.version(number), writing.version(number)), number))
    }
}

/// Says when a parameter's policies are due.
pub(crate) fn with_due(change: Change, parameter: &ParameterRecord) -> Change {
    let Some(due) = parameter.due else { return change };
    let record = DueRecord {
        uid: parameter.uid,
        name: parameter.name.clone(),
        due,
    };
    change.insert(&DueRecord::id(due, parameter.uid), record)
}

/// AWS's words.
fn oldest_is_labelled(parameter: &ParameterRecord) -> Fault {
    let (name, oldest) = (&parameter.name, parameter.oldest);
    Fault::new(
        Code::ParameterMaxVersionLimitExceeded,
        format!(
            "You attempted to create a new version of {name} by calling the PutParameter API with the overwrite flag. Version \
             {oldest}, the oldest version, can't be deleted because it has a label associated with it. Move the label to \
             another version of the parameter, and try again."
        ),
    )
}
