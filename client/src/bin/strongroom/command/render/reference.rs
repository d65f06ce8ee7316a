//! [`Reference`]: a dynamic reference as CloudFormation writes it.
//!
//! Source: CloudFormation User Guide, "Get a secret or secret value from Secrets Manager":
//! `{{resolve:secretsmanager:secret-id:secret-string:json-key:version-stage:version-id}}`. A service more is a variant more,
//! here and in the resolver.

/// What a reference stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// `{{resolve:secretsmanager:…}}`.
    Secret(SecretReference),
}

/// A secret's text, or a member of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SecretReference {
    /// Name or ARN.
    pub(super) secret_id: String,
    /// A member of the JSON object that the text is; the whole text without it.
    pub(super) json_key: Option<String>,
    /// A staging label; AWSCURRENT if neither this nor a version is given.
    pub(super) version_stage: Option<String>,
    /// A version.
    pub(super) version_id: Option<String>,
}

/// An ARN has six colons before the name of its secret.
const COLONS_OF_ARN: usize = 6;
/// The parts behind the secret's id: secret-string, json-key, version-stage, version-id.
const PARTS_MAX: usize = 4;

impl Reference {
    /// Reads what is between `{{resolve:` and `}}`.
    pub(super) fn parse(body: &str) -> Result<Self, String> {
        let (service, key) = body.split_once(':').unwrap_or((body, ""));
        match service {
            "secretsmanager" => secret(key).map(Self::Secret),
            other => Err(format!(
                "the service {other:?} of a dynamic reference is not known; there is secretsmanager"
            )),
        }
    }
}

fn secret(key: &str) -> Result<SecretReference, String> {
    let (secret_id, rest) = split_id(key);
    if secret_id.is_empty() {
        return Err("a dynamic reference without the name or ARN of a secret".to_owned());
    }
    let parts: Vec<&str> = rest.map(|rest| rest.split(':').collect()).unwrap_or_default();
    if parts.len() > PARTS_MAX {
        return Err(
            "a dynamic reference with more parts than SECRET:SecretString:JSON-KEY:STAGE:VERSION-ID".to_owned(),
        );
    }
    let part = |at: usize| {
        parts
            .get(at)
            .filter(|part| !part.is_empty())
            .map(|part| (*part).to_owned())
    };
    match part(0).as_deref() {
        None | Some("SecretString") => {}
        Some(other) => {
            return Err(format!(
                "{other:?} in a dynamic reference; the only part of a secret that can be referred to is SecretString"
            ));
        }
    }
    let reference = SecretReference {
        secret_id: secret_id.to_owned(),
        json_key: part(1),
        version_stage: part(2),
        version_id: part(3),
    };
    if reference.version_stage.is_some() && reference.version_id.is_some() {
        return Err("a dynamic reference with a version stage and a version id; give one of them".to_owned());
    }
    Ok(reference)
}

/// The id, and what follows its colon.
fn split_id(key: &str) -> (&str, Option<&str>) {
    let colons = if key.starts_with("arn:") { COLONS_OF_ARN } else { 0 };
    match key.match_indices(':').nth(colons) {
        Some((at, _)) => (key.get(..at).unwrap_or(key), key.get(at + 1..)),
        None => (key, None),
    }
}
