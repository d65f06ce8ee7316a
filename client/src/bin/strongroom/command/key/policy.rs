//! `strongroom key policy`: who may do what with a key.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::json;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::limit::KEY_POLICY_BYTES_MAX;
use crate::policy_text;

/// Read and replace a key's policy.
#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Replace a key's policy; the new one decides from the next request on
    Put(Put),
    /// Show a key's policy, as it was put
    Get {
        /// Key id or key ARN
        key: String,
        /// Write to this file instead of stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List the names of a key's policies, of which there is one
    List {
        /// Key id or key ARN
        key: String,
    },
}

/// Replace a key's policy.
#[derive(Args)]
pub(crate) struct Put {
    /// Key id or key ARN
    key: String,
    /// The policy document, JSON; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Accept a policy under which you could not put another one
    #[arg(long)]
    bypass_policy_lockout_safety_check: bool,
}

impl PolicyCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        match self {
            Self::Put(command) => command.run(session).await,
            Self::Get { key, out } => {
                let policy = session.client.key_policy(&key).await?;
                let record = json!({ "policy": policy, "policy_name": "default" });
                policy_text::show(session.output, &policy, &record, out.as_deref())
            }
            Self::List { key } => list(session, key).await,
        }
    }
}

impl Put {
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::PutKeyPolicyRequest {
            key_id: self.key,
            policy_name: None,
            policy: read(self.input.as_deref())?,
            bypass_policy_lockout_safety_check: self.bypass_policy_lockout_safety_check,
        };
        let key = request.key_id.clone();
        session.client.put_key_policy(request).await?;
        let sentence = format!("put the policy of {key}");
        session.output.done(&sentence, &json!({ "key_id": key }))
    }
}

/// The text of a key policy, to the letter.
pub(crate) fn read(input: Option<&Path>) -> Result<String, CommandFault> {
    policy_text::read(input, (KEY_POLICY_BYTES_MAX, "a key policy"))
}

async fn list(session: &Session, key_id: String) -> Result<(), CommandFault> {
    let request = v1::ListKeyPoliciesRequest {
        key_id,
        ..v1::ListKeyPoliciesRequest::default()
    };
    // Every key has one policy, so there is no second page.
    let page = session.client.list_key_policies(request).await?;
    let rows = page.policy_names.iter().map(|name| json!({ "policy_name": name }));
    session.output.list("policies", &["policy_name"], rows.collect())
}
