//! `strongroom key tag`, `untag` and `tags`: what keys are sorted by.

use clap::Args;
use serde_json::json;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::pairs::{self, Pair};

/// Set tags.
#[derive(Args)]
pub(crate) struct Tag {
    /// Key id or key ARN
    key: String,
    /// The tags
    #[arg(required = true, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    tags: Vec<Pair>,
}

/// Remove tags.
#[derive(Args)]
pub(crate) struct Untag {
    /// Key id or key ARN
    key: String,
    /// The tags' names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

/// List tags.
#[derive(Args)]
pub(crate) struct Tags {
    /// Key id or key ARN
    key: String,
}

impl Tag {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::TagKeyRequest {
            key_id: self.key.clone(),
            tags: pairs::key_tags(self.tags),
        };
        session.client.tag_key(request).await?;
        session
            .output
            .done(&format!("tagged {}", self.key), &json!({ "key_id": self.key }))
    }
}

impl Untag {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::UntagKeyRequest {
            key_id: self.key.clone(),
            tag_keys: self.names,
        };
        session.client.untag_key(request).await?;
        session
            .output
            .done(&format!("untagged {}", self.key), &json!({ "key_id": self.key }))
    }
}

impl Tags {
    /// Page after page.
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut rows = Vec::new();
        let mut marker = None;
        loop {
            let request = v1::ListResourceTagsRequest {
                key_id: self.key.clone(),
                limit: None,
                marker,
            };
            let page = session.client.list_key_tags(request).await?;
            let row = |tag: &v1::KeyTag| json!({ "tag_key": tag.tag_key, "tag_value": tag.tag_value });
            rows.extend(page.tags.iter().map(row));
            marker = page.next_marker;
            if !page.truncated || marker.is_none() {
                break;
            }
        }
        session.output.list("tags", &["tag_key", "tag_value"], rows)
    }
}
