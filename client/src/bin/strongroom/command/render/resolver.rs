//! [`Resolver`]: the values of references, each secret's version read once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde::de::IgnoredAny;
use serde_json::{Deserializer, Map, Value as Json};
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
    let malformed = "Could not parse SecretString JSON";
    let object: Map<String, Json> = serde_json::from_slice(text).map_err(|_| malformed)?;
    match object.get(key) {
        Some(Json::String(text)) => output.extend_from_slice(text.as_bytes()),
        Some(Json::Bool(value)) => output.extend_from_slice(value.to_string().as_bytes()),
        Some(Json::Number(_)) => output.extend_from_slice(as_written(text, key).ok_or(malformed)?),
        Some(Json::Null | Json::Array(_) | Json::Object(_)) | None => {
            return Err("Could not find a value associated with JSONKey in SecretString");
        }
    }
    Ok(())
}

/// The member's bytes in the text of an object: a number that was read has lost how it was written (1.10, 1e3, many digits).
fn as_written<'t>(object: &'t [u8], member: &str) -> Option<&'t [u8]> {
    let (mut rest, mut found) = (behind(object, b'{')?, None);
    loop {
        let mut names = Deserializer::from_slice(rest).into_iter::<String>();
        let name = names.next()?.ok()?;
        let value = behind(rest.get(names.byte_offset()..)?, b':')?.trim_ascii_start();
        let mut values = Deserializer::from_slice(value).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, behind_value) = value.split_at_checked(values.byte_offset())?;
        // Of a name that comes twice the last value is the one.
        if name == member {
            found = Some(value);
        }
        match behind(behind_value, b',') {
            Some(next) => rest = next,
            None => return found,
        }
    }
}

/// What stands behind the sign, if it comes next.
fn behind(text: &[u8], sign: u8) -> Option<&[u8]> {
    text.trim_ascii_start().strip_prefix(&[sign])
}

#[cfg(test)]
mod tests;
