//! GetParameter: the value of one version of a parameter, or of a secret in a parameter's place.

use strongroom_base::{Action, Fault, Scope};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Protected as _, Resolved};

use crate::fetch::ParameterValue;
use crate::op::parameters;
use crate::parameters::{Parameters, not_found};
use crate::reference::{ParameterReference, Subject};
use crate::target::{Item, ManyTarget};

/// The request.
pub struct GetParameter {
    reference: ParameterReference,
    with_decryption: bool,
}

impl GetParameter {
    /// A request for a parameter by name or ARN, perhaps with `:version` or `:label` behind it.
    ///
    /// # Errors
    /// ValidationException for what is neither.
    pub fn new(name: &str, with_decryption: bool, scope: &Scope) -> Result<Self, Fault> {
        Ok(Self {
            reference: ParameterReference::parse(name, scope)?,
            with_decryption,
        })
    }
}

impl Operation for GetParameter {
    const ACTION: Action = Action::GetParameter;
    type Domain = Parameters;
    type Target = ManyTarget;
    type Reply = ParameterValue;

    fn parameters(&self) -> Fields {
        parameters([
            ("name", self.reference.to_string().into()),
            ("withDecryption", self.with_decryption.into()),
        ])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ManyTarget>, Fault> {
        let target = ManyTarget::resolve(domain, std::slice::from_ref(&self.reference), Self::ACTION).await?;
        let is_there = |item: &Item| item.record.is_some() || matches!(item.reference.subject, Subject::Secret(_));
        if target.items.iter().all(is_there) {
            return Ok(Resolved::Found(target));
        }
        Ok(Resolved::Absent {
            needs: target.needs(),
            fault: not_found(&self.reference.to_string()),
        })
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<ParameterValue, Fault> {
        let read = match permit.target().items.first() {
            Some(item) => domain.read(permit.context(), item, self.with_decryption).await?,
            None => None,
        };
        read.ok_or_else(|| not_found(&self.reference.to_string()))
    }
}
