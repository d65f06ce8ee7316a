//! [`Watcher`]: one stream of events, told what its caller may see.

use std::collections::VecDeque;
use std::sync::Arc;

use strongroom_base::limits::{REQUEST_DEADLINE_DEFAULT, WATCH_BOOKMARK_INTERVAL, WATCH_DECISION_INTERVAL};
use strongroom_base::{Arn, Code, Deadline, Event, Fault, Timestamp};
use strongroom_gate::OpContext;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tracing::warn;

use crate::events::Events;
use crate::log::Logged;
use crate::op::{TellEvent, WatchEvents};
use crate::place::WatcherPlace;
use crate::resume::ResumeToken;

/// What a watcher learns.
#[derive(Debug, Clone)]
pub struct Told {
    /// Where it stands now.
    pub token: ResumeToken,
    /// What happened; `None` if it is only told where it stands.
    pub event: Option<ToldEvent>,
}

/// An event as a watcher is told of it.
#[derive(Debug, Clone)]
pub struct ToldEvent {
    /// What it is about.
    pub arn: Arn,
    /// When it happened.
    pub time: Timestamp,
    logged: Arc<Logged>,
}

impl ToldEvent {
    /// What happened.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.logged.event
    }
}

/// A stream of events. It holds [`strongroom_base::limits::EVENTS_READ_AT_ONCE`] events at most, all shared.
pub struct Watcher {
    events: Events,
    context: OpContext,
    request: WatchEvents,
    token: ResumeToken,
    newest: watch::Receiver<Option<ResumeToken>>,
    pending: VecDeque<Arc<Logged>>,
    /// When it must be told where it stands, whatever happens.
    bookmark_at: Instant,
    /// When the permission to watch is decided again.
    decide_at: Instant,
    _place: WatcherPlace,
}

impl Watcher {
    pub(crate) fn new(
        events: Events,
        context: OpContext,
        request: WatchEvents,
        token: ResumeToken,
        place: WatcherPlace,
    ) -> Self {
        let now = Instant::now();
        Self {
            newest: events.log().newest(),
            events,
            context,
            request,
            token,
            pending: VecDeque::new(),
            // The first thing that it hears is where it stands.
            bookmark_at: now,
            decide_at: now + WATCH_DECISION_INTERVAL,
            _place: place,
        }
    }

    /// Where it stands: after the last thing that it was told.
    #[must_use]
    pub fn token(&self) -> ResumeToken {
        self.token
    }

    /// Waits for the next thing to tell. Dropping the future loses nothing.
    ///
    /// # Errors
    /// AccessDeniedException when the caller may watch no more, TrimmedDataAccessException when it has fallen behind what is
    /// kept, and what the store answers.
    pub async fn next(&mut self) -> Result<Told, Fault> {
        loop {
            if Instant::now() >= self.decide_at {
                self.consult_about_watching().await?;
                self.decide_at = Instant::now() + WATCH_DECISION_INTERVAL;
            }
            if Instant::now() >= self.bookmark_at {
                return Ok(self.told(None));
            }
            match self.pending.front().map(Arc::clone) {
                Some(logged) => {
                    let visible = self.may_hear_of(&logged).await?;
                    self.pending.pop_front();
                    self.token = logged.token;
                    if visible {
                        return Ok(self.told(Some(logged)));
                    }
                }
                None => self.wait_for_more().await?,
            }
        }
    }

    async fn wait_for_more(&mut self) -> Result<(), Fault> {
        self.newest.mark_unchanged();
        self.pending.extend(self.events.after(self.token.place).await?);
        if !self.pending.is_empty() {
            return Ok(());
        }
        tokio::select! {
            // The sender is gone only with the log, which this watcher holds.
            _news = self.newest.changed() => {}
            () = sleep_until(self.bookmark_at.min(self.decide_at)) => {}
        }
        Ok(())
    }

    fn told(&mut self, logged: Option<Arc<Logged>>) -> Told {
        self.bookmark_at = Instant::now() + WATCH_BOOKMARK_INTERVAL;
        Told {
            token: self.token,
            event: logged.map(|logged| ToldEvent {
                arn: logged.arn(self.events.scope()),
                time: logged.time,
                logged,
            }),
        }
    }

    async fn may_hear_of(&self, logged: &Arc<Logged>) -> Result<bool, Fault> {
        if !self.request.wants(logged.event.kind) {
            return Ok(false);
        }
        let tell = TellEvent(Arc::clone(logged));
        match self.events.gate().consult(&self.now(), &self.events, &tell).await {
            Ok(()) => Ok(true),
            Err(fault) if matches!(fault.code(), Code::AccessDenied | Code::ResourceNotFound) => Ok(false),
            // Nobody can be decided about it; the stream must not stand still before it.
            Err(fault) if fault.code() == Code::RecordDamaged => {
                warn!(%fault, "an event is told to nobody: the record that it is about cannot be read");
                Ok(false)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn consult_about_watching(&self) -> Result<(), Fault> {
        let gate = self.events.gate();
        gate.consult(&self.now(), &self.events, &self.request).await
    }

    /// The request's circumstances, as if it came now: what it opened outlives its deadline.
    fn now(&self) -> OpContext {
        OpContext {
            deadline: Deadline::after(REQUEST_DEADLINE_DEFAULT),
            ..self.context.clone()
        }
    }
}
