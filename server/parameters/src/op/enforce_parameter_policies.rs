//! EnforceParameterPolicies, by the service itself: what a parameter's policies say is done when its time has come.

use strongroom_base::limits::PARAMETERS_DUE_AT_ONCE_MAX;
use strongroom_base::{Action, Arn, Fault, Timestamp};
use strongroom_gate::{Need, Operation, Parameters as Fields, Permit, Protected, Resolved};
use strongroom_store::Stored;

use crate::name::ParameterName;
use crate::op::parameters;
use crate::parameters::{Parameters, not_found};
use crate::policies::{self, ParameterPolicy, PolicyKind, PolicyStatus};
use crate::record::{DueRecord, ParameterRecord, ParameterUid};
use crate::write::with_due;

/// A parameter whose policies are to be looked at now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueParameter {
    uid: ParameterUid,
    name: ParameterName,
}

impl DueParameter {
    /// The parameter's name.
    #[must_use]
    pub fn name(&self) -> &ParameterName {
        &self.name
    }
}

/// The request; only the service itself makes it.
pub struct EnforceParameterPolicies {
    /// The parameter.
    pub due: DueParameter,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyAction {
    /// The parameter has expired and is gone.
    Expired,
    /// The time of these policies has come, of which somebody should hear.
    Notified(Vec<ParameterPolicy>),
}

/// The parameter.
pub struct EnforceTarget {
    arn: Arn,
    record: Stored<ParameterRecord>,
}

impl Protected for EnforceTarget {
    fn needs(&self) -> Vec<Need> {
        vec![Need::on(Action::EnforceParameterPolicies, self.arn.clone())]
    }
}

impl Parameters {
    /// The parameters whose policies are due, the longest overdue first. Nothing is because somebody set the clock forward:
    /// see [`Clock::due`](strongroom_base::Clock::due). A record that cannot be read holds up no other.
    ///
    /// # Errors
    /// What the store answers.
    pub async fn due_for_policies(&self) -> Result<Vec<DueParameter>, Fault> {
        let now = self.clock.due();
        let (mut due, mut after) = (Vec::new(), None::<String>);
        loop {
            let page = self
                .records
                .page_of_each::<DueRecord>("", after.as_deref(), PARAMETERS_DUE_AT_ONCE_MAX);
            let page = page.await?;
            let Some((last, _)) = page.last() else { return Ok(due) };
            after = Some(last.clone());
            for (id, row) in page {
                match row {
                    Ok(record) if record.due > now => return Ok(due),
                    Ok(record) => due.push(DueParameter {
                        uid: record.uid,
                        name: record.name.clone(),
                    }),
                    Err(fault) => {
                        tracing::warn!(due = id, %fault, "what says that a parameter's policies are due cannot be read");
                    }
                }
                if due.len() >= PARAMETERS_DUE_AT_ONCE_MAX {
                    return Ok(due);
                }
            }
        }
    }

    async fn notify(&self, before: &Stored<ParameterRecord>, due: &[ParameterPolicy]) -> Result<(), Fault> {
        let finish = |policy: &ParameterPolicy| ParameterPolicy {
            status: if due.contains(policy) {
                PolicyStatus::Finished
            } else {
                policy.status
            },
            ..policy.clone()
        };
        let policies = Vec::from_iter(before.policies.iter().map(finish));
        let after = ParameterRecord {
            due: policies::next_due(&policies, before.modified),
            policies,
            ..ParameterRecord::clone(before)
        };
        let mut change = self.records.change();
        if after.due != before.due {
            change = self.without_due(change, before.uid, before.due).await?;
            change = with_due(change, &after);
        }
        change.replace(&before.name.id(), before, after).commit().await?;
        Ok(())
    }
}

fn is_due(parameter: &ParameterRecord, policy: &ParameterPolicy, now: Timestamp) -> bool {
    let due = policy.due(policies::expires(&parameter.policies), parameter.modified);
    due.is_some_and(|due| due <= now)
}

impl Operation for EnforceParameterPolicies {
    const ACTION: Action = Action::EnforceParameterPolicies;
    type Domain = Parameters;
    type Target = EnforceTarget;
    type Reply = PolicyAction;

    fn parameters(&self) -> Fields {
        parameters([("name", self.due.name.as_str().into())])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<EnforceTarget>, Fault> {
        let arn = self.due.name.arn(domain.scope());
        let record = domain.find(&self.due.name).await?;
        Ok(match record.filter(|record| record.uid == self.due.uid) {
            Some(record) => Resolved::Found(EnforceTarget { arn, record }),
            None => Resolved::Absent {
                needs: vec![Need::on(Self::ACTION, arn)],
                fault: not_found(self.due.name.as_str()),
            },
        })
    }

    /// A parameter that is changed meanwhile is a conflict, and looked at again with the next run.
    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<PolicyAction, Fault> {
        let record = permit.into_target().record;
        let now = domain.clock.due();
        let due = Vec::from_iter(
            record
                .policies
                .iter()
                .filter(|policy| is_due(&record, policy, now))
                .cloned(),
        );
        if due
            .iter()
            .any(|policy| matches!(policy.kind, PolicyKind::Expiration { .. }))
        {
            domain.remove_unchanged(record).await?;
            return Ok(PolicyAction::Expired);
        }
        domain.notify(&record, &due).await?;
        Ok(PolicyAction::Notified(due))
    }

    fn response(reply: &PolicyAction) -> Fields {
        let types = match reply {
            PolicyAction::Expired => vec!["Expiration"],
            PolicyAction::Notified(policies) => policies.iter().map(|policy| policy.kind.name()).collect(),
        };
        parameters([("policyTypes", types.into())])
    }
}
