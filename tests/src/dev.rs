//! `cargo dev`: a software token, certificates, policies and a running strongroomd under one folder.

mod folder;
mod introduction;
mod run;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use crate::authority::Authority;
use crate::daemon::DaemonCommand;
use crate::daemon::configuration::{Configuration, Door, write_policy};
use crate::software_token::{SoftwareToken, TokenKind};
use crate::{HarnessFault, console, workspace};
use folder::Folder;

/// Runs a whole service on this machine until Ctrl-C: a software token, certificates, strongroomd.
#[derive(Parser)]
#[command(name = "cargo dev")]
struct Arguments {
    /// The folder with keys, secrets and certificates [default: .strongroom in the project].
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Start empty: delete what an earlier start left in the folder.
    #[arg(long)]
    fresh: bool,
    /// The port on 127.0.0.1. Not 0: the clients' files name the port before the service could choose one.
    #[arg(long, value_name = "N", default_value_t = 7443, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// The kind of token [default: the folder's, else softhsm2]. Kryoptic is built first, which takes some minutes.
    #[arg(long, value_name = "KIND", value_enum)]
    token: Option<TokenKind>,
}

/// The clients that get a certificate, with what their policies allow, as (name, actions, resources).
const CLIENTS: [(&str, &[&str], &[&str]); 3] = [
    (
        "developer",
        &["kms:*", "secretsmanager:*", "ssm:*", "strongroom:*"],
        &["*"],
    ),
    (
        "auditor",
        &[
            "kms:Describe*",
            "kms:List*",
            "secretsmanager:Describe*",
            "secretsmanager:List*",
            "ssm:Describe*",
        ],
        &["*"],
    ),
    (
        "service",
        &["kms:Decrypt", "kms:GenerateDataKey", "secretsmanager:GetSecretValue"],
        &["arn:aws:kms:*:*:*", "arn:aws:secretsmanager:*:*:secret:service/*"],
    ),
];

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    console::conclude(Arguments::parse().run())
}

impl Arguments {
    fn run(self) -> Result<(), HarnessFault> {
        let directory = self.dir.unwrap_or_else(|| workspace::root().join(".strongroom"));
        let folder = Folder::open(&directory, self.fresh)?;
        require_free(self.port)?;
        let kind = kind(&folder, self.token)?;
        // Before the programs are built: it may be missing for a reason.
        kind.library()?;
        console::say("Building strongroomd and strongroom");
        let program = workspace::strongroomd()?;
        let helper = std::env::current_exe().map_err(HarnessFault::file("find", folder.root()))?;
        let token = SoftwareToken::prepare(kind, &folder.path("token"), "strongroom-development", &helper)?;
        let command = DaemonCommand {
            program,
            configuration: folder.path("strongroomd.toml"),
            module_configuration: (kind.variable(), token.configuration()),
            log: folder.path("strongroomd.log"),
        };
        let client = workspace::strongroom()?;
        let authority = prepare(&folder, &token, self.port)?;
        run::until_interrupted(&folder, &authority, &command, &client)
    }
}

/// The kind that was asked for, or the folder's: keys stay in the token that they were made in.
fn kind(folder: &Folder, wanted: Option<TokenKind>) -> Result<TokenKind, HarnessFault> {
    match (SoftwareToken::kind_in(&folder.path("token")), wanted) {
        (Some(there), Some(wanted)) if there != wanted => {
            let (there, wanted) = (there.profile(), wanted.profile());
            let what = format!("the token in {} is of the kind {there}", folder.root().display());
            let advice = format!(
                "choose another folder: cargo dev --token {wanted} --dir DIR\n\
                 or start empty: cargo dev --token {wanted} --fresh"
            );
            Err(HarnessFault::refused(what, advice))
        }
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        (None, None) => Ok(TokenKind::SoftHsm),
    }
}

/// Makes what is missing; policies stay as they are, so that they can be edited and tried.
fn prepare(folder: &Folder, token: &SoftwareToken, port: u16) -> Result<Authority, HarnessFault> {
    let names: Vec<&str> = CLIENTS.iter().map(|(name, ..)| *name).collect();
    let authority = Authority::prepare(&folder.path("certificates"), &names)?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut configuration = Configuration::new(folder.root(), token, listen, &Door::MutualTls(&authority));
    for (name, actions, resources) in CLIENTS {
        let policy = folder.path(&format!("policies/{name}.json"));
        if !policy.exists() {
            write_policy(&policy, actions, resources)?;
        }
        configuration = configuration.with_principal(name, Some(policy));
        folder.write_client_configuration(name, port)?;
    }
    configuration.write(&folder.path("strongroomd.toml"))?;
    Ok(authority)
}

fn require_free(port: u16) -> Result<(), HarnessFault> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) => {
            let what = format!("port {port} on 127.0.0.1 cannot be used: {error}");
            let another = port.checked_add(1).unwrap_or(7443);
            Err(HarnessFault::refused(
                what,
                format!("choose another: cargo dev --port {another}"),
            ))
        }
    }
}
