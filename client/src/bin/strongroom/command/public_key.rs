//! `strongroom public-key`: the public half of a key pair, for other programs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use strongroom::v1;

use super::Session;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink};
use crate::json;
use crate::output::{Format, write_json};
use crate::pem;

/// How a public key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Text (RFC 7468)
    Pem,
    /// SubjectPublicKeyInfo as it is
    Der,
}

/// Show the public key of a key pair.
#[derive(Args)]
pub(crate) struct PublicKey {
    /// The key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Form::Pem)]
    form: Form,
    /// Where to; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// A token of a grant that is too new to be known everywhere; up to ten
    #[arg(long = "grant-token", value_name = "TOKEN")]
    grant_tokens: Vec<String>,
}

impl PublicKey {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::GetPublicKeyRequest {
            key_id: self.key,
            grant_tokens: self.grant_tokens,
        };
        let answer = session.client.public_key(request).await?;
        if session.output == Format::Json {
            return write_json(self.out.as_deref(), &json::public_key(&answer));
        }
        let sink = Sink::create(self.out.as_deref(), Mode::Ordinary)?;
        match self.form {
            Form::Pem => sink.write(pem::encode(&answer.public_key).as_bytes())?,
            Form::Der => sink.write(&answer.public_key)?,
        }
        sink.complete()
    }
}
