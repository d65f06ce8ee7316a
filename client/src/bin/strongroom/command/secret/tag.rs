//! `strongroom secret tag`, `untag` and `stage`: what a secret and its versions are labelled with.

use clap::Args;
use serde_json::json;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::pairs::{self, Pair};

/// Set tags.
#[derive(Args)]
pub(crate) struct Tag {
    /// The secret's name or ARN
    secret: String,
    /// The tags
    #[arg(required = true, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    tags: Vec<Pair>,
}

/// Remove tags.
#[derive(Args)]
pub(crate) struct Untag {
    /// The secret's name or ARN
    secret: String,
    /// The tags' names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

/// Move a staging label.
#[derive(Args)]
pub(crate) struct Stage {
    /// The secret's name or ARN
    secret: String,
    /// The label, for example AWSCURRENT
    label: String,
    /// The version that has it
    #[arg(long, value_name = "VERSION_ID")]
    from: Option<String>,
    /// The version that gets it; removed only if not given
    #[arg(long, value_name = "VERSION_ID")]
    to: Option<String>,
}

impl Tag {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::TagResourceRequest {
            secret_id: self.secret.clone(),
            tags: pairs::tags(self.tags),
        };
        session.client.tag_resource(request).await?;
        session
            .output
            .done(&format!("tagged {}", self.secret), &json!({ "secret_id": self.secret }))
    }
}

impl Untag {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::UntagResourceRequest {
            secret_id: self.secret.clone(),
            tag_keys: self.names,
        };
        session.client.untag_resource(request).await?;
        session.output.done(
            &format!("untagged {}", self.secret),
            &json!({ "secret_id": self.secret }),
        )
    }
}

impl Stage {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::UpdateSecretVersionStageRequest {
            secret_id: self.secret,
            version_stage: self.label,
            remove_from_version_id: self.from,
            move_to_version_id: self.to,
        };
        let answer = session.client.update_secret_version_stage(request).await?;
        session
            .output
            .record(&json!({ "arn": answer.arn, "name": answer.name }))
    }
}
