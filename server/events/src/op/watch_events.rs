//! WatchEvents: opens a stream of events. The opening is on the audit trail; what the stream tells is decided event by event.

use strongroom_base::{Action, EventKind, Fault};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};

use crate::events::Events;
use crate::resume::ResumeToken;
use crate::watcher::Watcher;

/// The request.
#[derive(Debug, Clone)]
pub struct WatchEvents {
    resume: Option<ResumeToken>,
    kinds: Vec<EventKind>,
}

impl WatchEvents {
    /// A stream of the events of these kinds, all if there are none, from where the token stands, from now on without one.
    ///
    /// # Errors
    /// ValidationException for a text that is no resume token.
    pub fn new(resume_token: Option<&str>, kinds: Vec<EventKind>) -> Result<Self, Fault> {
        Ok(Self {
            resume: resume_token.map(str::parse).transpose()?,
            kinds,
        })
    }

    /// Whether the stream has events of this kind.
    pub(crate) fn wants(&self, kind: EventKind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }
}

/// The stream of events, which is no resource: policies must allow it on `*`.
pub struct AllEvents;

impl Protected for AllEvents {
    fn needs(&self) -> Vec<Need> {
        vec![Need::anywhere(Action::WatchEvents)]
    }
}

impl Operation for WatchEvents {
    const ACTION: Action = Action::WatchEvents;
    type Domain = Events;
    type Target = AllEvents;
    type Reply = Watcher;

    fn parameters(&self) -> Parameters {
        let mut fields = Parameters::new();
        if let Some(token) = &self.resume {
            fields.insert("resumeToken".to_owned(), token.to_string().into());
        }
        if !self.kinds.is_empty() {
            let kinds: Vec<&str> = self.kinds.iter().map(|kind| kind.name()).collect();
            fields.insert("eventTypes".to_owned(), kinds.into());
        }
        fields
    }

    async fn resolve(&self, _: &Events) -> Result<Resolved<AllEvents>, Fault> {
        Ok(Resolved::Found(AllEvents))
    }

    async fn perform(self, permit: Permit<Self>, events: &Events) -> Result<Watcher, Fault> {
        let context = permit.context().clone();
        let place = events.places().take(context.caller.arn())?;
        let token = events.beginning(self.resume.as_ref()).await?;
        Ok(Watcher::new(events.clone(), context, self, token, place))
    }
}
