//! UnlabelParameterVersion: labels are taken off a version. What is not on it is reported back.

use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Resolved};

use crate::label::{Label, check_list};
use crate::name::ParameterName;
use crate::op::parameters;
use crate::parameters::{Parameters, Tries};
use crate::record::LabelsRecord;
use crate::reference::Selector;
use crate::target::ParameterTarget;

/// The request.
pub struct UnlabelParameterVersion {
    name: ParameterName,
    version: u64,
    labels: Vec<String>,
}

/// What was taken off, and what was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlabelledVersion {
    /// Labels that were on the version.
    pub removed: Vec<String>,
    /// Labels that were not.
    pub invalid: Vec<String>,
}

impl UnlabelParameterVersion {
    /// Takes 1 to 10 labels off a version of a parameter.
    ///
    /// # Errors
    /// ValidationException for fields that break the model.
    pub fn new(name: &str, version: i64, labels: Vec<String>) -> Result<Self, Fault> {
        check_list(&labels)?;
        Ok(Self {
            name: ParameterName::of_any(name)?,
            version: u64::try_from(version).unwrap_or_default(),
            labels,
        })
    }
}

impl Operation for UnlabelParameterVersion {
    const ACTION: Action = Action::UnlabelParameterVersion;
    type Domain = Parameters;
    type Target = ParameterTarget;
    type Reply = UnlabelledVersion;

    fn parameters(&self) -> Fields {
        parameters([
            ("name", self.name.as_str().into()),
            ("parameterVersion", self.version.into()),
            ("labels", self.labels.iter().map(String::as_str).collect()),
        ])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ParameterTarget>, Fault> {
        ParameterTarget::resolve(domain, &self.name, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<UnlabelledVersion, Fault> {
        let selector = Selector::Version(self.version);
        let mut tries = Tries::new(permit.into_target().record);
        loop {
            let parameter = &tries.parameter;
            let version = domain.choose(parameter, Some(&selector)).await?;
            let before = domain.labels(parameter.uid, &parameter.name).await?;
            let mut after = LabelsRecord::clone(&before);
            let mut reply = UnlabelledVersion {
                removed: Vec::new(),
                invalid: Vec::new(),
            };
            for text in &self.labels {
                let held = Label::parse(text).filter(|label| after.0.get(label) == Some(&version));
                match held.and_then(|label| after.0.remove(&label)) {
                    Some(_) => reply.removed.push(text.clone()),
                    None => reply.invalid.push(text.clone()),
                }
            }
            if reply.removed.is_empty() {
                return Ok(reply);
            }
            // The parameter as it is: the permit is for the one with these tags.
            let change = domain.records.change().require(&parameter.name.id(), parameter);
            let change = change.replace(&parameter.uid.to_string(), &before, after);
            if tries.settle(domain, change.commit().await).await?.is_some() {
                return Ok(reply);
            }
        }
    }

    fn response(reply: &UnlabelledVersion) -> Fields {
        parameters([
            ("removedLabels", reply.removed.iter().map(String::as_str).collect()),
            ("invalidLabels", reply.invalid.iter().map(String::as_str).collect()),
        ])
    }
}
