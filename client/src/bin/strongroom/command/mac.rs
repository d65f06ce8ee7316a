//! `strongroom mac` and `strongroom verify-mac`.

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

/// What gets a code, and how.
#[derive(Args)]
pub(crate) struct Message {
    /// The key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// The key's: strongroom key describe shows it
    #[arg(long, value_name = "ALGORITHM", value_parser = names::mac_algorithm(), ignore_case = true)]
    algorithm: v1::MacAlgorithm,
    /// The message, up to 4,096 bytes; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    key_use: KeyUse,
}

/// Make a message authentication code.
#[derive(Args)]
pub(crate) struct Mac {
    #[command(flatten)]
    message: Message,
    /// How the code is written; raw, or base64 on a terminal, if not given
    #[arg(long, value_enum)]
    encoding: Option<Encoding>,
    /// Where to; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Verify a message authentication code.
#[derive(Args)]
pub(crate) struct VerifyMac {
    #[command(flatten)]
    message: Message,
    /// The code
    #[arg(long, value_name = "FILE")]
    mac: PathBuf,
    /// How the code is read
    #[arg(long, value_enum, default_value_t = Encoding::Raw)]
    encoding: Encoding,
}

impl Message {
    fn read(&self) -> Result<Vec<u8>, CommandFault> {
        Source::open(self.input.as_deref())?.read_all(MESSAGE_BYTES_MAX, "a message to authenticate")
    }
}

impl Mac {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::GenerateMacRequest {
            message: self.message.read()?,
            mac_algorithm: self.message.algorithm.into(),
            key_id: self.message.key,
            grant_tokens: self.message.key_use.grant_tokens,
            dry_run: self.message.key_use.dry_run,
        };
        let answer = session.client.generate_mac(request).await?;
        match session.output {
            Format::Table => blob::write(self.out.as_deref(), self.encoding, &answer.mac),
            Format::Json => session.output.record(&json!({
                "key_id": answer.key_id,
                "mac": json::bytes(&answer.mac),
                "mac_algorithm": json::short(answer.mac_algorithm().as_str_name(), "MAC_ALGORITHM_"),
            })),
        }
    }
}

impl VerifyMac {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::VerifyMacRequest {
            message: self.message.read()?,
            mac: blob::read(Some(&self.mac), self.encoding)?,
            mac_algorithm: self.message.algorithm.into(),
            key_id: self.message.key,
            grant_tokens: self.message.key_use.grant_tokens,
            dry_run: self.message.key_use.dry_run,
        };
        let answer = session.client.verify_mac(request).await?;
        let record = json!({
            "key_id": answer.key_id,
            "mac_algorithm": json::short(answer.mac_algorithm().as_str_name(), "MAC_ALGORITHM_"),
            "mac_valid": answer.mac_valid,
        });
        session
            .output
            .done(&format!("verified with {}", answer.key_id), &record)
    }
}
