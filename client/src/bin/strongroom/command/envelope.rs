//! `strongroom encrypt` and `strongroom decrypt`: files and pipes of any size, in constant memory; with `--algorithm` what
//! the key itself encrypts.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::Args;
use strongroom::{ClientFault, StreamFault, v1};

use super::Session;
use super::direct::{Algorithm, Request};
use crate::blocking::Blocking;
use crate::emit::Reveal;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink, Source};
use crate::key_use::KeyUse;
use crate::pairs::{self, Pair};
use crate::progress::Progress;

/// Encrypt a file or pipe.
#[derive(Args)]
pub(crate) struct Encrypt {
    /// The key: key id, key ARN, alias/NAME or alias ARN
    #[arg(long)]
    key: String,
    /// Needed again to decrypt; not secret; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context: Vec<Pair>,
    /// What to encrypt; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// Where to; appears when it is complete; stdout if not given
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    algorithm: Algorithm,
    #[command(flatten)]
    key_use: KeyUse,
}

/// Decrypt what `encrypt` made.
#[derive(Args)]
pub(crate) struct Decrypt {
    /// Refuse what another key encrypted; the data name their key themselves, unless an RSA key encrypted them
    #[arg(long)]
    key: Option<String>,
    /// The same as when encrypting; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    context: Vec<Pair>,
    /// What to decrypt; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    reveal: Reveal,
    #[command(flatten)]
    algorithm: Algorithm,
    #[command(flatten)]
    key_use: KeyUse,
}

impl Encrypt {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        if self.out.is_none() && io::stdout().is_terminal() {
            return Err(CommandFault::Terminal {
                what: "ciphertext",
                alternatives: " or use --out FILE",
            });
        }
        if let Some(algorithm) = self.algorithm.algorithm {
            let request = Request {
                algorithm,
                context: self.context,
                input: self.input.as_deref(),
                key_use: self.key_use,
            };
            return request.encrypt(session, &self.key, self.out.as_deref()).await;
        }
        let context = pairs::context(self.context)?;
        let source = Source::open(self.input.as_deref())?;
        let sink = Sink::create(self.out.as_deref(), Mode::Ordinary)?;
        let reader = Blocking::new(&source.file, Progress::over(source.length));
        let writer = Blocking::new(sink.file(), Progress::none());
        let request = v1::GenerateDataKeyRequest {
            key_id: self.key,
            encryption_context: context,
            grant_tokens: self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
            ..v1::GenerateDataKeyRequest::default()
        };
        let sealed = session.client.seal_with(request, reader, writer).await;
        sealed.map_err(|fault| refused(name(fault, &source, &sink)))?;
        sink.complete()
    }
}

impl Decrypt {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("decrypted data")?;
        if let Some(algorithm) = self.algorithm.algorithm {
            let request = Request {
                algorithm,
                context: self.context,
                input: self.input.as_deref(),
                key_use: self.key_use,
            };
            return request.decrypt(session, self.key, &self.reveal).await;
        }
        let context = pairs::context(self.context)?;
        let source = Source::open(self.input.as_deref())?;
        let sink = Sink::create(self.reveal.out.as_deref(), Mode::Private)?;
        let reader = Blocking::new(&source.file, Progress::over(source.length));
        let writer = Blocking::new(sink.file(), Progress::none());
        let request = v1::DecryptRequest {
            key_id: self.key,
            encryption_context: context,
            grant_tokens: self.key_use.grant_tokens,
            dry_run: self.key_use.dry_run,
            ..v1::DecryptRequest::default()
        };
        let opened = session.client.open_with(request, reader, writer).await;
        opened.map_err(|fault| name(fault, &source, &sink))?;
        sink.complete()
    }
}

/// A key that makes no data key may encrypt all the same.
fn refused(fault: CommandFault) -> CommandFault {
    match fault {
        CommandFault::Client(cause) => CommandFault::hinted(cause, "InvalidKeyUsageException", || {
            "a key pair makes no data key: with --algorithm it encrypts a short input itself; `strongroom key describe KEY` \
             shows its algorithms"
                .to_owned()
        }),
        other => other,
    }
}

/// Says which file failed.
fn name(fault: ClientFault, source: &Source, sink: &Sink) -> CommandFault {
    match fault {
        ClientFault::Stream(StreamFault::Read(cause)) => CommandFault::Input {
            name: source.name.clone(),
            cause,
        },
        ClientFault::Stream(StreamFault::Write(cause)) => sink.fault(cause),
        other => other.into(),
    }
}
