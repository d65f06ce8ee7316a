//! `strongroom secret export` and `import`: the secrets under a prefix in one file, which is encrypted under a key like what
//! `strongroom encrypt` makes. Their plaintext is in this process's memory alone.

mod document;
mod dotenv;

use std::io::Cursor;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use strongroom::{ClientFault, NewSecret, NewVersion, StreamFault, Value, v1};
use zeroize::Zeroizing;

use super::batch;
use crate::blocking::Blocking;
use crate::command::Session;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink, Source};
use crate::pairs::{self, Pair};
use crate::progress::Progress;

/// What is in the file before it is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An object with names, and values as text or base64
    Json,
    /// Lines NAME="VALUE"; the names without the prefix, which must be names of variables
    Dotenv,
}

/// Write the secrets under a prefix to an encrypted file.
#[derive(Args)]
pub(crate) struct Export {
    /// What their names begin with, such as prod/
    prefix: String,
    /// The key that the file is encrypted under: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// Where to; appears when it is complete
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// What is in the file
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Needed again to import; not secret; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context: Vec<Pair>,
}

/// Make or change secrets from an encrypted file.
#[derive(Args)]
pub(crate) struct Import {
    /// What their names must begin with; of dotenv what comes before each name
    prefix: String,
    /// What `secret export` or `encrypt` made
    #[arg(long = "in", value_name = "FILE")]
    input: PathBuf,
    /// Refuse what another key encrypted: whoever may use any key that you may decrypt with could have made the file
    #[arg(long)]
    key: Option<String>,
    /// What is in the file
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// The same as when exporting; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context: Vec<Pair>,
}

/// A secret on its way.
struct Entry {
    name: String,
    value: Value,
}

impl Export {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let filter = v1::Filter {
            key: v1::FilterKey::Name.into(),
            values: vec![self.prefix.clone()],
        };
        let found = batch::matching(session, vec![filter], usize::MAX).await?;
        if !found.errors.is_empty() {
            return Err(CommandFault::Unread(found.errors));
        }
        let mut entries: Vec<Entry> = found
            .values
            .into_iter()
            .filter(|version| version.name.starts_with(&self.prefix))
            .map(|version| Entry {
                name: version.name,
                value: version.value,
            })
            .collect();
        // A mistyped prefix must not put an empty file in the place of a good one.
        if entries.is_empty() {
            let text = format!("there is no secret under {:?}; nothing was exported", self.prefix);
            return Err(CommandFault::Usage(text));
        }
        entries.sort_unstable_by(|left, right| left.name.cmp(&right.name));
        let plain = Zeroizing::new(match self.format {
            Format::Json => document::write(&entries)?,
            Format::Dotenv => dotenv::write(&entries, &self.prefix)?,
        });
        let sink = Sink::create(Some(&self.out), Mode::Ordinary)?;
        let request = v1::GenerateDataKeyRequest {
            key_id: self.key,
            encryption_context: pairs::context(self.context)?,
            ..Default::default()
        };
        let writer = Blocking::new(sink.file(), Progress::none());
        session
            .client
            .seal_with(request, Cursor::new(plain.as_slice()), writer)
            .await?;
        sink.complete()?;
        let subject = json!({ "secrets": entries.len(), "file": self.out.display().to_string() });
        session
            .output
            .done(&format!("{} secrets were exported", entries.len()), &subject)
    }
}

impl Import {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let name = self.input.display().to_string();
        let source = Source::open(Some(&self.input))?;
        let request = v1::DecryptRequest {
            key_id: self.key,
            encryption_context: pairs::context(self.context)?,
            ..Default::default()
        };
        let mut plain = Zeroizing::new(Vec::new());
        let reader = Blocking::new(&source.file, Progress::none());
        let opened = session.client.open_with(request, reader, &mut *plain).await;
        opened.map_err(|fault| unopened(fault, &name))?;
        // All of it is understood before anything is changed.
        let malformed = |what: String| CommandFault::Template {
            place: name.clone(),
            what,
        };
        let entries = match self.format {
            Format::Json => document::read(&plain, &self.prefix),
            Format::Dotenv => dotenv::read(&plain, &self.prefix),
        };
        let mut rows = Vec::new();
        for entry in entries.map_err(malformed)? {
            let name = entry.name.clone();
            match put(session, entry).await {
                Ok(outcome) => rows.push(json!({ "name": name, "outcome": outcome })),
                Err(cause) => {
                    return Err(CommandFault::ImportStopped {
                        done: rows.len(),
                        name,
                        cause,
                    });
                }
            }
        }
        session.output.list("secrets", &["name", "outcome"], rows)
    }
}

/// Makes the secret, or gives it a new version if its value is another.
async fn put(session: &Session, entry: Entry) -> Result<&'static str, ClientFault> {
    let request = v1::GetSecretValueRequest {
        secret_id: entry.name.clone(),
        ..Default::default()
    };
    match session.client.secret_value(request).await {
        Ok(present) if is_same(&present.value, &entry.value) => return Ok("unchanged"),
        Ok(_) => {}
        Err(fault) if is_absent(&fault) => return create(session, entry).await,
        Err(fault) => return Err(fault),
    }
    let version = NewVersion {
        secret_id: entry.name,
        client_request_token: None,
        value: entry.value,
        version_stages: Vec::new(),
    };
    session.client.put_secret_value(version).await.map(|_put| "changed")
}

async fn create(session: &Session, entry: Entry) -> Result<&'static str, ClientFault> {
    let secret = NewSecret {
        name: entry.name,
        value: Some(entry.value),
        ..NewSecret::default()
    };
    session.client.create_secret(secret).await.map(|_made| "created")
}

fn is_same(left: &Value, right: &Value) -> bool {
    left.is_text() == right.is_text() && bool::from(left.material().ct_eq(right.material()))
}

fn is_absent(fault: &ClientFault) -> bool {
    let absent = |refusal: &strongroom::Refusal| refusal.exception == "ResourceNotFoundException";
    fault.refusal().is_some_and(absent)
}

fn unopened(fault: ClientFault, name: &str) -> CommandFault {
    match fault {
        ClientFault::Stream(StreamFault::Read(cause)) => CommandFault::Input {
            name: name.to_owned(),
            cause,
        },
        other => other.into(),
    }
}
