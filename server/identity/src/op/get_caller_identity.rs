//! GetCallerIdentity: who the service takes the caller for. Every identified caller may ask, as in AWS STS.

use strongroom_base::{AccountId, Action, Arn, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};

/// The request.
pub struct GetCallerIdentity;

/// The caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerIdentity {
    /// The principal's ARN.
    pub arn: Arn,
    /// The account it belongs to.
    pub account: AccountId,
}

/// Nobody needs a permission to learn their own name.
pub struct Oneself;

impl Protected for Oneself {
    fn needs(&self) -> Vec<Need> {
        Vec::new()
    }
}

impl Operation for GetCallerIdentity {
    const ACTION: Action = Action::GetCallerIdentity;
    type Domain = ();
    type Target = Oneself;
    type Reply = CallerIdentity;

    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    async fn resolve(&self, (): &()) -> Result<Resolved<Oneself>, Fault> {
        Ok(Resolved::Found(Oneself))
    }

    async fn perform(self, permit: Permit<Self>, (): &()) -> Result<CallerIdentity, Fault> {
        let caller = &permit.context().caller;
        Ok(CallerIdentity {
            arn: caller.arn().clone(),
            account: caller.account().clone(),
        })
    }
}
