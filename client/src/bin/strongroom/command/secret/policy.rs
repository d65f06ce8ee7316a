//! `strongroom secret policy`: who may do what with a secret.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::limit::SECRET_POLICY_BYTES_MAX;
use crate::output::Format;
use crate::policy_text;

/// Read, check, replace and remove a secret's resource policy.
#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// Put a resource policy on a secret, in the place of the one it has
    Put(Put),
    /// Show a secret's resource policy, as it was put
    Get {
        /// Its name or ARN
        secret: String,
        /// Write to this file instead of stdout
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take the resource policy from a secret
    Delete {
        /// Its name or ARN
        secret: String,
    },
    /// Say what speaks against a resource policy, without putting it anywhere
    Validate(Validate),
}

/// Put a resource policy on a secret.
#[derive(Args)]
pub(crate) struct Put {
    /// Its name or ARN
    secret: String,
    /// The policy document, JSON; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Refuse a policy that lets in everybody
    #[arg(long)]
    block_public_policy: bool,
}

/// Say what speaks against a resource policy.
#[derive(Args)]
pub(crate) struct Validate {
    /// Name or ARN of the secret that it is for
    secret: Option<String>,
    /// The policy document, JSON; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
}

impl PolicyCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        match self {
            Self::Put(command) => command.run(session).await,
            Self::Get { secret, out } => get(session, &secret, out.as_deref()).await,
            Self::Delete { secret } => {
                let answer = session.client.delete_resource_policy(&secret).await?;
                let sentence = format!("{} has no resource policy", answer.name);
                let record = json!({ "arn": answer.arn, "name": answer.name, "policy_name": answer.policy_name });
                session.output.done(&sentence, &record)
            }
            Self::Validate(command) => command.run(session).await,
        }
    }
}

impl Put {
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::PutResourcePolicyRequest {
            secret_id: self.secret,
            resource_policy: read(self.input.as_deref())?,
            block_public_policy: self.block_public_policy,
            policy_name: None,
        };
        let answer = session.client.put_resource_policy(request).await?;
        let sentence = format!("put the resource policy of {}", answer.name);
        let record = json!({ "arn": answer.arn, "name": answer.name, "policy_name": answer.policy_name });
        session.output.done(&sentence, &record)
    }
}

impl Validate {
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::ValidateResourcePolicyRequest {
            secret_id: self.secret,
            resource_policy: read(self.input.as_deref())?,
        };
        let answer = session.client.validate_resource_policy(request).await?;
        let error = |error: &v1::ValidationErrorsEntry| json!({ "check_name": error.check_name, "error_message": error.error_message });
        let errors: Vec<Value> = answer.validation_errors.iter().map(error).collect();
        match session.output {
            Format::Table if !answer.policy_validation_passed => {
                session
                    .output
                    .list("validation_errors", &["check_name", "error_message"], errors)
            }
            Format::Table | Format::Json => session.output.done(
                "nothing speaks against the policy",
                &json!({ "policy_validation_passed": answer.policy_validation_passed, "validation_errors": errors }),
            ),
        }
    }
}

async fn get(session: &Session, secret: &str, out: Option<&Path>) -> Result<(), CommandFault> {
    let answer = session.client.resource_policy(secret).await?;
    let record = json!({
        "arn": answer.arn,
        "name": answer.name,
        "policy_name": answer.policy_name,
        "resource_policy": answer.resource_policy,
    });
    match &answer.resource_policy {
        Some(policy) => policy_text::show(session.output, policy, &record, out),
        None => {
            let sentence = format!("{} has no resource policy", answer.name);
            session.output.done(&sentence, &record)
        }
    }
}

/// The text of a resource policy, to the letter.
fn read(input: Option<&Path>) -> Result<String, CommandFault> {
    policy_text::read(input, (SECRET_POLICY_BYTES_MAX, "a secret's resource policy"))
}
