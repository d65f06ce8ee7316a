//! `strongroom random`: random bytes from the token.

use clap::Args;

use super::Session;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::output::Format;

/// Take random bytes from the token.
#[derive(Args)]
pub(crate) struct Random {
    /// How many, 1 to 1024
    #[arg(long, default_value_t = 32)]
    bytes: i32,
    /// How they are written; raw, or base64 on a terminal, if not given
    #[arg(long, value_enum)]
    encoding: Option<Encoding>,
    #[command(flatten)]
    reveal: Reveal,
}

impl Random {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("random bytes")?;
        session.output.check_encoding(self.encoding)?;
        let bytes = session.client.generate_random(self.bytes).await?;
        match session.output {
            Format::Table => emit::bytes(&bytes, self.encoding, &self.reveal),
            Format::Json => emit::member_json(&bytes, ("plaintext", Encoding::Base64), &[], &self.reveal),
        }
    }
}
