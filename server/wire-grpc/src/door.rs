//! [`Door`]: the one way from a gRPC request to the gate and back.

use std::sync::Arc;

use strongroom_base::limits::REQUESTS_IN_FLIGHT_MAX;
use strongroom_base::{Action, Code, Effect, Fault, RequestId};
use strongroom_gate::{Gate, OpContext, Operation, Released};
use tokio::sync::Semaphore;
use tonic::metadata::MetadataMap;
use tonic::{Extensions, Request, Response, Status};
use tracing::{debug, error, warn};

use crate::deadline::deadline_of;
use crate::peer::Peer;
use crate::status::status_of;

/// What all services share. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    gate: Arc<Gate>,
    places: Arc<Semaphore>,
}

impl Door {
    /// A door to `gate` for [`REQUESTS_IN_FLIGHT_MAX`] requests at once.
    #[must_use]
    pub fn new(gate: Arc<Gate>) -> Self {
        Self {
            gate,
            places: Arc::new(Semaphore::new(REQUESTS_IN_FLIGHT_MAX)),
        }
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
        let (metadata, extensions, message) = request.into_parts();
        let request_id = RequestId::random();
        let outcome = async {
            let _place = self.places.try_acquire().map_err(|_| too_many())?;
            let context = context_of(request_id, &metadata, &extensions)?;
            let operation = decode(message, domain)?;
            self.run(context, Arc::clone(domain), operation).await
        };
        match outcome.await {
            Ok(released) => Ok(Response::new(encode(released.into_inner(), domain))),
            Err(fault) => {
                log(&fault, O::ACTION, request_id);
                Err(status_of(&fault, request_id))
            }
        }
    }

    /// Reads are dropped with a caller that goes away. Changes are driven to their end: a dropped future would leave
    /// an intent without an outcome.
    async fn run<O>(
        &self,
        context: OpContext,
        domain: Arc<O::Domain>,
        operation: O,
    ) -> Result<Released<O::Reply>, Fault>
    where
        O: Operation + 'static,
        O::Domain: Send + Sync + 'static,
        O::Reply: 'static,
    {
        match O::ACTION.effect() {
            Effect::Read | Effect::Use => self.gate.run(&context, &*domain, operation).await,
            Effect::Change => {
                let gate = Arc::clone(&self.gate);
                let change = tokio::spawn(async move { gate.run(&context, &*domain, operation).await });
                change.await.unwrap_or_else(|cause| {
                    Err(Fault::new(Code::Internal, "The change ended in a defect of the service.").because(cause))
                })
            }
        }
    }
}

fn too_many() -> Fault {
    Fault::new(
        Code::Throttling,
        "Too many requests are under way; try again more slowly.",
    )
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
        user_agent: user_agent.into(),
        deadline: deadline_of(metadata),
        via: None,
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
    } else {
        warn!(%action, %request, %fault, cause = chain, "request failed");
    }
}
