//! [`OpContext`]: who asks, from where, and until when.

use std::sync::Arc;

use strongroom_base::limits::{GRANT_TOKEN_LENGTH_MAX, GRANT_TOKENS_MAX};
use strongroom_base::{Caller, Code, Deadline, Fault, RequestId, Service};

use crate::channel::Channel;

/// What a request brings besides its content. Cheap to clone.
#[derive(Debug, Clone)]
pub struct OpContext {
    /// The identified caller.
    pub caller: Arc<Caller>,
    /// The request's id, in audit records and in answers.
    pub request_id: RequestId,
    /// The caller's network address, or the name of a background job.
    pub source: Arc<str>,
    /// How the request came in.
    pub channel: Arc<Channel>,
    /// What the caller's software calls itself.
    pub user_agent: Arc<str>,
    /// After this moment nobody waits for the answer.
    pub deadline: Deadline,
    /// The service that acts on the caller's behalf, when it is not the caller itself (`kms:ViaService`).
    pub via: Option<Service>,
    /// Tokens of grants that the caller was given a moment ago.
    pub grant_tokens: GrantTokens,
    /// Everything is checked and nothing done.
    pub dry_run: bool,
}

/// Up to ten grant tokens of a request. Not secret: a token is of use to the grant's own grantee alone. None cost nothing.
#[derive(Debug, Clone, Default)]
pub struct GrantTokens(Option<Arc<[Box<str>]>>);

impl GrantTokens {
    /// The tokens of a request. Whether they are tokens at all is for those who give them out to say.
    ///
    /// # Errors
    /// ValidationException for more than 10, and for one that has not 1 to 8,192 characters.
    pub fn new(tokens: Vec<String>) -> Result<Self, Fault> {
        if tokens.is_empty() {
            return Ok(Self(None));
        }
        if tokens.len() > GRANT_TOKENS_MAX {
            return Err(broken(format!(
                "Member must have length less than or equal to {GRANT_TOKENS_MAX}"
            )));
        }
        let fits = |token: &String| (1..=GRANT_TOKEN_LENGTH_MAX).contains(&token.chars().count());
        if !tokens.iter().all(fits) {
            return Err(broken(format!(
                "Member must satisfy constraint: [Member must have length less than or equal to \
                 {GRANT_TOKEN_LENGTH_MAX}, Member must have length greater than or equal to 1]"
            )));
        }
        Ok(Self(Some(tokens.into_iter().map(String::into_boxed_str).collect())))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The tokens, in the order of the request.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|tokens| tokens.iter()).map(AsRef::as_ref)
    }
}

fn broken(constraint: String) -> Fault {
    let found = "1 validation error detected: Value at 'grantTokens' failed to satisfy constraint";
    Fault::new(Code::Validation, format!("{found}: {constraint}"))
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

#[cfg(test)]
mod tests;
