//! `strongroom secret create`, `put` and `update`: values from stdin or a file, never from an argument.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use strongroom::{NewSecret, NewVersion, SecretChange, Value};

use crate::command::Session;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::pairs::{self, Pair};
use crate::prompt;

/// Make a secret.
#[derive(Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// The value, byte for byte; stdin if not given
    #[arg(long = "in", value_name = "FILE", conflicts_with = "without_value")]
    input: Option<PathBuf>,
    /// Store bytes even if they are text
    #[arg(long, conflicts_with = "without_value")]
    binary: bool,
    /// Make no version yet
    #[arg(long)]
    without_value: bool,
    /// What it is for; not secret
    #[arg(long)]
    description: Option<String>,
    /// The key: key id, key ARN, alias/NAME or alias ARN; aws/secretsmanager if not given
    #[arg(long)]
    key: Option<String>,
    /// A tag; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    tag: Vec<Pair>,
    /// The version's id, 32 to 64 characters; the same command with the same token can be repeated safely
    #[arg(long, value_name = "TOKEN")]
    request_token: Option<String>,
}

/// Give a secret a new value.
#[derive(Args)]
pub(crate) struct Put {
    /// Its name or ARN
    secret: String,
    /// The value, byte for byte; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Store bytes even if they are text
    #[arg(long)]
    binary: bool,
    /// A staging label for the version; may be repeated; AWSCURRENT if not given
    #[arg(long, value_name = "LABEL")]
    stage: Vec<String>,
    /// The version's id, 32 to 64 characters; the same command with the same token can be repeated safely
    #[arg(long, value_name = "TOKEN")]
    request_token: Option<String>,
}

/// Change a secret.
#[derive(Args)]
pub(crate) struct Update {
    /// Its name or ARN
    secret: String,
    /// What it is for; empty removes it
    #[arg(long)]
    description: Option<String>,
    /// Another key; empty goes back to aws/secretsmanager
    #[arg(long)]
    key: Option<String>,
    /// A new value, byte for byte; - is stdin
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Store bytes even if they are text
    #[arg(long, requires = "input")]
    binary: bool,
}

impl Create {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let value = if self.without_value {
            None
        } else {
            Some(value(self.input, self.binary)?)
        };
        let secret = NewSecret {
            name: self.name,
            client_request_token: self.request_token,
            description: self.description,
            kms_key_id: self.key,
            value,
            tags: pairs::tags(self.tag),
        };
        let answer = session.client.create_secret(secret).await?;
        let record = json!({ "arn": answer.arn, "name": answer.name, "version_id": answer.version_id });
        session.output.record(&record)
    }
}

impl Put {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let create = format!("`strongroom secret create {}` makes it", self.secret);
        let version = NewVersion {
            secret_id: self.secret,
            client_request_token: self.request_token,
            value: value(self.input, self.binary)?,
            version_stages: self.stage,
        };
        let put = session.client.put_secret_value(version).await;
        let answer = put.map_err(|cause| CommandFault::hinted(cause, "ResourceNotFoundException", || create))?;
        session.output.record(&json!({
            "arn": answer.arn,
            "name": answer.name,
            "version_id": answer.version_id,
            "version_stages": answer.version_stages,
        }))
    }
}

impl Update {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let value = self.input.map(|input| value(Some(input), self.binary)).transpose()?;
        let change = SecretChange {
            secret_id: self.secret,
            client_request_token: None,
            description: self.description,
            kms_key_id: self.key,
            value,
        };
        let answer = session.client.update_secret(change).await?;
        let record = json!({ "arn": answer.arn, "name": answer.name, "version_id": answer.version_id });
        session.output.record(&record)
    }
}

/// Text if it is UTF-8, unless bytes were asked for.
fn value(input: Option<PathBuf>, binary: bool) -> Result<Value, CommandFault> {
    let bytes = prompt::secret_value(Source::open(input.as_deref())?)?;
    Ok(if binary {
        Value::binary(bytes)
    } else {
        Value::detect(bytes)
    })
}
