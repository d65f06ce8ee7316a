//! A secret in a parameter's place: `/aws/reference/secretsmanager/NAME` is read by GetSecretValue, through the gate, as
//! the caller.

use serde_json::json;
use strongroom_base::{Arn, Code, Fault, ParameterDataType, ParameterType, Service};
use strongroom_gate::OpContext;
use strongroom_material::{Material, SecretValue};
use strongroom_secrets::op::{GetSecretValue, SecretVersionValue};
use strongroom_secrets::{StagingLabel, ValueKind, VersionId};

use crate::fetch::{ParameterValue, Shown};
use crate::parameters::Parameters;
use crate::reference::{ParameterReference, Selector};

impl Parameters {
    /// Reads the secret that a reference means.
    pub(crate) async fn fetch_secret(
        &self,
        context: &OpContext,
        (reference, secret): (&ParameterReference, &str),
        decrypt: bool,
    ) -> Result<ParameterValue, Fault> {
        if !decrypt {
            return Err(Fault::new(
                Code::Validation,
                "WithDecryption flag must be True for retrieving a Secret Manager secret.",
            ));
        }
        let selector = match &reference.selector {
            Some(Selector::Label(text)) => Some(text.as_str()),
            Some(Selector::Version(_)) | None => None,
        };
        // Version ids have 32 characters at least, which no usual label has.
        let (version, stage) = match selector {
            Some(text) if VersionId::parse("versionId", text).is_ok() => (Some(text), None),
            stage => (None, stage),
        };
        let operation = GetSecretValue::new(secret, version, stage).map_err(|fault| renamed(fault, reference))?;
        let on_behalf = context.on_behalf(Service::Ssm);
        let read = self.gate.run(&on_behalf, &*self.secrets, operation).await;
        let read = read.map_err(|fault| renamed(fault, reference))?.into_inner();
        shown(reference, read, reference.arn(self.scope()))
    }
}

/// AWS's words for a secret that is not there, or cannot be read as it is, in codes that Parameter Store has. The faults of
/// the caller and of the service stay what they are.
fn renamed(fault: Fault, reference: &ParameterReference) -> Fault {
    let (code, exception, what) = match fault.code() {
        Code::ResourceNotFound => (
            Code::ParameterNotFound,
            "ParameterNotFound",
            format!("Secret {reference} not found."),
        ),
        code @ (Code::InvalidRequest | Code::InvalidParameter) => {
            (Code::Validation, code.row().exception, fault.message().to_owned())
        }
        _ => return fault,
    };
    Fault::new(
        code,
        format!("An error occurred ({exception}) when referencing Secrets Manager: {what}"),
    )
}

fn shown(reference: &ParameterReference, read: SecretVersionValue, arn: Arn) -> Result<ParameterValue, Fault> {
    if read.value.kind() == ValueKind::Binary {
        return Err(Fault::new(
            Code::Validation,
            format!("The secret {reference} has a binary value, which no parameter can have."),
        ));
    }
    let source_result = source(&read)?;
    let name = ParameterReference {
        selector: None,
        ..reference.clone()
    };
    Ok(ParameterValue {
        name: name.to_string(),
        kind: ParameterType::SecureString,
        selector: reference.selector.as_ref().map(ToString::to_string),
        source_result: Some(source_result),
        modified: read.created,
        value: Shown::Secret(read.value.into_bytes()),
        version: 0,
        arn,
        data_type: ParameterDataType::Text,
    })
}

/// What GetSecretValue answered, as AWS writes it: JSON, with the secret in it. It is put together in place.
fn source(read: &SecretVersionValue) -> Result<Material<SecretValue>, Fault> {
    let stages = Vec::from_iter(read.stages.iter().map(StagingLabel::as_str));
    let seconds = read.created.as_millis() / 1_000;
    let millis = read.created.as_millis() % 1_000;
    let head = json!({
        "ARN": read.arn.as_str(),
        "Name": read.name.as_str(),
        "VersionId": read.version.as_str(),
        "VersionStages": stages,
    })
    .to_string();
    let head = format!(
        r#"{},"CreatedDate":{seconds}.{millis:03},"SecretString":"#,
        head.trim_end_matches('}')
    );
    let defect = || Fault::new(Code::Internal, "The secret's answer could not be written.");
    read.value.bytes().reveal_to_rules(|bytes| {
        let text = std::str::from_utf8(bytes).map_err(|_| defect())?;
        // Room for every byte as `\u0000`, so that the buffer does not grow and leave a copy behind.
        let mut whole = Vec::with_capacity(head.len() + 6 * text.len() + 3);
        whole.extend_from_slice(head.as_bytes());
        serde_json::to_writer(&mut whole, text).map_err(|_| defect())?;
        whole.push(b'}');
        Ok(Material::take(whole))
    })
}
