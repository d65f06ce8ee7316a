//! [`Backstop`], around all services: a request gets its place before its first byte is read and gives it back when its
//! answer is with the connection, one whose bytes never end is given up, and what the gRPC library refuses by itself
//! carries details too.
//!
//! The library's own timers could do the second, but answer from outside of every layer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use strongroom_base::{Code, Fault, RequestId};
use tokio::time::{Sleep, sleep_until};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::codegen::http::{HeaderMap, HeaderName, Request, Response};
use tower::Layer;
use tracing::debug;

use crate::deadline::last_moment;
use crate::door::TurnedAway;
use crate::peer::Peer;
use crate::pieces::Pieces;
use crate::places::{LongLived, Place, Places, Waiting};
use crate::status::{completed, status_of};

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

/// Services whose requests need a place. Health and reflection answer when all places are taken, too.
const OURS: &str = "/strongroom.";

/// Puts a [`Backstop`] around what is inside.
#[derive(Debug, Clone, Default)]
pub struct BackstopLayer {
    places: Places,
    turned_away: Arc<TurnedAway>,
}

impl BackstopLayer {
    pub(crate) fn new(places: Places, turned_away: Arc<TurnedAway>) -> Self {
        Self { places, turned_away }
    }

    /// A place for a request of this peer. Whoever is no principal gets none: strangers must not take them all.
    fn admit(&self, peer: Option<&Peer>) -> Result<Place, Fault> {
        if let Some(Err(fault)) = peer.map(Peer::caller) {
            self.turned_away.unidentified.fetch_add(1, Ordering::Relaxed);
            return Err(fault);
        }
        self.places.take().ok_or_else(|| {
            self.turned_away.shed.fetch_add(1, Ordering::Relaxed);
            Fault::new(
                Code::Throttling,
                "Too many requests are under way; try again more slowly.",
            )
        })
    }
}

impl<S> Layer<S> for BackstopLayer {
    type Service = Backstop<S>;

    fn layer(&self, inner: S) -> Backstop<S> {
        Backstop {
            inner,
            layer: self.clone(),
        }
    }
}

/// The services, and what happens to requests that they do not see or do not answer.
#[derive(Debug, Clone)]
pub struct Backstop<S> {
    inner: S,
    layer: BackstopLayer,
}

impl<S, B> Service<Request<B>> for Backstop<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Settled<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let timer = sleep_until(last_moment(request.headers()).into());
        let peer = request.extensions().get::<Peer>();
        let answers = peer.map(|peer| Arc::clone(peer.answers())).unwrap_or_default();
        let mut place = None;
        if request.uri().path().starts_with(OURS) {
            match self.layer.admit(peer) {
                Ok(taken) => drop(request.extensions_mut().insert(place.insert(taken).clone())),
                Err(fault) => return Settled::refused(timer, status_of(&fault, RequestId::random())),
            }
        }
        Settled {
            inner: Some(self.inner.call(request)),
            refusal: None,
            timer,
            waiting: Some(Waiting { place, answers }),
        }
    }
}

pin_project! {
    /// An answer with details if it is a refusal, in time.
    pub struct Settled<F> {
        #[pin]
        inner: Option<F>,
        refusal: Option<Status>,
        #[pin]
        timer: Sleep,
        waiting: Option<Waiting>,
    }
}

impl<F> Settled<F> {
    fn refused(timer: Sleep, refusal: Status) -> Self {
        Self {
            inner: None,
            refusal: Some(refusal),
            timer,
            waiting: None,
        }
    }
}

impl<F, E> Future for Settled<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Some(refusal) = this.refusal.take() {
            return Poll::Ready(Ok(refusal.into_http()));
        }
        if let Some(inner) = this.inner.as_pin_mut()
            && let Poll::Ready(answer) = inner.poll(context)
        {
            let waiting = this.waiting.take();
            return Poll::Ready(answer.map(|answer| with_place(with_details(answer), waiting)));
        }
        ready!(this.timer.poll(context));
        Poll::Ready(Ok(given_up().into_http()))
    }
}

/// Looks at headers alone: a refusal by the library, or by a service before its first message, is all in there.
fn with_details(answer: Response<Body>) -> Response<Body> {
    match bare_refusal(answer.headers()) {
        None => answer,
        Some(status) => {
            let request = RequestId::random();
            debug!(%request, code = ?status.code(), message = status.message(), "request refused before it was read");
            completed(status, request).into_http()
        }
    }
}

/// The place goes with the bytes of the answer: a caller that does not read keeps it.
fn with_place(answer: Response<Body>, waiting: Option<Waiting>) -> Response<Body> {
    match waiting {
        None => answer,
        Some(mut waiting) => {
            if answer.extensions().get::<LongLived>().is_some() {
                waiting.place = None;
            }
            answer.map(|body| Body::new(Pieces::new(body, waiting)))
        }
    }
}

fn bare_refusal(headers: &HeaderMap) -> Option<Status> {
    let status = headers.get(STATUS)?;
    if status == "0" || headers.contains_key(DETAILS) {
        return None;
    }
    Status::from_header_map(headers)
}

fn given_up() -> Status {
    let request = RequestId::random();
    debug!(%request, "request given up");
    let text = "The deadline passed before the request had come in full, or before its answer was there. A change that \
                was begun goes on; look whether it was made before repeating it.";
    status_of(&Fault::new(Code::DependencyTimeout, text).not_to_be_repeated(), request)
}
