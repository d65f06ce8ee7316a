//! DescribeToken: what token this is and how it does, for operators.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_token::TokenStatus;

use crate::kms::Kms;
use crate::target::NoTarget;

/// The request.
pub struct DescribeToken;

impl Operation for DescribeToken {
    const ACTION: Action = Action::DescribeToken;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = TokenStatus;

    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget::new(Self::ACTION)))
    }

    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<TokenStatus, Fault> {
        Ok(kms.token.status())
    }
}
