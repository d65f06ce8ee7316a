//! `strongroom derive-shared-secret`, `strongroom encapsulate` and `strongroom decapsulate`: secrets that two sides share.

use std::path::PathBuf;

use clap::Args;
use strongroom::{Material, SharedSecret, v1};

use super::Session;
use crate::blob;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::json;
use crate::key_use::KeyUse;
use crate::limit::PUBLIC_KEY_BYTES_MAX;
use crate::output::Format;
use crate::pem;

/// The key, and where the secret goes.
#[derive(Args)]
pub(crate) struct Side {
    /// The key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// How the secret is written; raw, or base64 on a terminal, if not given
    #[arg(long, value_enum)]
    encoding: Option<Encoding>,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    key_use: KeyUse,
}

/// Derive the secret that a key pair shares with another one.
#[derive(Args)]
pub(crate) struct DeriveSharedSecret {
    #[command(flatten)]
    side: Side,
    /// The other side's public key, PEM or DER; stdin if not given
    #[arg(long, value_name = "FILE")]
    peer: Option<PathBuf>,
}

/// Make a secret, and its encapsulation.
#[derive(Args)]
pub(crate) struct Encapsulate {
    #[command(flatten)]
    side: Side,
    /// Write the encapsulation to this file, raw
    #[arg(long, value_name = "FILE")]
    blob_out: PathBuf,
}

/// Open an encapsulation.
#[derive(Args)]
pub(crate) struct Decapsulate {
    #[command(flatten)]
    side: Side,
    /// The encapsulation; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
}

impl Side {
    fn check(&self, output: Format) -> Result<(), CommandFault> {
        self.reveal.check("a shared secret")?;
        output.check_encoding(self.encoding)
    }

    fn print(
        &self,
        output: Format,
        secret: &Material<SharedSecret>,
        others: &[(&str, &str)],
    ) -> Result<(), CommandFault> {
        match output {
            Format::Table => emit::bytes(secret, self.encoding, &self.reveal),
            Format::Json => emit::member_json(secret, ("shared_secret", Encoding::Base64), others, &self.reveal),
        }
    }
}

impl DeriveSharedSecret {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.side.check(session.output)?;
        let peer = Source::open(self.peer.as_deref())?.read_all(PUBLIC_KEY_BYTES_MAX, "a public key")?;
        let request = v1::DeriveSharedSecretRequest {
            key_id: self.side.key.clone(),
            key_agreement_algorithm: v1::KeyAgreementAlgorithm::Ecdh.into(),
            public_key: pem::decode(peer)?,
            grant_tokens: self.side.key_use.grant_tokens.clone(),
            dry_run: self.side.key_use.dry_run,
        };
        let agreed = session.client.derive_shared_secret(request).await?;
        self.side
            .print(session.output, &agreed.secret, &[("key_id", &agreed.key_id)])
    }
}

impl Encapsulate {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.side.check(session.output)?;
        let request = v1::EncapsulateRequest {
            key_id: self.side.key.clone(),
            encapsulation_algorithm: v1::EncapsulationAlgorithm::MlKem.into(),
            grant_tokens: self.side.key_use.grant_tokens.clone(),
            dry_run: self.side.key_use.dry_run,
        };
        let made = session.client.encapsulate(request).await?;
        blob::write(Some(&self.blob_out), Some(Encoding::Raw), &made.ciphertext_blob)?;
        let blob = json::bytes(&made.ciphertext_blob);
        let others = [
            ("key_id", made.key_id.as_str()),
            ("shared_secret_ciphertext_blob", &blob),
        ];
        self.side.print(session.output, &made.secret, &others)
    }
}

impl Decapsulate {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.side.check(session.output)?;
        let request = v1::DecapsulateRequest {
            key_id: self.side.key.clone(),
            shared_secret_ciphertext_blob: blob::read(self.input.as_deref(), Encoding::Raw, "an encapsulation")?,
            encapsulation_algorithm: v1::EncapsulationAlgorithm::MlKem.into(),
            grant_tokens: self.side.key_use.grant_tokens.clone(),
            dry_run: self.side.key_use.dry_run,
        };
        let agreed = session.client.decapsulate(request).await?;
        self.side
            .print(session.output, &agreed.secret, &[("key_id", &agreed.key_id)])
    }
}
