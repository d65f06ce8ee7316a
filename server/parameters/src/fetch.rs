//! How a parameter's value is read: the version that is meant, its value, and what is said beside it.

use strongroom_base::{Arn, Code, Fault, ParameterDataType, ParameterType, Timestamp};
use strongroom_gate::OpContext;
use strongroom_material::{Material, SecretValue};
use strongroom_store::Stored;

use crate::label::Label;
use crate::parameters::Parameters;
use crate::record::{ParameterRecord, VersionRecord};
use crate::reference::Selector;

/// A value as a caller gets it.
pub enum Shown {
    /// What is no secret, or a secret in its encrypted form, in base64.
    Plain(String),
    /// A secret.
    Secret(Material<SecretValue>),
}

/// A parameter with the value of one version.
pub struct ParameterValue {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ParameterType,
    /// The value.
    pub value: Shown,
    /// The version; 0 for a secret, which has no numbers.
    pub version: u64,
    /// How the request chose the version: a colon, and its number or label.
    pub selector: Option<String>,
    /// What Secrets Manager answered, as JSON; for secrets alone.
    pub source_result: Option<Material<SecretValue>>,
    /// When the version was made.
    pub modified: Timestamp,
    /// The parameter's ARN.
    pub arn: Arn,
    /// What the value was checked for.
    pub data_type: ParameterDataType,
}

impl Parameters {
    /// The number of the version that a selector means; of the newest without one.
    pub(crate) async fn choose(&self, parameter: &ParameterRecord, selector: Option<&Selector>) -> Result<u64, Fault> {
        match selector {
            None => Ok(parameter.version),
            Some(Selector::Version(number)) => {
                let kept = (parameter.oldest..=parameter.version).contains(number);
                kept.then_some(*number).ok_or_else(|| no_version(parameter, *number))
            }
            Some(Selector::Label(label)) => {
                let labels = self.labels(parameter.uid, &parameter.name).await?;
                let holder = Label::parse(label).and_then(|label| labels.0.get(&label).copied());
                holder.ok_or_else(|| no_label(parameter, label))
            }
        }
    }

    pub(crate) async fn version(
        &self,
        parameter: &ParameterRecord,
        number: u64,
    ) -> Result<Stored<VersionRecord>, Fault> {
        let version = self.records.find(&parameter.uid.version(number)).await?;
        version.ok_or_else(|| no_version(parameter, number))
    }

    /// Reads the value of one version.
    pub(crate) async fn fetch(
        &self,
        context: &OpContext,
        parameter: &ParameterRecord,
        selector: Option<&Selector>,
        decrypt: bool,
    ) -> Result<ParameterValue, Fault> {
        let number = self.choose(parameter, selector).await?;
        let version = self.version(parameter, number).await?;
        let arn = parameter.name.arn(self.scope());
        Ok(ParameterValue {
            name: parameter.name.to_string(),
            kind: parameter.kind,
            value: self.open(context, &arn, &version.value, decrypt).await?,
            version: number,
            selector: selector.map(ToString::to_string),
            source_result: None,
            modified: version.modified,
            arn,
            data_type: version.data_type,
        })
    }
}

/// AWS's words.
pub(crate) fn no_version(parameter: &ParameterRecord, number: u64) -> Fault {
    let name = &parameter.name;
    Fault::new(
        Code::ParameterVersionNotFound,
        format!("Systems Manager could not find version {number} of {name}. Verify the version and try again."),
    )
}

fn no_label(parameter: &ParameterRecord, label: &str) -> Fault {
    let name = &parameter.name;
    Fault::new(
        Code::ParameterVersionNotFound,
        format!("Systems Manager could not find label {label} for parameter {name}. Verify the label and try again."),
    )
}
