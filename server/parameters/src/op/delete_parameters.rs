//! DeleteParameters: up to ten parameters go. What is not there is reported, and fails no other.

use strongroom_base::limits::PARAMETER_NAMES_MAX;
use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Resolved};

use crate::constraint;
use crate::name::ParameterName;
use crate::op::parameters;
use crate::parameters::{Parameters, is_absence};
use crate::reference::{ParameterReference, Subject};
use crate::target::ManyTarget;

/// The request.
pub struct DeleteParameters {
    names: Vec<String>,
    references: Vec<ParameterReference>,
    malformed: Vec<String>,
}

/// What went, and what was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedParameters {
    /// The names of the parameters that are gone; of two names of one parameter the first.
    pub deleted: Vec<String>,
    /// The names of those that were not there.
    pub invalid: Vec<String>,
}

impl DeleteParameters {
    /// The deletion of 1 to 10 parameters.
    ///
    /// # Errors
    /// ValidationException for another number.
    pub fn new(names: Vec<String>) -> Result<Self, Fault> {
        constraint::length("names", names.len(), 1, PARAMETER_NAMES_MAX)?;
        let (mut references, mut malformed) = (Vec::<ParameterReference>::new(), Vec::new());
        for name in &names {
            match ParameterName::of_any(name) {
                Err(_) => malformed.push(name.clone()),
                Ok(parsed) => {
                    // One parameter has two texts, `/name` and `name`.
                    let is_same = |reference: &ParameterReference| match &reference.subject {
                        Subject::Own(other) => other.id() == parsed.id(),
                        Subject::Foreign(_) | Subject::Secret(_) => false,
                    };
                    if !references.iter().any(is_same) {
                        references.push(ParameterReference {
                            subject: Subject::Own(parsed),
                            selector: None,
                        });
                    }
                }
            }
        }
        Ok(Self {
            names,
            references,
            malformed,
        })
    }
}

impl Operation for DeleteParameters {
    const ACTION: Action = Action::DeleteParameters;
    type Domain = Parameters;
    type Target = ManyTarget;
    type Reply = DeletedParameters;

    fn parameters(&self) -> Fields {
        parameters([("names", self.names.iter().map(String::as_str).collect())])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ManyTarget>, Fault> {
        let target = ManyTarget::resolve(domain, &self.references, Self::ACTION).await?;
        Ok(Resolved::Found(target))
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<DeletedParameters, Fault> {
        let (mut deleted, mut invalid) = (Vec::new(), self.malformed);
        for item in permit.into_target().items {
            let removed = match item.record {
                Some(record) => domain.remove(record).await.map(|()| true),
                None => Ok(false),
            };
            match removed {
                Ok(true) => deleted.push(item.reference.to_string()),
                Ok(false) => invalid.push(item.reference.to_string()),
                Err(fault) if is_absence(fault.code()) => invalid.push(item.reference.to_string()),
                Err(fault) => return Err(fault),
            }
        }
        invalid.sort_unstable();
        Ok(DeletedParameters { deleted, invalid })
    }

    fn response(reply: &DeletedParameters) -> Fields {
        parameters([
            ("deletedParameters", reply.deleted.iter().map(String::as_str).collect()),
            ("invalidParameters", reply.invalid.iter().map(String::as_str).collect()),
        ])
    }
}
