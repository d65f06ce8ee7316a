//! [`Door`]: the one way from a gRPC request to the gate and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use strongroom_base::{Action, Code, Effect, Fault, RequestId};
use strongroom_gate::{Gate, GrantTokens, OpContext, Operation, Released};
use tokio::time::timeout_at;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::metadata::MetadataMap;
use tonic::{Extensions, Request, Response, Status};
use tracing::{debug, error, warn};

use crate::asking::Asking;
use crate::backstop::BackstopLayer;
use crate::deadline::deadline_of;
use crate::peer::Peer;
use crate::places::{Place, Places};
use crate::status::status_of;

/// What all services share. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    gate: Arc<Gate>,
    places: Places,
    changes: TaskTracker,
    turned_away: Arc<TurnedAway>,
    stop: CancellationToken,
}

/// Requests that did not come as far as the gate, and so are on no audit trail.
#[derive(Debug, Default)]
pub struct TurnedAway {
    /// Too many others were under way.
    pub shed: AtomicU64,
    /// The certificate belongs to no principal.
    pub unidentified: AtomicU64,
    /// The message breaks a constraint of the interface, or names a key as none can be named.
    pub malformed: AtomicU64,
}

impl TurnedAway {
    fn count_malformed(&self) {
        self.malformed.fetch_add(1, Ordering::Relaxed);
    }
}

impl Door {
    /// A door to `gate`. Requests come to it through its [`Self::backstop`].
    #[must_use]
    pub fn new(gate: Arc<Gate>) -> Self {
        Self {
            gate,
            places: Places::default(),
            changes: TaskTracker::new(),
            turned_away: Arc::default(),
            stop: CancellationToken::new(),
        }
    }

    /// The same, whose streams end when `stop` is cancelled.
    #[must_use]
    pub fn until(self, stop: CancellationToken) -> Self {
        Self { stop, ..self }
    }

    /// Cancelled when the service is to stop.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// What goes around all services: it gives each request its place.
    #[must_use]
    pub fn backstop(&self) -> BackstopLayer {
        BackstopLayer::new(self.places.clone(), Arc::clone(&self.turned_away))
    }

    /// Waits until every change that was begun has ended, those included whose callers have gone.
    pub async fn drained(&self) {
        self.changes.close();
        self.changes.wait().await;
    }

    /// How many requests did not come as far as the gate.
    #[must_use]
    pub fn turned_away(&self) -> &TurnedAway {
        &self.turned_away
    }

    /// Converts a message to an operation, takes it through the gate, and converts the reply.
    pub(crate) async fn pass<M, O, R>(
        &self,
        domain: &Arc<O::Domain>,
        request: Request<M>,
        decode: impl FnOnce(M, &O::Domain) -> Result<O, Fault>,
        encode: impl FnOnce(O::Reply, &O::Domain) -> R,
    ) -> Result<Response<R>, Status>
    where
        O: Operation + 'static,
        O::Domain: Send + Sync + 'static,
        O::Reply: 'static,
    {
        self.pass_with(domain, request, |_, _| Ok(()), decode, encode).await
    }

    /// The same for a message that may bring grant tokens, or ask for a dry run.
    pub(crate) async fn pass_asking<M, O, R>(
        &self,
        domain: &Arc<O::Domain>,
        request: Request<M>,
        decode: impl FnOnce(M, &O::Domain) -> Result<O, Fault>,
        encode: impl FnOnce(O::Reply, &O::Domain) -> R,
    ) -> Result<Response<R>, Status>
    where
        M: Asking,
        O: Operation + 'static,
        O::Domain: Send + Sync + 'static,
        O::Reply: 'static,
    {
        let ask = |context: &mut OpContext, message: &mut M| {
            context.grant_tokens = GrantTokens::new(message.take_grant_tokens())?;
            context.dry_run = message.dry_run();
            Ok(())
        };
        self.pass_with(domain, request, ask, decode, encode).await
    }

    async fn pass_with<M, O, R>(
        &self,
        domain: &Arc<O::Domain>,
        request: Request<M>,
        ask: impl FnOnce(&mut OpContext, &mut M) -> Result<(), Fault>,
        decode: impl FnOnce(M, &O::Domain) -> Result<O, Fault>,
        encode: impl FnOnce(O::Reply, &O::Domain) -> R,
    ) -> Result<Response<R>, Status>
    where
        O: Operation + 'static,
        O::Domain: Send + Sync + 'static,
        O::Reply: 'static,
    {
        let (metadata, extensions, mut message) = request.into_parts();
        let request_id = RequestId::random();
        let outcome = async {
            let place = place_of(&extensions)?;
            let mut context = context_of(request_id, &metadata, &extensions)?;
            let asked = ask(&mut context, &mut message);
            let operation = asked
                .and_then(|()| decode(message, domain))
                .inspect_err(|_| self.turned_away.count_malformed())?;
            self.run(place, context, Arc::clone(domain), operation).await
        };
        match outcome.await {
            Ok(released) => Ok(Response::new(encode(released.into_inner(), domain))),
            Err(fault) => {
                log(&fault, O::ACTION, request_id);
                Err(status_of(&fault, request_id))
            }
        }
    }

    /// Reads and uses of keys are dropped with a caller that goes away or waits no longer. Changes are driven to their
    /// end and keep their place until then: a dropped future would leave an intent without an outcome.
    async fn run<O>(
        &self,
        place: Place,
        context: OpContext,
        domain: Arc<O::Domain>,
        operation: O,
    ) -> Result<Released<O::Reply>, Fault>
    where
        O: Operation + 'static,
        O::Domain: Send + Sync + 'static,
        O::Reply: 'static,
    {
        let deadline = context.deadline.instant().into();
        match O::ACTION.effect() {
            Effect::Read | Effect::Use => timeout_at(deadline, self.gate.run(&context, &*domain, operation))
                .await
                .unwrap_or_else(|_| Err(late("The request was given up."))),
            Effect::Change => {
                let gate = Arc::clone(&self.gate);
                let change = self.changes.spawn(async move {
                    let _place = place;
                    gate.run(&context, &*domain, operation).await
                });
                match timeout_at(deadline, change).await {
                    Ok(ended) => ended.unwrap_or_else(|cause| {
                        Err(Fault::new(Code::Internal, "The change ended in a defect of the service.").because(cause))
                    }),
                    Err(_) => Err(
                        late("The change goes on; look whether it was made before repeating it.").not_to_be_repeated(),
                    ),
                }
            }
        }
    }
}

fn late(what: &str) -> Fault {
    Fault::new(
        Code::DependencyTimeout,
        format!("The deadline passed before the answer was there. {what}"),
    )
}

fn place_of(extensions: &Extensions) -> Result<Place, Fault> {
    let place = extensions.get::<Place>().cloned();
    place.ok_or_else(|| Fault::new(Code::Internal, "The request has come around the backstop."))
}

fn context_of(request_id: RequestId, metadata: &MetadataMap, extensions: &Extensions) -> Result<OpContext, Fault> {
    let peer = extensions.get::<Peer>();
    let peer = peer.ok_or_else(|| Fault::new(Code::Internal, "The connection does not say who is calling."))?;
    let user_agent = metadata
        .get("user-agent")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    Ok(OpContext {
        caller: Arc::clone(peer.caller()?),
        request_id,
        source: Arc::clone(peer.address()),
        channel: Arc::clone(peer.channel()),
        user_agent: user_agent.into(),
        deadline: deadline_of(metadata),
        via: None,
        grant_tokens: GrantTokens::default(),
        dry_run: false,
    })
}

/// What the caller does not see, the operator does.
fn log(fault: &Fault, action: Action, request: RequestId) {
    let Some(cause) = fault.cause() else {
        return debug!(%action, %request, %fault, "request refused");
    };
    let mut chain = cause.to_string();
    let mut next = cause.source();
    while let Some(deeper) = next {
        chain.push_str(": ");
        chain.push_str(&deeper.to_string());
        next = deeper.source();
    }
    if matches!(fault.code(), Code::Internal | Code::RecordDamaged) {
        error!(%action, %request, %fault, cause = chain, "request failed");
    } else if matches!(
        fault.code(),
        Code::AccessDenied | Code::InvalidCiphertext | Code::Conflict
    ) {
        // Callers bring these about as often as they like, and the operator has nothing to do.
        debug!(%action, %request, %fault, cause = chain, "request refused");
    } else {
        warn!(%action, %request, %fault, cause = chain, "request failed");
    }
}
