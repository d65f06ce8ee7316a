//! A stream of events on the wire: a task feeds it, bounded by what its reader takes, and ends it in good order.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use strongroom_base::limits::{WATCH_MESSAGES_WAITING_MAX, WATCH_UNREAD_TIME_MAX};
use strongroom_base::{Code, EventKind, Fault, RequestId};
use strongroom_events::{Events, ResumeToken, Told, ToldEvent, WatchEvents, Watcher};
use strongroom_proto::v1;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tonic::codegen::tokio_stream::Stream;
use tonic::{Request, Response, Status};
use tracing::debug;

use crate::deadline::end_of_stream;
use crate::field::timestamp;
use crate::peer::Peer;
use crate::places::LongLived;
use crate::status::status_of;

/// Types that a request may name: more than there are.
const TYPES_MAX: usize = 32;

/// The request for a stream.
pub(crate) fn decode(request: v1::WatchEventsRequest, _: &Events) -> Result<WatchEvents, Fault> {
    if request.types.len() > TYPES_MAX {
        return Err(broken(format!(
            "Member must have length less than or equal to {TYPES_MAX}"
        )));
    }
    let kinds = request.types.iter().map(|number| kind_of(*number));
    WatchEvents::new(request.resume_token.as_deref(), kinds.collect::<Result<_, _>>()?)
}

fn kind_of(number: i32) -> Result<EventKind, Fault> {
    let mut kinds = EventKind::ALL.iter();
    let found = kinds.find(|kind| type_of(**kind) as i32 == number && number != 0);
    found
        .copied()
        .ok_or_else(|| broken(format!("{number} is not an event type")))
}

fn broken(constraint: String) -> Fault {
    let found = "1 validation error detected: Value at 'types' failed to satisfy constraint";
    Fault::new(Code::Validation, format!("{found}: {constraint}"))
}

/// When a stream ends although there is more to tell.
#[derive(Clone)]
pub(crate) struct Ends {
    deadline: Option<Instant>,
    connection: Option<Instant>,
    stop: CancellationToken,
}

impl Ends {
    /// Of the stream that this request opens.
    pub(crate) fn of<M>(request: &Request<M>, stop: &CancellationToken) -> Self {
        let peer = request.extensions().get::<Peer>();
        Self {
            deadline: end_of_stream(request.metadata()).map(Into::into),
            connection: peer.and_then(Peer::end).map(Into::into),
            stop: stop.clone(),
        }
    }

    async fn wait(&self) -> v1::WatchEnd {
        let at = |moment: Option<Instant>| async move {
            match moment {
                Some(moment) => sleep_until(moment).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => v1::WatchEnd::Shutdown,
            () = at(self.deadline) => v1::WatchEnd::Deadline,
            () = at(self.connection) => v1::WatchEnd::ConnectionAge,
        }
    }
}

type Item = Result<v1::WatchEventsResponse, Status>;

/// The messages of a stream that waits for its reader.
pub struct EventStream {
    messages: mpsc::Receiver<Item>,
    /// The last message, which has room even when nothing else has.
    last: Option<oneshot::Receiver<Item>>,
}

impl Stream for EventStream {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if let Some(item) = ready!(self.messages.poll_recv(context)) {
            return Poll::Ready(Some(item));
        }
        let Some(last) = &mut self.last else {
            return Poll::Ready(None);
        };
        let item = ready!(Pin::new(last).poll(context));
        self.last = None;
        Poll::Ready(item.ok())
    }
}

/// Feeds a stream until it ends or nobody reads it any more.
pub(crate) fn start(watcher: Watcher, ends: Ends) -> Response<EventStream> {
    let mut response = Response::new(stream_of(watcher, ends));
    response.extensions_mut().insert(LongLived);
    response
}

fn stream_of(source: impl Source + 'static, ends: Ends) -> EventStream {
    let (sender, messages) = mpsc::channel(WATCH_MESSAGES_WAITING_MAX);
    let (last_sender, last) = oneshot::channel();
    tokio::spawn(async move {
        if let Some(item) = feed(source, &sender, &ends).await {
            // Whoever does not read any more misses nothing.
            let _gone = last_sender.send(item);
        }
    });
    EventStream {
        messages,
        last: Some(last),
    }
}

/// Where messages come from.
trait Source: Send {
    fn next(&mut self) -> impl Future<Output = Result<Told, Fault>> + Send;
    fn token(&self) -> ResumeToken;
}

impl Source for Watcher {
    async fn next(&mut self) -> Result<Told, Fault> {
        Self::next(self).await
    }

    fn token(&self) -> ResumeToken {
        Self::token(self)
    }
}

/// Sends what there is to tell; answers with the last message, `None` when nobody reads any more.
async fn feed(mut source: impl Source, sender: &mpsc::Sender<Item>, ends: &Ends) -> Option<Item> {
    let end = ends.wait();
    tokio::pin!(end);
    loop {
        let room = tokio::select! {
            // An end that has come is told before anything else.
            biased;
            why = &mut end => return Some(Ok(ended(source.token(), why))),
            room = timeout(WATCH_UNREAD_TIME_MAX, sender.reserve()) => room,
        };
        let room = match room {
            Ok(room) => room.ok()?,
            Err(_elapsed) => return Some(Err(refusal(&unread()))),
        };
        tokio::select! {
            biased;
            why = &mut end => return Some(Ok(ended(source.token(), why))),
            () = sender.closed() => return None,
            told = source.next() => match told {
                Ok(told) => room.send(Ok(message(&told))),
                Err(fault) => return Some(Err(refusal(&fault))),
            },
        }
    }
}

fn unread() -> Fault {
    Fault::new(
        Code::Throttling,
        format!(
            "The stream was ended because its messages were not read for {} seconds; resume it with the last resume token \
             that was read.",
            WATCH_UNREAD_TIME_MAX.as_secs()
        ),
    )
}

fn refusal(fault: &Fault) -> Status {
    let request = RequestId::random();
    debug!(%request, %fault, "a stream of events ends");
    status_of(fault, request)
}

fn ended(token: ResumeToken, why: v1::WatchEnd) -> v1::WatchEventsResponse {
    v1::WatchEventsResponse {
        resume_token: token.to_string(),
        event: None,
        end: why.into(),
    }
}

fn message(told: &Told) -> v1::WatchEventsResponse {
    v1::WatchEventsResponse {
        resume_token: told.token.to_string(),
        event: told.event.as_ref().map(event),
        end: v1::WatchEnd::Unspecified.into(),
    }
}

fn event(told: &ToldEvent) -> v1::Event {
    let event = told.event();
    v1::Event {
        r#type: type_of(event.kind).into(),
        arn: told.arn.to_string(),
        time: Some(timestamp(told.time)),
        version_id: event.version.clone(),
        version_stages: event.labels.clone(),
    }
}

fn type_of(kind: EventKind) -> v1::EventType {
    match kind {
        EventKind::LogBegan => v1::EventType::Unspecified,
        EventKind::SecretCreated => v1::EventType::SecretCreated,
        EventKind::SecretValueChanged => v1::EventType::SecretValueChanged,
        EventKind::SecretLabelsMoved => v1::EventType::SecretLabelsMoved,
        EventKind::SecretMetadataChanged => v1::EventType::SecretMetadataChanged,
        EventKind::SecretTagsChanged => v1::EventType::SecretTagsChanged,
        EventKind::SecretDeleted => v1::EventType::SecretDeleted,
        EventKind::SecretRestored => v1::EventType::SecretRestored,
        EventKind::SecretRemoved => v1::EventType::SecretRemoved,
        EventKind::KeyRotated => v1::EventType::KeyRotated,
        EventKind::KeyEnabled => v1::EventType::KeyEnabled,
        EventKind::KeyDisabled => v1::EventType::KeyDisabled,
        EventKind::KeyDeletionScheduled => v1::EventType::KeyDeletionScheduled,
        EventKind::KeyDeletionCancelled => v1::EventType::KeyDeletionCancelled,
    }
}

#[cfg(test)]
mod tests;
