//! What the commands have in common that sign a message, make a code for one, or verify either.

use std::path::PathBuf;

use clap::Args;
use strongroom::{Material, Message};

use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::limit::MESSAGE_BYTES_MAX;
use crate::output::Format;

/// What is too long when a message to be signed is: its digest may be signed instead.
pub(crate) const TO_SIGN: &str = "a message to sign";
/// The same of a message that gets a code, which has no other form.
pub(crate) const TO_AUTHENTICATE: &str = "a message to authenticate";

/// Where the message comes from.
#[derive(Args)]
pub(crate) struct Input {
    /// The message, up to 4,096 bytes; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
}

/// Where what is made of it goes.
#[derive(Args)]
pub(crate) struct Destination {
    /// How it is written; raw, or base64 on a terminal, if not given
    #[arg(long, value_enum)]
    pub(crate) encoding: Option<Encoding>,
    /// Where to; stdout if not given
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

impl Input {
    /// The message; `what` it is for where it is too long.
    pub(crate) fn read(&self, what: &'static str) -> Result<Material<Message>, CommandFault> {
        let bytes = Source::open(self.input.as_deref())?.read_all(MESSAGE_BYTES_MAX, what)?;
        Ok(Material::take(bytes))
    }
}

impl Destination {
    /// Asked before the service is, so that nothing is made in vain.
    pub(crate) fn check(&self, output: Format) -> Result<(), CommandFault> {
        output.check_encoding(self.encoding)
    }
}
