//! The metrics listener: OpenMetrics text at `/metrics`, over plain HTTP. Nothing secret is in it; key materials are
//! named by their ids.

mod families;

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::net::TcpListener;
use tracing::warn;

use self::families::Snapshot;
use crate::parts::Parts;

/// The media type of OpenMetrics text (OpenMetrics 1.0, "Protocol Negotiation").
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Takes the address; [`serve`] answers on it.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, Box<dyn Error>> {
    TcpListener::bind(address).await.map_err(|cause| {
        format!("cannot listen on {address} for metrics: {cause}; stop what listens there, or change [metrics] listen")
            .into()
    })
}

/// Answers for as long as the process lives.
pub(crate) fn serve(listener: TcpListener, parts: Arc<Parts>) {
    let router = Router::new().route("/metrics", get(scrape)).with_state(parts);
    tokio::spawn(async move {
        if let Err(cause) = axum::serve(listener, router).await {
            warn!(%cause, "the metrics listener has ended");
        }
    });
}

async fn scrape(State(parts): State<Arc<Parts>>) -> Response {
    let mut registry = Registry::with_prefix("strongroom");
    registry.register_collector(Box::new(Snapshot::take(&parts).await));
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(cause) => {
            warn!(%cause, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
