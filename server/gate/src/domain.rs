//! [`Domain`]: what operations work on, and what it hears of them.

use std::future::Future;

use strongroom_base::{Action, EventId, Fault, RequestId};

use crate::context::GrantTokens;
use crate::operation::Need;

/// What operations work on, such as the key service.
pub trait Domain: Sync {
    /// Hears of every successful use of keys, once it is on the audit trail: what asks [`strongroom_base::Effect::Use`] and
    /// got its reply. Must be quick; nothing that it does can fail the request.
    fn used(&self, _used: &Used<'_>) {}

    /// Refuses grant tokens that this domain did not give, or whose grants are gone. Asked only where a request brings some;
    /// a domain that gives none is not asked about any.
    fn check_grant_tokens(&self, _tokens: &GrantTokens) -> impl Future<Output = Result<(), Fault>> + Send {
        std::future::ready(Ok(()))
    }
}

/// For operations that work on nothing.
impl Domain for () {}

/// A successful use of keys.
#[derive(Debug, Clone, Copy)]
pub struct Used<'u> {
    /// The operation.
    pub action: Action,
    /// What it needed, and on which keys.
    pub needs: &'u [Need],
    /// The request.
    pub request_id: RequestId,
    /// Its audit record.
    pub event_id: EventId,
}
