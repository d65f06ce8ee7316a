//! `strongroom grant`: principals who may use a key until the grant is taken back.

mod create;
mod list;

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::v1;

use super::Session;
use crate::fault::CommandFault;

/// Let principals use a key, and take that back.
#[derive(Subcommand)]
pub(crate) enum GrantCommand {
    /// Let a principal use a key in some ways, from the next request on
    Create(create::Create),
    /// List a key's grants
    List(list::List),
    /// List the grants, on any key, that name a retiring principal
    ListRetirable(list::ListRetirable),
    /// Give a grant up: for its retiring principal, its grantee if it permits RetireGrant, and the key's account
    Retire(Retire),
    /// Take a grant away: for those who look after the key
    Revoke(Revoke),
}

/// Give a grant up.
#[derive(Args)]
pub(crate) struct Retire {
    /// The grant's token; otherwise give --key and --grant
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["key", "grant"], required_unless_present = "grant")]
    token: Option<String>,
    /// Key id or key ARN of the grant's key
    #[arg(long, value_name = "KEY", requires = "grant")]
    key: Option<String>,
    /// The grant's id
    #[arg(long, value_name = "GRANT", requires = "key")]
    grant: Option<String>,
    /// Only check whether it would succeed
    #[arg(long)]
    dry_run: bool,
}

/// Take a grant away.
#[derive(Args)]
pub(crate) struct Revoke {
    /// Key id or key ARN
    key: String,
    /// The grant's id
    grant: String,
    /// Only check whether it would succeed
    #[arg(long)]
    dry_run: bool,
}

impl GrantCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        match self {
            Self::Create(command) => command.run(session).await,
            Self::List(command) => command.run(session).await,
            Self::ListRetirable(command) => command.run(session).await,
            Self::Retire(command) => command.run(session).await,
            Self::Revoke(command) => command.run(session).await,
        }
    }
}

impl Retire {
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let subject = json!({ "grant_id": self.grant, "key_id": self.key });
        let sentence = match &self.grant {
            Some(grant) => format!("retired {grant}"),
            None => "retired the grant".to_owned(),
        };
        let request = v1::RetireGrantRequest {
            grant_token: self.token,
            key_id: self.key,
            grant_id: self.grant,
            dry_run: self.dry_run,
        };
        session.client.retire_grant(request).await?;
        session.output.done(&sentence, &subject)
    }
}

impl Revoke {
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let subject = json!({ "grant_id": self.grant, "key_id": self.key });
        let sentence = format!("revoked {}", self.grant);
        let request = v1::RevokeGrantRequest {
            key_id: self.key,
            grant_id: self.grant,
            dry_run: self.dry_run,
        };
        session.client.revoke_grant(request).await?;
        session.output.done(&sentence, &subject)
    }
}
