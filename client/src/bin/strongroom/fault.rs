//! [`CommandFault`]: why a command failed, and the exit status. What to do next: `hint`.

mod hint;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use strongroom::{ClientFault, Refusal, v1};

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandFault {
    #[error(transparent)]
    Client(#[from] ClientFault),
    /// The same where the command knows better what to do next.
    #[error("{cause}")]
    Hinted { cause: ClientFault, hint: String },
    #[error(
        "no configuration: no --config FILE, STRONGROOM_CONFIG is not set, and {}; for a service that `cargo dev` runs: \
         --config .strongroom/clients/developer.toml", absent(default_file.as_deref())
    )]
    NoConfiguration { default_file: Option<PathBuf> },
    /// Arguments that do not fit together.
    #[error("{0}")]
    Usage(String),
    #[error("stdout is a terminal, and {what} would be shown on it; redirect it (> FILE or | COMMAND){alternatives}")]
    Terminal {
        what: &'static str,
        alternatives: &'static str,
    },
    #[error("cannot read {name}: {cause}")]
    Input { name: String, cause: io::Error },
    #[error("cannot write {name}: {cause}")]
    Output { name: String, cause: io::Error },
    #[error("{name} has more than {most} bytes, the most that {what} may have")]
    TooLong {
        name: String,
        most: usize,
        what: &'static str,
    },
    #[error("{alias} exists: it names the key {key_id}; no key was made")]
    AliasTaken { alias: String, key_id: String },
    #[error("the key {key_id} was made, but not its alias: {cause}")]
    AliasMissing {
        key_id: String,
        alias: String,
        cause: ClientFault,
    },
    /// The others of the batch have been printed.
    #[error("{} could not be read: {}", secrets(.0.len()), reasons(.0))]
    Unread(Vec<v1::ApiError>),
    /// The others have been printed or deleted.
    #[error("not there: {}", .0.join(", "))]
    NotThere(Vec<String>),
    #[error("cannot start: {0}")]
    Runtime(io::Error),
    /// The program that was run ended so; it has said itself what there is to say.
    #[error("the program ended with status {status}")]
    ProgramEnded { status: u8 },
    #[error("cannot run {name}: {cause}")]
    Program { name: String, cause: io::Error },
    #[error(
        "no folder in memory to put secrets in: {tried} is not on a tmpfs or cannot be written; name one with --folder \
         (mount -t tmpfs makes one), secrets are not written to disks"
    )]
    NoMemoryFolder { tried: String },
    #[error("the secret {secret} cannot be read: {cause}")]
    SecretUnread { secret: String, cause: ClientFault },
    #[error("{name} ended with a failure; nothing was changed")]
    Editor { name: String },
    #[error(
        "somebody else changed the secret {secret} while it was edited; it was left alone, your text is version {version_id}"
    )]
    EditOvertaken { secret: String, version_id: String },
    #[error("{place}: {what}")]
    Template { place: String, what: String },
    #[error("{done} secrets were imported, then {name} was refused: {cause}")]
    ImportStopped {
        done: usize,
        name: String,
        cause: ClientFault,
    },
    #[error("{secret}: {what}")]
    Unresolved { secret: String, what: &'static str },
    /// Like a program that SIGPIPE ends: the reader has what it wanted.
    #[error("the reader of stdout went away")]
    ReaderGone,
}

impl CommandFault {
    /// A failed call; if it was refused with this exception, with a hint of the command's own.
    pub(crate) fn hinted(cause: ClientFault, exception: &str, hint: impl FnOnce() -> String) -> Self {
        match cause.refusal() {
            Some(refusal) if refusal.exception == exception => Self::Hinted { hint: hint(), cause },
            _ => Self::Client(cause),
        }
    }

    /// Whether this is how the service says that a dry run would have succeeded.
    pub(crate) fn is_dry_run(&self) -> bool {
        match self {
            Self::Client(cause) | Self::Hinted { cause, .. } => cause.is_dry_run(),
            Self::NoConfiguration { .. }
            | Self::Usage(_)
            | Self::Terminal { .. }
            | Self::Input { .. }
            | Self::Output { .. }
            | Self::TooLong { .. }
            | Self::AliasTaken { .. }
            | Self::AliasMissing { .. }
            | Self::Unread(_)
            | Self::NotThere(_)
            | Self::Runtime(_)
            | Self::ProgramEnded { .. }
            | Self::Program { .. }
            | Self::NoMemoryFolder { .. }
            | Self::SecretUnread { .. }
            | Self::Editor { .. }
            | Self::EditOvertaken { .. }
            | Self::Template { .. }
            | Self::ImportStopped { .. }
            | Self::Unresolved { .. }
            | Self::ReaderGone => false,
        }
    }

    /// A failure to write to stdout.
    pub(crate) fn stdout(cause: io::Error) -> Self {
        if cause.kind() == io::ErrorKind::BrokenPipe {
            Self::ReaderGone
        } else {
            Self::Output {
                name: "stdout".to_owned(),
                cause,
            }
        }
    }

    /// Tells the user, on stderr. If stderr is gone too there is nobody to tell.
    pub(crate) fn report(&self) {
        if matches!(self, Self::ReaderGone | Self::ProgramEnded { .. }) {
            return;
        }
        let mut stderr = io::stderr().lock();
        let _nobody = writeln!(stderr, "error: {}", crate::table::printable(&self.to_string()));
        if let Some(hint) = self.hint() {
            let _nobody = writeln!(stderr, "hint: {}", crate::table::printable(&hint));
        }
    }

    /// See `EXIT_STATUS` in the help text.
    pub(crate) fn exit_status(&self) -> u8 {
        match self {
            Self::Usage(_) | Self::NoConfiguration { .. } | Self::Terminal { .. } => 2,
            Self::Input { .. }
            | Self::Output { .. }
            | Self::TooLong { .. }
            | Self::AliasTaken { .. }
            | Self::Unread(_)
            | Self::NoMemoryFolder { .. }
            | Self::Editor { .. }
            | Self::EditOvertaken { .. }
            | Self::Template { .. }
            | Self::Unresolved { .. }
            | Self::Runtime(_) => 1,
            Self::ProgramEnded { status } => *status,
            // As env(1) and shells say it.
            Self::Program { cause, .. } if cause.kind() == io::ErrorKind::NotFound => 127,
            Self::Program { .. } => 126,
            Self::NotThere(_) => 4,
            Self::ReaderGone => 141,
            Self::Client(cause)
            | Self::Hinted { cause, .. }
            | Self::AliasMissing { cause, .. }
            | Self::SecretUnread { cause, .. }
            | Self::ImportStopped { cause, .. } => client_status(cause),
        }
    }
}

fn client_status(fault: &ClientFault) -> u8 {
    match fault {
        ClientFault::Refused(refusal) => refusal_status(refusal),
        ClientFault::Config(_) | ClientFault::TlsExpected { .. } => 2,
        ClientFault::DeadlinePassed(_) | ClientFault::Unreachable { .. } => 5,
        ClientFault::Stream(_) | ClientFault::AnswerIncomplete(_) | ClientFault::NoRandomNumbers => 1,
    }
}

fn refusal_status(refusal: &Refusal) -> u8 {
    match refusal.exception.as_str() {
        "AccessDeniedException" | "UnrecognizedClientException" => 3,
        "NotFoundException"
        | "ResourceNotFoundException"
        | "ParameterNotFound"
        | "ParameterVersionNotFound"
        | "InvalidResourceId" => 4,
        _ if refusal.retry_delay.is_some() => 5,
        _ => 1,
    }
}

fn secrets(count: usize) -> String {
    if count == 1 {
        "1 secret".to_owned()
    } else {
        format!("{count} secrets")
    }
}

fn reasons(errors: &[v1::ApiError]) -> String {
    let reason = |error: &v1::ApiError| format!("{} ({}: {})", error.secret_id, error.error_code, error.message);
    errors.iter().map(reason).collect::<Vec<_>>().join("; ")
}

fn absent(default_file: Option<&Path>) -> String {
    match default_file {
        Some(path) => format!("there is no {}", path.display()),
        None => "HOME is not set".to_owned(),
    }
}

#[cfg(test)]
mod tests;
