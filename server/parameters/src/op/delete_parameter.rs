//! DeleteParameter: a parameter goes at once, with all its versions.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Resolved};

use crate::name::ParameterName;
use crate::op::parameters;
use crate::parameters::Parameters;
use crate::target::ParameterTarget;

/// The request.
pub struct DeleteParameter {
    name: ParameterName,
}

impl DeleteParameter {
    /// The deletion of the parameter with this name.
    ///
    /// # Errors
    /// ValidationException for what is no name.
    pub fn new(name: &str) -> Result<Self, Fault> {
        Ok(Self {
            name: ParameterName::of_any(name)?,
        })
    }
}

impl Operation for DeleteParameter {
    const ACTION: Action = Action::DeleteParameter;
    type Domain = Parameters;
    type Target = ParameterTarget;
    type Reply = ();

    fn parameters(&self) -> Fields {
        parameters([("name", self.name.as_str().into())])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ParameterTarget>, Fault> {
        ParameterTarget::resolve(domain, &self.name, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<(), Fault> {
        domain.remove(permit.into_target().record).await
    }
}
