//! Streams of events: one as the service gives it, and one that is opened again whenever it ends.

use std::sync::Arc;
use std::time::Duration;

use strongroom_proto::v1;
use strongroom_proto::v1::admin_client::AdminClient;
use tokio::time::{Instant, sleep_until, timeout};
use tonic::{Request, Streaming};

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry;

/// Silence after which a stream is taken for dead: the service says something every 30 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(75);
/// Time between two attempts to open a stream, at first and at most.
const WAIT_MIN: Duration = Duration::from_millis(200);
const WAIT_MAX: Duration = Duration::from_secs(30);

/// One stream, until it ends.
pub struct EventStream {
    messages: Streaming<v1::WatchEventsResponse>,
    endpoint: Arc<str>,
}

impl EventStream {
    /// The next message; `None` when the stream has ended without a refusal.
    ///
    /// # Errors
    /// [`ClientFault`]; TrimmedDataAccessException means that the service no longer has all that was missed.
    pub async fn next(&mut self) -> Result<Option<v1::WatchEventsResponse>, ClientFault> {
        match timeout(SILENCE_MAX, self.messages.message()).await {
            Ok(message) => message.map_err(|status| ClientFault::from_status(&status, &self.endpoint, SILENCE_MAX)),
            Err(_elapsed) => Err(ClientFault::DeadlinePassed(SILENCE_MAX)),
        }
    }
}

impl Client {
    /// Opens a stream of events. It has no deadline.
    ///
    /// # Errors
    /// [`ClientFault`]; TrimmedDataAccessException if the resume token is too old.
    pub async fn watch_events(&self, request: v1::WatchEventsRequest) -> Result<EventStream, ClientFault> {
        let (channel, endpoint, deadline) = self.parts();
        let mut service = AdminClient::new(channel);
        // Not as the request's own deadline: that would be the stream's.
        let opened = timeout(deadline, service.watch_events(Request::new(request))).await;
        match opened {
            Ok(Ok(answer)) => Ok(EventStream {
                messages: answer.into_inner(),
                endpoint,
            }),
            Ok(Err(status)) => Err(ClientFault::from_status(&status, &endpoint, deadline)),
            Err(_elapsed) => Err(ClientFault::DeadlinePassed(deadline)),
        }
    }
}

/// What a follower of events learns.
#[derive(Debug, Clone, PartialEq)]
pub enum Followed {
    /// From here on every change is told. What was known before may be out of date, and must be read again: said at the
    /// beginning, and whenever events were missed.
    Begun,
    /// Something happened.
    Event(v1::Event),
    /// Nothing is told at present, and why. It is tried again by itself; nothing will have been missed unless
    /// [`Followed::Begun`] comes.
    Interrupted(String),
}

/// Events for as long as somebody wants them: opened again after each end, and resumed where it was.
pub struct EventFollower {
    client: Client,
    types: Vec<v1::EventType>,
    stream: Option<EventStream>,
    token: Option<String>,
    /// Whether the first message of the stream says where it began.
    anew: bool,
    /// Until when no stream is opened, after one that ended or could not be.
    closed_until: Option<Instant>,
    wait: Duration,
}

impl EventFollower {
    /// A follower of the events of these types, all if there are none.
    #[must_use]
    pub fn new(client: Client, types: Vec<v1::EventType>) -> Self {
        Self {
            client,
            types,
            stream: None,
            token: None,
            anew: true,
            closed_until: None,
            wait: WAIT_MIN,
        }
    }

    /// Waits for the next thing to know. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Followed {
        loop {
            let Some(stream) = &mut self.stream else {
                if let Some(moment) = self.closed_until {
                    sleep_until(moment).await;
                }
                if let Err(fault) = self.open().await {
                    return self.interrupted(&fault);
                }
                continue;
            };
            match stream.next().await {
                Ok(Some(message)) => {
                    if let Some(followed) = self.take(message) {
                        return followed;
                    }
                }
                Ok(None) => {
                    self.stream = None;
                    self.pause();
                }
                Err(fault) => return self.interrupted(&fault),
            }
        }
    }

    async fn open(&mut self) -> Result<(), ClientFault> {
        let request = v1::WatchEventsRequest {
            resume_token: self.token.clone(),
            types: self.types.iter().map(|each| i32::from(*each)).collect(),
        };
        self.stream = Some(self.client.watch_events(request).await?);
        Ok(())
    }

    fn take(&mut self, message: v1::WatchEventsResponse) -> Option<Followed> {
        self.wait = WAIT_MIN;
        self.closed_until = None;
        let ends = message.end() != v1::WatchEnd::Unspecified;
        self.token = Some(message.resume_token);
        if ends {
            self.stream = None;
            self.pause();
        }
        if std::mem::take(&mut self.anew) {
            return Some(Followed::Begun);
        }
        message.event.map(Followed::Event)
    }

    /// The stream is gone. One that cannot be resumed begins anew, at once; any other is tried again after a while.
    fn interrupted(&mut self, fault: &ClientFault) -> Followed {
        self.stream = None;
        let trimmed = |refusal: &crate::Refusal| refusal.exception == "TrimmedDataAccessException";
        if self.token.is_some() && fault.refusal().is_some_and(trimmed) {
            self.token = None;
            self.anew = true;
        } else {
            self.pause();
        }
        Followed::Interrupted(fault.to_string())
    }

    /// Opens no stream for a while: all followers lose theirs at once when a service stops.
    fn pause(&mut self) {
        self.closed_until = Some(Instant::now() + self.wait / 2 + retry::jitter(self.wait / 2));
        self.wait = (self.wait * 2).min(WAIT_MAX);
    }
}
