//! What can be typed: global options and the tree of commands.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use crate::command::{
    agreement, alias, data_key, data_key_pair, envelope, grant, key, mac, parameter, public_key, random, re_encrypt,
    render, report, run, secret, sign,
};
use crate::limit::REQUEST_SECONDS_MAX;
use crate::output::Format;

const EXIT_STATUS: &str = "\
Exit status:
  0    done
  1    failed
  2    wrong usage or configuration
  3    the service does not know or does not allow the caller
  4    the key, alias, secret, parameter or version does not exist
  5    the service is busy, away or unreachable: try again later
  126, 127  the program of `run` cannot be started, is not there
  141  the reader of stdout went away
Otherwise `run` exits as its program did: with its status, or 128 and the number of the signal that ended it.";

/// Keys in your own HSM, and what is encrypted under them.
#[derive(Parser)]
#[command(name = "strongroom", version, after_help = EXIT_STATUS, max_term_width = 120)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(clap::Args)]
pub(crate) struct Global {
    /// The client's configuration; otherwise ~/.config/strongroom/client.toml
    #[arg(long, global = true, value_name = "FILE", env = "STRONGROOM_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Another service than the configuration names: https://HOST:PORT
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// How long one call may take, with its retries, 1 to 60
    #[arg(long, global = true, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=REQUEST_SECONDS_MAX))]
    pub(crate) timeout: Option<u64>,
    /// How to print results
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) output: Format,
}

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make, list, rotate, disable and delete keys
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Name keys
    #[command(subcommand)]
    Alias(alias::AliasCommand),
    /// Let principals use a key, and take that back
    #[command(subcommand)]
    Grant(grant::GrantCommand),
    /// Make data keys, and decrypt them again
    #[command(subcommand)]
    DataKey(data_key::DataKeyCommand),
    /// Make a key pair for use outside the service
    DataKeyPair(data_key_pair::DataKeyPair),
    /// Encrypt a file or pipe of any size under a new data key
    Encrypt(envelope::Encrypt),
    /// Decrypt what `encrypt` made
    Decrypt(envelope::Decrypt),
    /// Encrypt a ciphertext blob (such as an encrypted data key) anew under another key or context
    ReEncrypt(re_encrypt::ReEncrypt),
    /// Sign a message or its digest inside the token
    Sign(sign::Sign),
    /// Verify a signature
    Verify(sign::Verify),
    /// Show the public key of a key pair, for use by other programs
    PublicKey(public_key::PublicKey),
    /// Make a message authentication code inside the token
    Mac(mac::Mac),
    /// Verify a message authentication code
    VerifyMac(mac::VerifyMac),
    /// Derive the secret that a key pair shares with another one
    DeriveSharedSecret(agreement::DeriveSharedSecret),
    /// Make a secret, and its encapsulation that the key pair opens
    Encapsulate(agreement::Encapsulate),
    /// Open an encapsulation inside the token
    Decapsulate(agreement::Decapsulate),
    /// Take random bytes from the token
    Random(random::Random),
    /// Store, read and delete secrets
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// List secrets that somebody should look at: under the default key, never rotated, not read for long
    Report(report::Report),
    /// Store, read and delete parameters
    #[command(subcommand)]
    Parameter(parameter::ParameterCommand),
    /// Fill in a template: values in the place of {{resolve:secretsmanager:...}}
    Render(render::Render),
    /// Run a program with secrets in its environment or in files, and keep them as they change
    Run(run::Run),
    /// Show who the service takes you for
    Identity,
    /// Show how the hardware security module is
    Token,
    /// Print the completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}
