//! [`HarnessFault`]: what went wrong around the service, and what to type next.

use std::io;
use std::path::{Path, PathBuf};

/// Why a fixture or a command of this crate gave up.
#[derive(Debug, thiserror::Error)]
pub enum HarnessFault {
    /// A file or a folder could not be read or written.
    #[error("cannot {doing} {path}: {source}", path = path.display())]
    File {
        /// What was tried, as a verb.
        doing: &'static str,
        /// The file or the folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Something about the machine or the arguments must change first.
    #[error("{what}\n{advice}")]
    Refused {
        /// What is in the way.
        what: String,
        /// What to do about it, best as a command to type.
        advice: String,
    },
    /// A program could not be started or did not succeed.
    #[error("`{command}` {outcome}")]
    Command {
        /// The command line, quoted for a shell.
        command: String,
        /// How it ended.
        outcome: String,
    },
    /// A PKCS#11 module answered something else than CKR_OK.
    #[error("PKCS#11: {0}")]
    Token(#[from] cryptoki::error::Error),
    /// A development certificate could not be made.
    #[error("development certificates: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The service did not start, or ended when it should not have.
    #[error("strongroomd {outcome}\n{log}")]
    Daemon {
        /// What it did.
        outcome: String,
        /// The last lines that it wrote.
        log: String,
    },
}

impl HarnessFault {
    /// For `map_err` on file operations.
    pub fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::File {
            doing,
            path: path.to_owned(),
            source,
        }
    }

    /// A refusal with advice.
    pub fn refused(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Refused {
            what: what.into(),
            advice: advice.into(),
        }
    }
}
