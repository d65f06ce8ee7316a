//! [`Backstop`], around all services: what the gRPC library refuses by itself carries details too, and a request whose
//! bytes never end is given up.
//!
//! The library's own timers could do the second, but answer from outside of every layer.

use std::future::Future;
use std::pin::Pin;
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
use crate::status::{completed, status_of};

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const DETAILS: HeaderName = HeaderName::from_static("grpc-status-details-bin");

/// Puts a [`Backstop`] around what is inside.
#[derive(Debug, Clone, Copy, Default)]
pub struct BackstopLayer;

impl<S> Layer<S> for BackstopLayer {
    type Service = Backstop<S>;

    fn layer(&self, inner: S) -> Backstop<S> {
        Backstop { inner }
    }
}

/// The services, and what happens to requests that they do not see or do not answer.
#[derive(Debug, Clone)]
pub struct Backstop<S> {
    inner: S,
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

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let timer = sleep_until(last_moment(request.headers()).into());
        let inner = self.inner.call(request);
        Settled { inner, timer }
    }
}

pin_project! {
    /// An answer with details if it is a refusal, in time.
    pub struct Settled<F> {
        #[pin]
        inner: F,
        #[pin]
        timer: Sleep,
    }
}

impl<F, E> Future for Settled<F>
where
    F: Future<Output = Result<Response<Body>, E>>,
{
    type Output = Result<Response<Body>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(answer) = this.inner.poll(context) {
            return Poll::Ready(answer.map(with_details));
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
    status_of(&Fault::new(Code::DependencyTimeout, text), request)
}
