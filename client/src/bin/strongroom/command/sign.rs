//! `strongroom sign` and `strongroom verify`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use strongroom::v1;

use super::Session;
use crate::blob;
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::json;
use crate::key_use::KeyUse;
use crate::limit::MESSAGE_BYTES_MAX;
use crate::names;
use crate::output::Format;

/// What is signed, and how.
#[derive(Args)]
pub(crate) struct Message {
    /// The key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// One of the key's: strongroom key describe shows them
    #[arg(long, value_name = "ALGORITHM", value_parser = names::signing_algorithm(), ignore_case = true)]
    algorithm: v1::SigningAlgorithm,
    /// Whether the input is the message, or its digest: of more than 4,096 bytes sign the digest
    #[arg(long, value_name = "TYPE", value_parser = names::message_type(), ignore_case = true, default_value = "RAW")]
    message_type: v1::MessageType,
    /// The message, up to 4,096 bytes; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    key_use: KeyUse,
}

/// Sign a message.
#[derive(Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    message: Message,
    /// How the signature is written; raw, or base64 on a terminal, if not given
    #[arg(long, value_enum)]
    encoding: Option<Encoding>,
    /// Where to; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Verify a signature.
#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    message: Message,
    /// The signature
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
    /// How the signature is read
    #[arg(long, value_enum, default_value_t = Encoding::Raw)]
    encoding: Encoding,
}

impl Message {
    fn read(&self) -> Result<Vec<u8>, CommandFault> {
        Source::open(self.input.as_deref())?.read_all(MESSAGE_BYTES_MAX, "a message to sign")
    }
}

impl Sign {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::SignRequest {
            message: self.message.read()?,
            message_type: self.message.message_type.into(),
            signing_algorithm: self.message.algorithm.into(),
            key_id: self.message.key,
            grant_tokens: self.message.key_use.grant_tokens,
            dry_run: self.message.key_use.dry_run,
        };
        let answer = session.client.sign(request).await?;
        match session.output {
            Format::Table => blob::write(self.out.as_deref(), self.encoding, &answer.signature),
            Format::Json => session.output.record(&json!({
                "key_id": answer.key_id,
                "signature": json::bytes(&answer.signature),
                "signing_algorithm": json::short(answer.signing_algorithm().as_str_name(), "SIGNING_ALGORITHM_"),
            })),
        }
    }
}

impl Verify {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::VerifyRequest {
            message: self.message.read()?,
            message_type: self.message.message_type.into(),
            signing_algorithm: self.message.algorithm.into(),
            signature: blob::read(Some(&self.signature), self.encoding)?,
            key_id: self.message.key,
            grant_tokens: self.message.key_use.grant_tokens,
            dry_run: self.message.key_use.dry_run,
        };
        let answer = session.client.verify(request).await?;
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
