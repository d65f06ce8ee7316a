//! [`OpContext`]: who asks, from where, and until when.

use std::sync::Arc;

use strongroom_base::{Caller, Deadline, RequestId, Service};

/// What a request brings besides its content. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OpContext {
    /// The identified caller.
    pub caller: Arc<Caller>,
    /// The request's id, in audit records and in answers.
    pub request_id: RequestId,
    /// The caller's network address, or the name of a background job.
    pub source: Arc<str>,
    /// What the caller's software calls itself.
    pub user_agent: Arc<str>,
    /// After this moment nobody waits for the answer.
    pub deadline: Deadline,
    /// The service that acts on the caller's behalf, when it is not the caller itself (`kms:ViaService`).
    pub via: Option<Service>,
}

impl OpContext {
    /// The same request, as `service` puts it to another service on the caller's behalf.
    #[must_use]
    pub fn on_behalf(&self, service: Service) -> Self {
        Self {
            via: Some(service),
            ..self.clone()
        }
    }
}
