//! `strongroom mac` and `strongroom verify-mac`.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use strongroom::{Material, MessageToAuthenticate, v1};

use super::Session;
use crate::blob;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::json;
use crate::key_use::KeyUse;
use crate::message::{Destination, Input, TO_AUTHENTICATE};
use crate::names;
use crate::output::Format;

/// What gets a code, and how.
#[derive(Args)]
pub(crate) struct Authentication {
    /// The key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// The key's: strongroom key describe shows it
    #[arg(long, value_name = "ALGORITHM", value_parser = names::mac_algorithm(), ignore_case = true)]
    algorithm: v1::MacAlgorithm,
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    key_use: KeyUse,
}

/// Make a message authentication code.
#[derive(Args)]
pub(crate) struct Mac {
    #[command(flatten)]
    authentication: Authentication,
    #[command(flatten)]
    destination: Destination,
}

/// Verify a message authentication code.
#[derive(Args)]
pub(crate) struct VerifyMac {
    #[command(flatten)]
    authentication: Authentication,
    /// The code
    #[arg(long, value_name = "FILE")]
    mac: PathBuf,
    /// How the code is read
    #[arg(long, value_enum, default_value_t = Encoding::Raw)]
    encoding: Encoding,
}

impl Authentication {
    fn request<'a>(&'a self, message: &'a Material<strongroom::Message>) -> MessageToAuthenticate<'a> {
        MessageToAuthenticate {
            key_id: &self.key,
            algorithm: self.algorithm,
            message,
            grant_tokens: &self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
        }
    }
}

impl Mac {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.destination.check(session.output)?;
        let message = self.authentication.input.read(TO_AUTHENTICATE)?;
        let made = session
            .client
            .generate_mac(self.authentication.request(&message))
            .await?;
        let Destination { encoding, out } = self.destination;
        // A code goes wherever its message goes: a screen may show it, but a file is its owner's.
        let reveal = Reveal { out, reveal: true };
        let algorithm = json::short(made.algorithm.as_str_name(), "MAC_ALGORITHM_");
        let others = [("key_id", made.key_id.as_str()), ("mac_algorithm", algorithm)];
        match session.output {
            Format::Table => emit::bytes(&made.mac, encoding, &reveal),
            Format::Json => emit::member_json(&made.mac, ("mac", Encoding::Base64), &others, &reveal),
        }
    }
}

impl VerifyMac {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let message = self.authentication.input.read(TO_AUTHENTICATE)?;
        let mac = Material::take(blob::read(
            Some(&self.mac),
            self.encoding,
            "a message authentication code",
        )?);
        let request = self.authentication.request(&message);
        let answer = session.client.verify_mac(request, &mac).await?;
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
