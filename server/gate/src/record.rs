//! What one request leaves on the audit trail: an outcome, and for a change an intent before it.

use strongroom_audit::{Event, Parameters, Phase};
use strongroom_base::{Action, Arn, EventId, Fault, Scope, Timestamp};

use crate::context::OpContext;
use crate::domain::Used;
use crate::operation::{Need, Resource};
use crate::quota::Throttled;

/// Gathers what the request's records say.
pub(crate) struct Record<'r> {
    context: &'r OpContext,
    action: Action,
    scope: &'r Scope,
    parameters: Parameters,
    needs: Vec<Need>,
    throttled: Option<Option<u64>>,
}

impl<'r> Record<'r> {
    pub(crate) fn new(context: &'r OpContext, action: Action, scope: &'r Scope, mut parameters: Parameters) -> Self {
        if context.dry_run {
            parameters.insert("dryRun".to_owned(), true.into());
        }
        Self {
            context,
            action,
            scope,
            parameters,
            needs: Vec::new(),
            throttled: None,
        }
    }

    /// The request came too early, which is recorded or not; answers with what the caller is told.
    pub(crate) fn came_too_early(&mut self, early: Throttled) -> Fault {
        self.throttled = Some(early.recorded);
        early.fault
    }

    /// For a request that came too early: whether that is recorded, and how many before it were not.
    pub(crate) fn throttled(&self) -> Option<Option<u64>> {
        self.throttled
    }

    /// Adds what the request turned out to be about.
    pub(crate) fn concerns(&mut self, needs: Vec<Need>) {
        self.needs = needs;
    }

    pub(crate) fn event<'e>(&'e self, event_id: EventId, time: Timestamp, phase: Phase<'e>) -> Event<'e> {
        Event {
            event_id,
            time,
            caller: &self.context.caller,
            action: self.action,
            scope: self.scope,
            request_id: self.context.request_id,
            source: &self.context.source,
            user_agent: &self.context.user_agent,
            via: self.context.via,
            parameters: &self.parameters,
            resources: self.resources(),
            phase,
        }
    }

    /// The use of keys that this record is about.
    pub(crate) fn used(&self, event_id: EventId) -> Used<'_> {
        Used {
            action: self.action,
            needs: &self.needs,
            request_id: self.context.request_id,
            event_id,
        }
    }

    fn resources(&self) -> Vec<&Arn> {
        let mut named = Vec::with_capacity(self.needs.len());
        for need in &self.needs {
            if let Resource::Named(arn) = &need.resource
                && !named.contains(&arn)
            {
                named.push(arn);
            }
        }
        named
    }
}
