//! One file per group of commands; each command makes a call and prints what came back.

pub(crate) mod agreement;
pub(crate) mod alias;
pub(crate) mod completions;
pub(crate) mod data_key;
pub(crate) mod data_key_pair;
pub(crate) mod direct;
pub(crate) mod envelope;
pub(crate) mod grant;
pub(crate) mod identity;
pub(crate) mod key;
pub(crate) mod mac;
pub(crate) mod parameter;
pub(crate) mod public_key;
pub(crate) mod random;
pub(crate) mod re_encrypt;
pub(crate) mod render;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod secret;
pub(crate) mod sign;
pub(crate) mod token;

use serde_json::json;
use strongroom::Client;

use crate::arguments::{Arguments, Command};
use crate::fault::CommandFault;
use crate::output::Format;
use crate::settings;

/// What every command works with.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) output: Format,
}

/// Does what was typed. A dry run that would have succeeded is a success.
pub(crate) async fn run(arguments: Arguments) -> Result<(), CommandFault> {
    let output = arguments.global.output;
    match run_command(arguments).await {
        Err(fault) if fault.is_dry_run() => output.done(
            "the request would have succeeded; nothing was done",
            &json!({ "dry_run": true }),
        ),
        outcome => outcome,
    }
}

async fn run_command(arguments: Arguments) -> Result<(), CommandFault> {
    let output = arguments.global.output;
    let session = || settings::client(&arguments.global).map(|client| Session { client, output });
    match arguments.command {
        Command::Key(command) => command.run(&session()?).await,
        Command::Alias(command) => command.run(&session()?).await,
        Command::Grant(command) => command.run(&session()?).await,
        Command::DataKey(command) => command.run(&session()?).await,
        Command::DataKeyPair(command) => command.run(&session()?).await,
        Command::Encrypt(command) => command.run(&session()?).await,
        Command::Decrypt(command) => command.run(&session()?).await,
        Command::ReEncrypt(command) => command.run(&session()?).await,
        Command::Sign(command) => command.run(&session()?).await,
        Command::Verify(command) => command.run(&session()?).await,
        Command::PublicKey(command) => command.run(&session()?).await,
        Command::Mac(command) => command.run(&session()?).await,
        Command::VerifyMac(command) => command.run(&session()?).await,
        Command::DeriveSharedSecret(command) => command.run(&session()?).await,
        Command::Encapsulate(command) => command.run(&session()?).await,
        Command::Decapsulate(command) => command.run(&session()?).await,
        Command::Random(command) => command.run(&session()?).await,
        Command::Parameter(command) => command.run(&session()?).await,
        Command::Secret(command) => command.run(&session()?).await,
        Command::Report(command) => command.run(&session()?).await,
        Command::Render(command) => command.run(&session()?).await,
        Command::Run(command) => command.run(&session()?).await,
        Command::Identity => identity::run(&session()?).await,
        Command::Token => token::run(&session()?).await,
        Command::Completions { shell } => completions::run(shell),
    }
}
