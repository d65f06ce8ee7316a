//! [`Event`]: what one audit record says.

use serde_json::{Map, Value};
use strongroom_base::{Action, Arn, Caller, EventId, Fault, RequestId, Scope, Service, Timestamp};

/// Named values of a request or an answer. Never plaintext, ciphertext, secret values or tokens.
pub type Parameters = Map<String, Value>;

/// What one audit record says, borrowed from whoever knows it: every field must be given, so none can be forgotten.
#[derive(Debug, Clone)]
pub struct Event<'e> {
    /// The record's own id, from [`crate::event_id`].
    pub event_id: EventId,
    /// When it happened.
    pub time: Timestamp,
    /// Who asked.
    pub caller: &'e Caller,
    /// What was asked.
    pub action: Action,
    /// The installation's region and account.
    pub scope: &'e Scope,
    /// The request's id: intent and outcome have the same one.
    pub request_id: RequestId,
    /// The caller's network address, or the name of a background job.
    pub source: &'e str,
    /// What the caller's software calls itself. At most 1,024 characters are recorded.
    pub user_agent: &'e str,
    /// The service that acts on the caller's behalf, when it is not the caller itself.
    pub via: Option<Service>,
    /// The request. Replaced by a note of its size where the record would exceed `AUDIT_RECORD_BYTES_MAX`.
    pub parameters: &'e Parameters,
    /// The resources that the request concerns; none for actions that have none.
    pub resources: Vec<&'e Arn>,
    /// Before or after, and how it ended.
    pub phase: Phase<'e>,
}

/// Where the request stands.
#[derive(Debug, Clone)]
pub enum Phase<'e> {
    /// Allowed, and about to change something.
    Intent,
    /// Done; what may be said of the answer (`responseElements`: nothing for reads and uses of keys).
    Done(Parameters),
    /// Refused or failed. At most 4,096 characters of the message are recorded, and nothing of the cause.
    Failed(&'e Fault),
    /// Turned away because its caller made too many requests.
    Throttled {
        /// What the caller was told.
        fault: &'e Fault,
        /// How many of the same account and class of operations were turned away before it without a record.
        left_out: u64,
    },
}
