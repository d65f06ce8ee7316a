//! `strongroom grant create`.

use clap::Args;
use serde_json::json;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::json;
use crate::key_use::KeyUse;
use crate::pairs::{self, Pair};

/// Let a principal use a key.
#[derive(Args)]
pub(crate) struct Create {
    /// Key id or key ARN
    key: String,
    /// The ARN of the principal who may
    #[arg(long, value_name = "ARN")]
    grantee: String,
    /// What it may do, such as Decrypt or GenerateDataKey; may be repeated, or a list with commas
    #[arg(long = "operation", value_name = "OPERATION", value_delimiter = ',', required = true, value_parser = operation)]
    operations: Vec<v1::GrantOperation>,
    /// The ARN of a principal who may retire the grant
    #[arg(long, value_name = "ARN")]
    retiring: Option<String>,
    /// Only with encryption contexts that have this; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context_subset: Vec<Pair>,
    /// Only with the encryption context that is this; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context_equals: Vec<Pair>,
    /// The same request with the same name gives the grant that there is already
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    key_use: KeyUse,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let constraints = v1::GrantConstraints {
            encryption_context_subset: pairs::context(self.context_subset)?,
            encryption_context_equals: pairs::context(self.context_equals)?,
        };
        let request = v1::CreateGrantRequest {
            key_id: self.key,
            grantee_principal: self.grantee,
            retiring_principal: self.retiring,
            operations: self.operations.into_iter().map(i32::from).collect(),
            constraints: Some(constraints),
            name: self.name,
            grant_tokens: self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
        };
        let answer = session.client.create_grant(request).await?;
        session.output.record(&json!({
            "grant_id": answer.grant_id,
            "grant_token": answer.grant_token,
        }))
    }
}

/// An operation by AWS's name; letters of either case are the same.
fn operation(text: &str) -> Result<v1::GrantOperation, String> {
    let names: Vec<_> = json::grant_operations().collect();
    let found = names.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
    found.map(|(operation, _)| *operation).ok_or_else(|| {
        let known: Vec<_> = names.iter().map(|(_, name)| name.as_str()).collect();
        format!("a grant may permit {}", known.join(", "))
    })
}
