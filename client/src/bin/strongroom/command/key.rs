//! `strongroom key`: make, list, rotate, disable and delete keys, and say who may use them.

mod import;
mod inspect;
mod policy;
mod rotation;
mod tag;

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};
use strongroom::{ClientFault, v1};

use super::Session;
use crate::alias_name;
use crate::fault::CommandFault;
use crate::json;
use crate::limit::{self, LIST_LIMIT_MAX};
use crate::names;
use crate::pairs::{self, Pair};

/// Make, list, rotate, disable and delete keys.
#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key inside the token
    Create {
        /// What it is for; not secret
        #[arg(long, default_value = "")]
        description: String,
        /// Its kind; SYMMETRIC_DEFAULT if not given
        #[arg(long, value_name = "SPEC", value_parser = names::key_spec(), ignore_case = true)]
        spec: Option<v1::KeySpec>,
        /// What it is for; must be given with every spec but SYMMETRIC_DEFAULT
        #[arg(long, value_name = "USAGE", value_parser = names::key_usage(), ignore_case = true)]
        usage: Option<v1::KeyUsage>,
        /// Where its material comes from: AWS_KMS has it made in the token, EXTERNAL imports it
        #[arg(long, value_enum, ignore_case = true, default_value = "AWS_KMS")]
        origin: Origin,
        /// Name it too: alias/NAME
        #[arg(long, value_name = "ALIAS", value_parser = alias_name::parse)]
        alias: Option<String>,
        /// Tags that it has from the beginning; may be repeated
        #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = pairs::parse)]
        tags: Vec<Pair>,
        /// Its policy, a JSON document (- is stdin); otherwise the account's own policies decide
        #[arg(long, value_name = "FILE")]
        policy: Option<PathBuf>,
        /// Accept a policy under which you could not put another one
        #[arg(long, requires = "policy")]
        bypass_policy_lockout_safety_check: bool,
    },
    /// Import key material that was made elsewhere, and delete it
    #[command(subcommand)]
    Import(import::ImportCommand),
    /// List keys
    List {
        /// At most so many
        #[arg(long, value_name = "ROWS", value_parser = limit::rows)]
        limit: Option<usize>,
    },
    /// Show a key, and of each material where it was made, how often it was used and how often it may be
    Describe {
        /// Key id, key ARN, alias/NAME or alias ARN
        key: String,
        /// A token of a grant that is too new to be known everywhere; up to ten
        #[arg(long = "grant-token", value_name = "TOKEN")]
        grant_tokens: Vec<String>,
    },
    /// Show when a key was last used, and how
    LastUsage {
        /// Key id or key ARN
        key: String,
    },
    /// Show what the token says of a key's materials now, beside what was recorded when they were made
    Inspect(inspect::Inspect),
    /// Give a key tags, or other values of those that it has
    Tag(tag::Tag),
    /// Take tags from a key
    Untag(tag::Untag),
    /// List a key's tags
    Tags(tag::Tags),
    /// Let a disabled key be used again
    Enable {
        /// Key id or key ARN
        key: String,
    },
    /// Stop all use of a key
    Disable {
        /// Key id or key ARN
        key: String,
    },
    /// Replace a key's description
    UpdateDescription {
        /// Key id or key ARN
        key: String,
        /// The new description; empty removes it
        description: String,
    },
    /// Destroy a key, and so everything that is encrypted under it, after a waiting period
    ScheduleDeletion {
        /// Key id or key ARN
        key: String,
        /// The waiting period, 7 to 30 days; 30 if not given
        #[arg(long, value_name = "DAYS")]
        window: Option<i32>,
    },
    /// Take a key back during its waiting period; it is then disabled
    CancelDeletion {
        /// Key id or key ARN
        key: String,
    },
    /// Read and replace a key's policy: who may do what with it
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Rotate a key now, whether or not it rotates by itself
    Rotate(rotation::Rotate),
    /// Let a key rotate by itself, and list its rotations
    #[command(subcommand)]
    Rotation(rotation::RotationCommand),
}

/// Where a key's material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Origin {
    /// The token makes it
    #[value(name = "AWS_KMS")]
    Token,
    /// It is imported: strongroom key import
    #[value(name = "EXTERNAL")]
    External,
}

impl Origin {
    fn into_wire(self) -> v1::Origin {
        match self {
            Self::Token => v1::Origin::AwsKms,
            Self::External => v1::Origin::External,
        }
    }
}

impl KeyCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let Session { client, output } = session;
        match self {
            Self::Create {
                description,
                spec,
                usage,
                origin,
                alias,
                tags,
                policy,
                bypass_policy_lockout_safety_check,
            } => {
                let request = v1::CreateKeyRequest {
                    description,
                    key_spec: spec.unwrap_or_default().into(),
                    key_usage: usage.unwrap_or_default().into(),
                    origin: origin.into_wire().into(),
                    tags: pairs::key_tags(tags),
                    policy: policy.as_deref().map(|path| policy::read(Some(path))).transpose()?,
                    bypass_policy_lockout_safety_check,
                };
                create(session, request, alias).await
            }
            Self::Import(command) => command.run(session).await,
            Self::List { limit } => {
                let rows = list(session, limit.unwrap_or(usize::MAX)).await?;
                output.list("keys", &["key_id", "key_arn"], rows)
            }
            Self::Describe {
                key: key_id,
                grant_tokens,
            } => {
                let request = v1::DescribeKeyRequest { key_id, grant_tokens };
                output.record(&json::key(&client.describe_key_with(request).await?))
            }
            Self::LastUsage { key } => output.record(&json::last_usage(&client.key_last_usage(&key).await?)),
            Self::Inspect(command) => command.run(session).await,
            Self::Tag(command) => command.run(session).await,
            Self::Untag(command) => command.run(session).await,
            Self::Tags(command) => command.run(session).await,
            Self::Enable { key } => {
                client.enable_key(&key).await?;
                output.done(&format!("enabled {key}"), &json!({ "key_id": key }))
            }
            Self::Disable { key } => {
                client.disable_key(&key).await?;
                output.done(&format!("disabled {key}"), &json!({ "key_id": key }))
            }
            Self::UpdateDescription { key, description } => {
                client.update_key_description(&key, &description).await?;
                output.done(
                    &format!("described {key}"),
                    &json!({ "key_id": key, "description": description }),
                )
            }
            Self::ScheduleDeletion { key, window } => schedule_deletion(session, &key, window).await,
            Self::CancelDeletion { key } => {
                let key_id = client.cancel_key_deletion(&key).await?;
                let sentence = format!("kept {key_id}; it is disabled: strongroom key enable {key}");
                output.done(&sentence, &json!({ "key_id": key_id }))
            }
            Self::Policy(command) => command.run(session).await,
            Self::Rotate(command) => command.run(session).await,
            Self::Rotation(command) => command.run(session).await,
        }
    }
}

async fn create(session: &Session, request: v1::CreateKeyRequest, alias: Option<String>) -> Result<(), CommandFault> {
    if let Some(alias) = &alias {
        require_free(session, alias).await?;
    }
    let key = session.client.create_key(request).await?;
    if let Some(alias) = alias {
        let named = session.client.create_alias(&alias, &key.key_id).await;
        named.map_err(|cause| CommandFault::AliasMissing {
            key_id: key.key_id.clone(),
            alias,
            cause,
        })?;
    }
    session.output.record(&json::key(&key))
}

/// Asked before the key is made: a key whose alias is refused is a key that nobody wanted. Who may not look is not
/// told what exists, and goes on.
async fn require_free(session: &Session, alias: &str) -> Result<(), CommandFault> {
    match session.client.describe_key(alias).await {
        Ok(key) => Err(CommandFault::AliasTaken {
            alias: alias.to_owned(),
            key_id: key.key_id,
        }),
        Err(ClientFault::Refused(refusal))
            if matches!(
                refusal.exception.as_str(),
                "NotFoundException" | "AccessDeniedException"
            ) =>
        {
            Ok(())
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Page after page, up to `most` rows.
async fn list(session: &Session, most: usize) -> Result<Vec<Value>, CommandFault> {
    let mut rows = Vec::new();
    let mut marker = None;
    while rows.len() < most {
        let limit = (most - rows.len()).min(LIST_LIMIT_MAX);
        let request = v1::ListKeysRequest {
            limit: Some(limit as i32),
            marker,
        };
        let page = session.client.list_keys(request).await?;
        rows.extend(
            page.keys
                .iter()
                .map(|key| json!({ "key_id": key.key_id, "key_arn": key.key_arn })),
        );
        marker = page.next_marker;
        if !page.truncated || marker.is_none() {
            break;
        }
    }
    Ok(rows)
}

async fn schedule_deletion(session: &Session, key: &str, window: Option<i32>) -> Result<(), CommandFault> {
    let answer = session.client.schedule_key_deletion(key, window).await?;
    session.output.record(&json!({
        "deletion_date": json::time(answer.deletion_date.as_ref()),
        "key_id": answer.key_id,
        "key_state": json::key_state(answer.key_state()),
        "pending_window_in_days": answer.pending_window_in_days,
    }))
}
