//! `strongroom secret delete` and `restore`.

use clap::Args;
use serde_json::json;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::json;

/// Make a secret unreadable, and remove it.
#[derive(Args)]
pub(crate) struct Delete {
    /// Its name or ARN
    secret: String,
    /// How long it can be restored, 7 to 30 days; 30 if not given
    #[arg(long, value_name = "DAYS", conflicts_with = "force_without_recovery")]
    recovery_window: Option<i64>,
    /// At once, and for ever
    #[arg(long)]
    force_without_recovery: bool,
}

/// Take a secret back.
#[derive(Args)]
pub(crate) struct Restore {
    /// Its name or ARN
    secret: String,
}

impl Delete {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::DeleteSecretRequest {
            secret_id: self.secret,
            recovery_window_in_days: self.recovery_window,
            force_delete_without_recovery: self.force_without_recovery,
        };
        let answer = session.client.delete_secret(request).await?;
        session.output.record(&json!({
            "arn": answer.arn,
            "deletion_date": json::time(answer.deletion_date.as_ref()),
            "name": answer.name,
        }))
    }
}

impl Restore {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let answer = session.client.restore_secret(&self.secret).await?;
        session
            .output
            .record(&json!({ "arn": answer.arn, "name": answer.name }))
    }
}
