//! `strongroom secret password`: a random password from the service.

use clap::Args;
use strongroom::v1;

use crate::command::Session;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::output::Format;

/// Make a random password.
#[derive(Args)]
pub(crate) struct Password {
    /// Its length in characters, 1 to 4096; 32 if not given
    #[arg(long)]
    length: Option<i64>,
    /// Characters that it must not have
    #[arg(long, default_value = "", hide_default_value = true)]
    exclude_characters: String,
    /// No digits
    #[arg(long)]
    exclude_numbers: bool,
    /// No punctuation
    #[arg(long)]
    exclude_punctuation: bool,
    /// No upper-case letters
    #[arg(long)]
    exclude_uppercase: bool,
    /// No lower-case letters
    #[arg(long)]
    exclude_lowercase: bool,
    /// Spaces too
    #[arg(long)]
    include_space: bool,
    /// Kinds that are not excluded may be missing by chance
    #[arg(long)]
    any_kinds: bool,
    #[command(flatten)]
    reveal: Reveal,
}

impl Password {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("a password")?;
        let request = v1::GetRandomPasswordRequest {
            password_length: self.length,
            exclude_characters: self.exclude_characters,
            exclude_numbers: self.exclude_numbers,
            exclude_punctuation: self.exclude_punctuation,
            exclude_uppercase: self.exclude_uppercase,
            exclude_lowercase: self.exclude_lowercase,
            include_space: self.include_space,
            require_each_included_type: self.any_kinds.then_some(false),
        };
        let password = session.client.random_password(request).await?;
        match session.output {
            Format::Table => emit::material(&password, Encoding::Raw, &self.reveal),
            Format::Json => emit::member_json(&password, ("random_password", Encoding::Raw), &[], &self.reveal),
        }
    }
}
