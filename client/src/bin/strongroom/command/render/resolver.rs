//! [`Resolver`]: the values of references, each secret's version read once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Map, Value as Json};
use strongroom::{Client, SecretVersion, v1};

use super::reference::{Reference, SecretReference};
use super::template::Piece;
use crate::fault::CommandFault;

/// Which version of which secret.
type VersionName = (String, Option<String>, Option<String>);

/// What references have been resolved to so far.
pub(super) struct Resolver<'c> {
    client: &'c Client,
    secrets: HashMap<VersionName, SecretVersion>,
}

impl<'c> Resolver<'c> {
    pub(super) fn new(client: &'c Client) -> Self {
        Self {
            client,
            secrets: HashMap::new(),
        }
    }

    /// Adds a piece of the template to the output, or the value that it stands for.
    pub(super) async fn fill(&mut self, piece: &Piece<'_>, output: &mut Vec<u8>) -> Result<(), CommandFault> {
        match piece {
            Piece::Text(text) => output.extend_from_slice(text.as_bytes()),
            Piece::Reference(Reference::Secret(reference)) => {
                let version = self.secret(reference).await?;
                let unresolved = |what: &'static str| CommandFault::Unresolved {
                    secret: reference.secret_id.clone(),
                    what,
                };
                if !version.value.is_text() {
                    return Err(unresolved("the secret has no SecretString"));
                }
                let value = |text: &[u8]| add(text, reference.json_key.as_deref(), output);
                version.value.material().reveal_to_wire(value).map_err(unresolved)?;
            }
        }
        Ok(())
    }

    async fn secret(&mut self, reference: &SecretReference) -> Result<&SecretVersion, CommandFault> {
        let name = (
            reference.secret_id.clone(),
            reference.version_stage.clone(),
            reference.version_id.clone(),
        );
        match self.secrets.entry(name) {
            Entry::Occupied(read) => Ok(read.into_mut()),
            Entry::Vacant(unread) => {
                let request = v1::GetSecretValueRequest {
                    secret_id: reference.secret_id.clone(),
                    version_id: reference.version_id.clone(),
                    version_stage: reference.version_stage.clone(),
                };
                Ok(unread.insert(self.client.secret_value(request).await?))
            }
        }
    }
}

/// Adds the text, or the member of the object that it is. CloudFormation's words.
fn add(text: &[u8], json_key: Option<&str>, output: &mut Vec<u8>) -> Result<(), &'static str> {
    let Some(key) = json_key else {
        output.extend_from_slice(text);
        return Ok(());
    };
    let object: Map<String, Json> = serde_json::from_slice(text).map_err(|_| "Could not parse SecretString JSON")?;
    match object.get(key) {
        Some(Json::String(text)) => output.extend_from_slice(text.as_bytes()),
        Some(scalar @ (Json::Number(_) | Json::Bool(_))) => output.extend_from_slice(scalar.to_string().as_bytes()),
        Some(Json::Null | Json::Array(_) | Json::Object(_)) | None => {
            return Err("Could not find a value associated with JSONKey in SecretString");
        }
    }
    Ok(())
}
