//! The command line: `serve`, `audit verify`, `token doctor`.

use std::error::Error;
use std::io::Write as _;
use std::num::NonZero;
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use clap::{Parser, Subcommand};
use strongroom_audit::Report;
use strongroom_base::{InstallationId, Scope};
use strongroom_kms::Root;
use strongroom_store::{Records, Sealer, SledStore};

use crate::config::Configuration;
use crate::logging::LogQueue;
use crate::{harden, logging, serve};

/// A key and secrets service on your own hardware security module.
#[derive(Parser)]
#[command(name = "strongroomd", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the service until it is told to stop (SIGTERM, SIGINT).
    Serve {
        /// The configuration file.
        #[arg(long, env = "STRONGROOMD_CONFIG")]
        config: PathBuf,
    },
    /// Works on audit trails.
    #[command(subcommand)]
    Audit(Audit),
    /// Works on the token.
    #[command(subcommand)]
    Token(Token),
}

#[derive(Subcommand)]
enum Audit {
    /// Checks the chain of a trail and names the first broken record. Needs no token and no key.
    Verify {
        /// The directory with the trail's files.
        directory: PathBuf,
    },
}

#[derive(Subcommand)]
enum Token {
    /// Checks module, token, mechanisms and PIN file against the profile.
    Doctor {
        /// Also log in; stop the service first. Counts as a try if the PIN is wrong.
        #[arg(long)]
        login: bool,
        /// The configuration file.
        #[arg(long, env = "STRONGROOMD_CONFIG")]
        config: PathBuf,
    },
}

/// Runs what the command line asks for. 0: done; 1: failed, with the reason on standard error; 2: wrong usage.
pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let log = match &arguments.command {
        Command::Serve { .. } => match logging::start() {
            Ok(log) => Some(log),
            Err(fault) => return failed(None, &*fault),
        },
        Command::Audit(_) | Command::Token(_) => None,
    };
    // Before anything secret is read.
    harden::harden();
    let outcome = match arguments.command {
        Command::Serve { config } => start(&config),
        Command::Audit(Audit::Verify { directory }) => verify(&directory),
        Command::Token(Token::Doctor { config, login }) => doctor(&config, login),
    };
    match outcome {
        Ok(()) => {
            if let Some(log) = log {
                log.end(None);
            }
            ExitCode::SUCCESS
        }
        Err(fault) => failed(log.as_ref(), &*fault),
    }
}

/// Says why, behind what the log still has to say.
fn failed(log: Option<&LogQueue>, fault: &dyn Error) -> ExitCode {
    let line = format!("strongroomd: {}\n", with_causes(fault));
    match log {
        Some(log) => log.end(Some(line)),
        None => {
            // Nobody is left to tell if standard error is gone.
            let _ = std::io::stderr().write_all(line.as_bytes());
        }
    }
    ExitCode::FAILURE
}

/// A panic ends like any other failure: behind the log's last lines.
fn start(config: &Path) -> Result<(), Box<dyn Error>> {
    panic::catch_unwind(|| run_service(config))
        .unwrap_or_else(|_| Err("a defect of the service ended it: a panic, which the log has".into()))
}

fn run_service(config: &Path) -> Result<(), Box<dyn Error>> {
    let configuration = Configuration::read(config)?;
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers())
        .enable_all()
        .build()?
        .block_on(serve::serve(configuration))
}

/// Threads that run requests. One core is left to the token's lane and the audit writer, which every request waits for:
/// with as many threads as cores, the system switches between them at every request (a fifth of the processor time on
/// two cores).
fn workers() -> usize {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    cores.saturating_sub(1).max(1)
}

fn verify(directory: &Path) -> Result<(), Box<dyn Error>> {
    let report = strongroom_audit::verify(directory)?;
    write!(std::io::stdout(), "{}", findings(&report))?;
    Ok(())
}

/// What is said of a trail that is unbroken.
fn findings(report: &Report) -> String {
    let mut lines = vec![
        format!(
            "unbroken: {} records in {} files, sequence numbers {} to {}",
            report.records, report.segments, report.first_sequence, report.last_sequence
        ),
        format!("head digest: {}", report.head_digest),
    ];
    if report.unfinished_bytes > 0 {
        let bytes = report.unfinished_bytes;
        lines.push(format!("{bytes} bytes behind the last record are no whole record"));
    }
    lines.extend(report.moved_aside.iter().map(|path| {
        let path = path.display();
        format!("an unfinished record, which nobody was answered for, was moved to {path}")
    }));
    lines.join("\n") + "\n"
}

fn doctor(config: &Path, log_in: bool) -> Result<(), Box<dyn Error>> {
    let configuration = Configuration::read(config)?;
    let data = &configuration.data_directory;
    // Without a login nobody looks whose objects are in the token, and before its first start an installation has none:
    // any will do.
    let installation = if log_in {
        installation(data, &configuration.scope)?
    } else {
        None
    };
    let installation = installation.unwrap_or_else(InstallationId::random);
    let settings = configuration.token.settings(data.join("state"), installation);
    let report = strongroom_token::doctor(&settings, log_in);
    write!(std::io::stdout(), "{report}")?;
    if report.is_good() {
        Ok(())
    } else {
        Err("the token does not fit its profile; see above".into())
    }
}

/// Whose store this is, if there is one yet; fails while the service runs, which is logged in already.
fn installation(data: &Path, scope: &Scope) -> Result<Option<InstallationId>, Box<dyn Error>> {
    let directory = data.join("store");
    if !directory.try_exists()? {
        return Ok(None);
    }
    let store = SledStore::open(&directory, Sealer::locked())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    Ok(runtime.block_on(Root::installation_of(&Records::new(Arc::new(store)), scope))?)
}

/// One line with every cause that the text does not already say.
fn with_causes(fault: &dyn Error) -> String {
    let mut text = fault.to_string();
    let mut next = fault.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests;
