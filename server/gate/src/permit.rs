//! The two proofs: [`Permit`] that policy allowed the operation, [`Released`] that the outcome is on the audit trail.

use crate::context::OpContext;
use crate::operation::Operation;

/// Proof that policy allowed operation `O` on exactly these records: it owns them, so an alias that moves meanwhile
/// cannot redirect the operation. Only [`crate::Gate::run`] makes one.
pub struct Permit<O: Operation> {
    target: O::Target,
    context: OpContext,
}

impl<O: Operation> Permit<O> {
    pub(crate) fn new(target: O::Target, context: OpContext) -> Self {
        Self { target, context }
    }

    /// The records that were decided on.
    pub fn target(&self) -> &O::Target {
        &self.target
    }

    /// The request's circumstances, for what the operation asks of other services.
    pub fn context(&self) -> &OpContext {
        &self.context
    }

    /// Gives up the permit for its records.
    pub fn into_target(self) -> O::Target {
        self.target
    }
}

/// Proof that the outcome is on the audit trail: what may leave the service. Only [`crate::Gate::run`] makes one.
pub struct Released<T>(T);

impl<T> Released<T> {
    pub(crate) fn new(reply: T) -> Self {
        Self(reply)
    }

    /// The reply.
    pub fn into_inner(self) -> T {
        self.0
    }
}
