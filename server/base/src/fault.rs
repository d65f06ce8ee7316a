//! [`Fault`]: what an operation answers instead of a reply.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use crate::code::{Code, Retry};

/// An error with two texts: the message, which the caller gets word for word, and the cause, which only the operator
/// sees. Names of CKR_* values, file paths and other tenants' identifiers belong in the cause.
#[derive(Debug)]
pub struct Fault {
    code: Code,
    message: Cow<'static, str>,
    cause: Option<Box<dyn Error + Send + Sync>>,
    retry: Option<Duration>,
}

impl Fault {
    /// A fault of the caller's making, or one whose cause is in the message.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            message: message.into(),
            cause: None,
            retry: retry_of(code),
        }
    }

    /// Adds what the operator should know.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Overrides the table's retry advice with a time that is known better here.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry = Some(delay);
        self
    }

    /// Takes the table's retry advice back: something may have been done already, and would be done twice.
    #[must_use]
    pub fn not_to_be_repeated(mut self) -> Self {
        self.retry = None;
        self
    }

    /// The row of the error table.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The text for the caller.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The cause, for logs only.
    #[must_use]
    pub fn cause(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// When the caller should try again; `None` where trying again cannot help.
    #[must_use]
    pub fn retry_delay(&self) -> Option<Duration> {
        self.retry
    }
}

fn retry_of(code: Code) -> Option<Duration> {
    match code.row().retry {
        Retry::Never => None,
        Retry::AfterMillis(millis) => Some(Duration::from_millis(millis)),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.code.row().exception, self.message)
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn Error + 'static))
    }
}
