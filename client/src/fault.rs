//! [`ClientFault`]: why a call has no answer, and what to do about it.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::config::ConfigFault;
use crate::connect::TLS_EXPECTED;
use crate::stream::StreamFault;

/// The advice where waiting helps. Many of the service's messages give it themselves.
const LATER: &str = "try again later";

/// Why a call, [`seal`](crate::Client::seal) or [`open`](crate::Client::open) did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum ClientFault {
    /// The service answered, and refused.
    #[error(transparent)]
    Refused(Box<Refusal>),
    /// The answer did not come in time. A change may have been made.
    #[error("no answer within {} s; what was asked may have been done all the same: look before you repeat it", .0.as_secs_f32())]
    DeadlinePassed(Duration),
    /// There is no connection, or it broke.
    #[error("cannot reach the service at {endpoint}: {cause}; check that it runs there and trusts this certificate")]
    Unreachable {
        /// The configured endpoint.
        endpoint: Arc<str>,
        /// What the network or TLS said.
        cause: String,
    },
    /// An http endpoint of a service that answers with a TLS alert.
    #[error(
        "the service at {endpoint} expects TLS; write the endpoint as {}, and give \
         ca, certificate and private-key in the client's configuration",
        with_tls(endpoint)
    )]
    TlsExpected {
        /// The configured endpoint.
        endpoint: Arc<str>,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigFault),
    /// The data that were to be sealed or opened.
    #[error(transparent)]
    Stream(#[from] StreamFault),
    /// The answer lacks a field that it must have.
    #[error("the service's answer lacks {0}; client and service are of different versions")]
    AnswerIncomplete(&'static str),
    /// The operating system has no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomNumbers,
}

/// An error that the service answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// AWS's exception name, for example `NotFoundException`; the gRPC code's name if the service gave none.
    pub exception: String,
    /// The gRPC status code.
    pub code: Code,
    /// What happened, for people.
    pub message: String,
    /// How long to wait before trying again; `None` where trying again cannot help.
    pub retry_delay: Option<Duration>,
    /// Names the request in the service's audit trail.
    pub request_id: Option<String>,
}

impl Refusal {
    /// What can be done about it, where that follows from the exception.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self.exception.as_str() {
            "AccessDeniedException" if self.is_of_managed_key() => "no policy can allow it: use a key of your own",
            "AccessDeniedException" => "ask those who keep the policies to allow this action to your principal",
            "UnrecognizedClientException" => "use a certificate whose name the service's configuration knows",
            "NotFoundException" | "ResourceNotFoundException" => "check the name, id or ARN against a list",
            "DisabledException" => "enable the key first",
            "KMSInvalidStateException" => "describe the key to see its state",
            "InvalidCiphertextException" => {
                "give the encryption context that it was made with, and the ciphertext unaltered"
            }
            "IncorrectKeyException" => "name the key that the ciphertext was made with, or none",
            "AlreadyExistsException" | "ResourceExistsException" => "choose another name, or change what exists",
            "InvalidAliasNameException" => "choose another name",
            "TrimmedDataAccessException" => "open a new stream without a token, and read again what depends on events",
            "LimitExceededException" => "make room, or use another key",
            "KeyUnavailableException" if self.retry_delay.is_none() => "tell the service's operators",
            "ThrottlingException" | "ConflictException" | "KeyUnavailableException" => LATER,
            "ServiceUnavailableException" => "try again later; the service's health check says whether it works",
            "DependencyTimeoutException" => "look whether it was done before you repeat it",
            "KMSInternalException" | "InternalServiceError" | "InternalFailure" => "tell the service's operators",
            _ => return None,
        })
    }

    /// Whether the key is one that a service manages, which nobody else may use or change, whatever policies say.
    #[must_use]
    pub fn is_of_managed_key(&self) -> bool {
        self.exception == "AccessDeniedException" && self.message.contains("only the service that manages this key")
    }

    /// The advice without what the message says already.
    fn further_advice(&self) -> Option<&'static str> {
        let advice = self.advice()?;
        match advice.strip_prefix(LATER) {
            Some(rest) if self.message.to_lowercase().contains("try again") => {
                Some(rest.trim_start_matches("; ")).filter(|rest| !rest.is_empty())
            }
            _ => Some(advice),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.exception, self.message.trim_end_matches('.'))?;
        if let Some(advice) = self.further_advice() {
            write!(formatter, "; {advice}")?;
        }
        match &self.request_id {
            Some(id) => write!(formatter, " (request {id})"),
            None => Ok(()),
        }
    }
}

impl Error for Refusal {}

impl ClientFault {
    /// The refusal, if the service answered.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::DeadlinePassed(_)
            | Self::Unreachable { .. }
            | Self::TlsExpected { .. }
            | Self::Config(_)
            | Self::Stream(_)
            | Self::AnswerIncomplete(_)
            | Self::NoRandomNumbers => None,
        }
    }

    /// Whether this is how the service says that a dry run would have succeeded.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.refusal()
            .is_some_and(|refusal| refusal.exception == "DryRunOperationException")
    }

    fn unconnected(cause: String, endpoint: &Arc<str>) -> Self {
        let endpoint = Arc::clone(endpoint);
        if cause.contains(TLS_EXPECTED) {
            Self::TlsExpected { endpoint }
        } else {
            Self::Unreachable { endpoint, cause }
        }
    }

    /// Reads a status. One without details was made by the transport on the way, not by the service.
    pub(crate) fn from_status(status: &Status, endpoint: &Arc<str>, deadline: Duration) -> Self {
        let details = status.get_error_details();
        if details.error_info().is_none() {
            match status.code() {
                Code::Unavailable | Code::Unknown => return Self::unconnected(chain(status), endpoint),
                Code::DeadlineExceeded | Code::Cancelled => return Self::DeadlinePassed(deadline),
                _ => {}
            }
        }
        Self::Refused(Box::new(Refusal {
            exception: details
                .error_info()
                .map_or_else(|| format!("{:?}", status.code()), |info| info.reason.clone()),
            code: status.code(),
            message: status.message().to_owned(),
            retry_delay: details.retry_info().and_then(|info| info.retry_delay),
            request_id: details.request_info().map(|info| info.request_id.clone()),
        }))
    }
}

fn with_tls(endpoint: &str) -> String {
    endpoint.replacen("http://", "https://", 1)
}

/// The status's message and its causes, each once, without those that only say that there is a cause.
fn chain(status: &Status) -> String {
    let mut parts = vec![status.message().to_owned()];
    let mut cause = status.source();
    while let Some(error) = cause {
        parts.push(error.to_string());
        cause = error.source();
    }
    let mut text = String::new();
    for part in parts
        .iter()
        .filter(|part| !part.is_empty() && *part != "transport error")
    {
        if !text.contains(part.as_str()) {
            let colon = if text.is_empty() { "" } else { ": " };
            text.push_str(colon);
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests;
