//! `strongroom sign` and `strongroom verify`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use strongroom::{Material, MessageToSign, v1};

use super::Session;
use crate::blob;
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::json;
use crate::key_use::KeyUse;
use crate::message::{Destination, Input, TO_SIGN};
use crate::names;
use crate::output::{Format, write_json};

/// What is signed, and how.
#[derive(Args)]
pub(crate) struct Signing {
    /// The key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// One of the key's: strongroom key describe shows them
    #[arg(long, value_name = "ALGORITHM", value_parser = names::signing_algorithm(), ignore_case = true)]
    algorithm: v1::SigningAlgorithm,
    /// Whether the input is the message, or its digest: of more than 4,096 bytes sign the digest
    #[arg(long, value_name = "TYPE", value_parser = names::message_type(), ignore_case = true, default_value = "RAW")]
    message_type: v1::MessageType,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    key_use: KeyUse,
}

/// Sign a message.
#[derive(Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    signing: Signing,
    #[command(flatten)]
    destination: Destination,
}

/// Verify a signature.
#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    signing: Signing,
    /// The signature
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
    /// How the signature is read
    #[arg(long, value_enum, default_value_t = Encoding::Raw)]
    encoding: Encoding,
}

impl Signing {
    fn request<'a>(&'a self, message: &'a Material<strongroom::Message>) -> MessageToSign<'a> {
        MessageToSign {
            key_id: &self.key,
            algorithm: self.algorithm,
            message,
            message_type: self.message_type,
            grant_tokens: &self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
        }
    }
}

impl Sign {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.destination.check(session.output)?;
        let message = self.signing.input.read(TO_SIGN)?;
        let answer = session.client.sign(self.signing.request(&message)).await?;
        let Destination { encoding, out } = self.destination;
        match session.output {
            Format::Table => blob::write(out.as_deref(), encoding, &answer.signature),
            Format::Json => write_json(
                out.as_deref(),
                &json!({
                    "key_id": answer.key_id,
                    "signature": json::bytes(&answer.signature),
                    "signing_algorithm": json::short(answer.signing_algorithm().as_str_name(), "SIGNING_ALGORITHM_"),
                }),
            ),
        }
    }
}

impl Verify {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let message = self.signing.input.read(TO_SIGN)?;
        let signature = blob::read(Some(&self.signature), self.encoding, "a signature")?;
        let request = self.signing.request(&message);
        let answer = session.client.verify(request, &signature).await?;
        let record = json!({
            "key_id": answer.key_id,
            "signature_valid": answer.signature_valid,
            "signing_algorithm": json::short(answer.signing_algorithm().as_str_name(), "SIGNING_ALGORITHM_"),
        });
        session
            .output
            .done(&format!("verified with {}", answer.key_id), &record)
    }
}
