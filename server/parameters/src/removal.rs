//! A parameter goes: its record, its versions, labels and due policies, in one commit.

use strongroom_base::limits::PARAMETER_VERSIONS_MAX;
use strongroom_base::{Fault, Timestamp};
use strongroom_store::{Change, Stored};

use crate::parameters::{Parameters, Tries};
use crate::record::{DueRecord, LabelsRecord, ParameterRecord, ParameterUid, VersionRecord};

impl Parameters {
    /// Removes a parameter, as it is now.
    pub(crate) async fn remove(&self, parameter: Stored<ParameterRecord>) -> Result<(), Fault> {
        let tiers = self.counted().await?;
        let mut tries = Tries::new(parameter);
        loop {
            let change = self.removal(&tries.parameter).await?;
            if tries.settle(self, change.commit().await.map(drop)).await?.is_some() {
                tiers.give_back(tries.parameter.tier);
                return Ok(());
            }
        }
    }

    /// Removes a parameter, unless it has changed.
    pub(crate) async fn remove_unchanged(&self, parameter: Stored<ParameterRecord>) -> Result<(), Fault> {
        let tiers = self.counted().await?;
        self.removal(&parameter).await?.commit().await?;
        tiers.give_back(parameter.tier);
        Ok(())
    }

    async fn removal(&self, parameter: &Stored<ParameterRecord>) -> Result<Change, Fault> {
        let uid = parameter.uid;
        let mut change = self.records.change().delete(&parameter.name.id(), parameter);
        // One more than there can be: a version that is made meanwhile is a conflict on the parameter's record.
        let most = usize::try_from(PARAMETER_VERSIONS_MAX)
            .unwrap_or(usize::MAX)
            .saturating_add(1);
        for (id, version) in self.records.page::<VersionRecord>(&uid.prefix(), None, most).await? {
            change = change.delete(&id, &version);
        }
        if let Some(labels) = self.records.find::<LabelsRecord>(&uid.to_string()).await? {
            change = change.delete(&uid.to_string(), &labels);
        }
        self.without_due(change, uid, parameter.due).await
    }

    /// Takes the record that says when a parameter's policies are due out of the store.
    pub(crate) async fn without_due(
        &self,
        change: Change,
        uid: ParameterUid,
        due: Option<Timestamp>,
    ) -> Result<Change, Fault> {
        let Some(due) = due else { return Ok(change) };
        let id = DueRecord::id(due, uid);
        let found = self.records.find::<DueRecord>(&id).await?;
        Ok(match found {
            Some(found) => change.delete(&id, &found),
            None => change,
        })
    }
}
