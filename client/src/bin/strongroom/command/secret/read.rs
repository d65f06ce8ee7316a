//! `strongroom secret get` and `describe`.

use clap::Args;
use strongroom::v1;

use crate::command::Session;
use crate::emit::{self, Reveal};
use crate::fault::CommandFault;
use crate::json;
use crate::output::Format;

/// Print a secret's value.
#[derive(Args)]
pub(crate) struct Get {
    /// Its name or ARN
    secret: String,
    /// The version by its id
    #[arg(long, value_name = "ID")]
    version_id: Option<String>,
    /// The version by its staging label; AWSCURRENT if neither is given
    #[arg(long, value_name = "LABEL")]
    stage: Option<String>,
    #[command(flatten)]
    reveal: Reveal,
}

/// Show a secret.
#[derive(Args)]
pub(crate) struct Describe {
    /// Its name or ARN
    secret: String,
}

impl Get {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("the secret's value")?;
        let request = v1::GetSecretValueRequest {
            secret_id: self.secret,
            version_id: self.version_id,
            version_stage: self.stage,
        };
        let version = session.client.secret_value(request).await?;
        match session.output {
            Format::Table => emit::value(&version.value, &self.reveal),
            Format::Json => emit::version_json(&version, &self.reveal),
        }
    }
}

impl Describe {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        session
            .output
            .record(&json::secret(&session.client.describe_secret(&self.secret).await?))
    }
}
