//! `strongroom alias`: names of keys.

use clap::Subcommand;
use serde_json::{Value, json};
use strongroom::v1;

use super::Session;
use crate::fault::CommandFault;
use crate::json;
use crate::limit::{self, LIST_LIMIT_MAX};

/// Name keys.
#[derive(Subcommand)]
pub(crate) enum AliasCommand {
    /// Name a key
    Create {
        /// alias/NAME
        alias: String,
        /// Key id or key ARN
        key: String,
    },
    /// Point a name at another key
    Update {
        /// alias/NAME
        alias: String,
        /// Key id or key ARN
        key: String,
    },
    /// Remove a name; the key stays
    Delete {
        /// alias/NAME
        alias: String,
    },
    /// List names
    List {
        /// Only those of this key (id or ARN)
        #[arg(long)]
        key: Option<String>,
        /// At most so many
        #[arg(long, value_name = "ROWS", value_parser = limit::rows)]
        limit: Option<usize>,
    },
}

impl AliasCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let Session { client, output } = session;
        match self {
            Self::Create { alias, key } => {
                client.create_alias(&alias, &key).await?;
                output.done(
                    &format!("{alias} names {key}"),
                    &json!({ "alias_name": alias, "target_key_id": key }),
                )
            }
            Self::Update { alias, key } => {
                client.update_alias(&alias, &key).await?;
                output.done(
                    &format!("{alias} names {key}"),
                    &json!({ "alias_name": alias, "target_key_id": key }),
                )
            }
            Self::Delete { alias } => {
                client.delete_alias(&alias).await?;
                output.done(&format!("removed {alias}"), &json!({ "alias_name": alias }))
            }
            Self::List { key, limit } => {
                let rows = list(session, key, limit.unwrap_or(usize::MAX)).await?;
                output.list("aliases", &["alias_name", "target_key_id", "last_updated_date"], rows)
            }
        }
    }
}

/// Page after page, up to `most` rows.
async fn list(session: &Session, key_id: Option<String>, most: usize) -> Result<Vec<Value>, CommandFault> {
    let mut rows = Vec::new();
    let mut marker = None;
    while rows.len() < most {
        let limit = (most - rows.len()).min(LIST_LIMIT_MAX);
        let request = v1::ListAliasesRequest {
            key_id: key_id.clone(),
            limit: Some(limit as i32),
            marker,
        };
        let page = session.client.list_aliases(request).await?;
        rows.extend(page.aliases.iter().map(json::alias));
        marker = page.next_marker;
        if !page.truncated || marker.is_none() {
            break;
        }
    }
    Ok(rows)
}
