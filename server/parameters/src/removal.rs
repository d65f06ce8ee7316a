//! A parameter goes: its record, its versions, labels and due policies, in one commit.

use strongroom_base::limits::PARAMETER_VERSIONS_MAX;
use strongroom_base::{Code, Fault, Timestamp};
use strongroom_store::{Change, Stored};

use crate::parameters::{Parameters, Tries, not_found};
use crate::record::{DueRecord, LabelsRecord, ParameterRecord, ParameterUid, VersionRecord};

impl Parameters {
    /// Removes a parameter, as it is now.
    ///
    /// # Errors
    /// ParameterNotFound when another request removed it first.
    pub(crate) async fn remove(&self, parameter: Stored<ParameterRecord>) -> Result<(), Fault> {
        let tiers = self.counted().await?;
        let mut tries = Tries::new(parameter);
        loop {
            let change = self.removal(&tries.parameter).await?;
            match tries.settle(self, change.commit().await.map(drop)).await {
                Ok(None) => {}
                Ok(Some(())) => {
                    tiers.give_back(tries.parameter.tier);
                    return Ok(());
                }
                Err(fault) if fault.code() == Code::TooManyUpdates => {
                    let is_left = self.is_left(&tries.parameter).await?;
                    return Err(if is_left {
                        fault
                    } else {
                        not_found(tries.parameter.name.as_str())
                    });
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Whether nobody else has removed a parameter meanwhile.
    async fn is_left(&self, parameter: &ParameterRecord) -> Result<bool, Fault> {
        let found = self.find(&parameter.name).await?;
        Ok(found.is_some_and(|found| found.uid == parameter.uid))
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
