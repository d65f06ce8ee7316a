//! LabelParameterVersion: labels move to a version, from wherever they are. What can be no label is reported back.

use strongroom_base::limits::PARAMETER_LABELS_PER_VERSION_MAX;
use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Resolved};

use crate::label::{Label, check_list};
use crate::name::ParameterName;
use crate::op::parameters;
use crate::parameters::{Parameters, Tries};
use crate::record::LabelsRecord;
use crate::reference::Selector;
use crate::target::ParameterTarget;

/// The request.
pub struct LabelParameterVersion {
    name: ParameterName,
    version: Option<u64>,
    labels: Vec<String>,
}

/// What was labelled, and with what it could not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledVersion {
    /// The version.
    pub version: u64,
    /// Texts that can be no labels.
    pub invalid: Vec<String>,
}

impl LabelParameterVersion {
    /// Puts 1 to 10 labels on a version of a parameter, the newest unless said otherwise.
    ///
    /// # Errors
    /// ValidationException for fields that break the model.
    pub fn new(name: &str, version: Option<i64>, labels: Vec<String>) -> Result<Self, Fault> {
        check_list(&labels)?;
        Ok(Self {
            name: ParameterName::of_any(name)?,
            // What is no number of a version is that of none.
            version: version.map(|version| u64::try_from(version).unwrap_or_default()),
            labels,
        })
    }
}

impl Operation for LabelParameterVersion {
    const ACTION: Action = Action::LabelParameterVersion;
    type Domain = Parameters;
    type Target = ParameterTarget;
    type Reply = LabelledVersion;

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

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<LabelledVersion, Fault> {
        let (valid, invalid): (Vec<_>, Vec<_>) =
            self.labels.into_iter().partition(|label| Label::parse(label).is_some());
        let valid = Vec::from_iter(valid.iter().filter_map(|label| Label::parse(label)));
        let selector = self.version.map(Selector::Version);
        let mut tries = Tries::new(permit.into_target().record);
        loop {
            let parameter = &tries.parameter;
            let version = domain.choose(parameter, selector.as_ref()).await?;
            if valid.is_empty() {
                return Ok(LabelledVersion { version, invalid });
            }
            let uid = parameter.uid.to_string();
            let before = domain.labels(parameter.uid, &parameter.name).await?;
            let mut after = LabelsRecord::clone(&before);
            after.0.extend(valid.iter().map(|label| (label.clone(), version)));
            if after.of(version).len() > PARAMETER_LABELS_PER_VERSION_MAX {
                return Err(Fault::new(
                    Code::ParameterVersionLabelLimitExceeded,
                    format!(
                        "A parameter version can have maximum {PARAMETER_LABELS_PER_VERSION_MAX} labels. Move one or more \
                         labels to another version and try again."
                    ),
                ));
            }
            // The parameter as it is: the version must still be there.
            let change = domain.records.change().require(&parameter.name.id(), parameter);
            let change = change.replace(&uid, &before, after);
            if tries.settle(domain, change.commit().await).await?.is_some() {
                return Ok(LabelledVersion { version, invalid });
            }
        }
    }

    fn response(reply: &LabelledVersion) -> Fields {
        parameters([
            ("parameterVersion", reply.version.into()),
            ("invalidLabels", reply.invalid.iter().map(String::as_str).collect()),
        ])
    }
}
