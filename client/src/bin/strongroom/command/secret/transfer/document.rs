//! The JSON of an export: `{"version": 1, "secrets": [{"name": …, "secret_string": … or "secret_binary": base64}]}`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use strongroom::Value;

use super::Entry;
use crate::fault::CommandFault;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'d> {
    version: u32,
    #[serde(borrow)]
    secrets: Vec<Row<'d>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row<'d> {
    name: Cow<'d, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_string: Option<Cow<'d, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_binary: Option<Cow<'d, str>>,
}

/// The document with these secrets.
pub(super) fn write(entries: &[Entry]) -> Result<Vec<u8>, CommandFault> {
    let row = |entry: &Entry| {
        let (text, binary) = entry
            .value
            .material()
            .reveal_to_wire(|bytes| match std::str::from_utf8(bytes) {
                Ok(text) if entry.value.is_text() => (Some(Cow::Owned(text.to_owned())), None),
                _ => (None, Some(Cow::Owned(BASE64.encode(bytes)))),
            });
        Row {
            name: Cow::Owned(entry.name.clone()),
            secret_string: text,
            secret_binary: binary,
        }
    };
    let document = Document {
        version: VERSION,
        secrets: entries.iter().map(row).collect(),
    };
    // Its text could quote a value.
    serde_json::to_vec(&document).map_err(|_| CommandFault::Usage("the secrets cannot be written as JSON".to_owned()))
}

/// The secrets of a document, each once and all under the prefix. What is wrong is said without the values.
pub(super) fn read(bytes: &[u8], prefix: &str) -> Result<Vec<Entry>, String> {
    let document: Document<'_> = serde_json::from_slice(bytes).map_err(|cause| {
        format!(
            "not an export of secrets (line {}, column {})",
            cause.line(),
            cause.column()
        )
    })?;
    if document.version != VERSION {
        return Err(format!(
            "an export of version {}; this program reads version {VERSION}",
            document.version
        ));
    }
    let mut seen = BTreeSet::new();
    let mut entries = Vec::with_capacity(document.secrets.len());
    for row in document.secrets {
        let name = row.name.into_owned();
        if !name.starts_with(prefix) {
            return Err(format!("the secret {name:?} is not under {prefix:?}"));
        }
        if !seen.insert(name.clone()) {
            return Err(format!("the secret {name:?} comes twice"));
        }
        let value = match (row.secret_string, row.secret_binary) {
            (Some(text), None) => Value::text(text.into_owned()),
            (None, Some(binary)) => BASE64
                .decode(binary.as_bytes())
                .map(Value::binary)
                .map_err(|_| format!("the secret_binary of {name:?} is not base64"))?,
            (Some(_), Some(_)) | (None, None) => {
                return Err(format!("the secret {name:?} needs secret_string or secret_binary"));
            }
        };
        entries.push(Entry { name, value });
    }
    Ok(entries)
}

#[cfg(test)]
mod tests;
