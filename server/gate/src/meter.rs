//! How often and how fast: counters per action, read by the metrics listener.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use strongroom_base::{Action, Fault, GrpcCode};

/// Upper bounds of the latency buckets in microseconds; a last bucket takes the rest.
pub const LATENCY_BOUNDS_MICROS: [u64; 12] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 1_000_000, 10_000_000,
];

/// What was counted for one action since the start of the process.
#[derive(Debug, Clone)]
pub struct MeterRow {
    /// The action.
    pub action: Action,
    /// Requests that got their reply.
    pub succeeded: u64,
    /// Requests that policy refused.
    pub denied: u64,
    /// Requests refused for what they asked, such as unknown keys.
    pub refused: u64,
    /// Requests that failed for a reason on this side, such as a token that is away.
    pub failed: u64,
    /// Requests turned away because their caller made too many. They are in no latency bucket.
    pub throttled: u64,
    /// Requests per latency bucket, not cumulative.
    pub buckets: [u64; LATENCY_BOUNDS_MICROS.len() + 1],
    /// The sum of all latencies, in microseconds.
    pub total_micros: u64,
}

#[derive(Default)]
struct Counters {
    succeeded: AtomicU64,
    denied: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    throttled: AtomicU64,
    buckets: [AtomicU64; LATENCY_BOUNDS_MICROS.len() + 1],
    total_micros: AtomicU64,
}

pub(crate) struct Meter {
    rows: Vec<(Action, Counters)>,
}

impl Meter {
    pub(crate) fn new() -> Self {
        Self {
            rows: Action::ALL
                .iter()
                .map(|action| (*action, Counters::default()))
                .collect(),
        }
    }

    pub(crate) fn count(&self, action: Action, fault: Option<&Fault>, took: Duration) {
        // The enum's order is the table's order.
        let Some((_, counters)) = self.rows.get(action as usize) else {
            return;
        };
        let counter = match fault.map(|fault| fault.code().row().grpc) {
            None => &counters.succeeded,
            Some(GrpcCode::PermissionDenied | GrpcCode::Unauthenticated) => &counters.denied,
            Some(
                GrpcCode::InvalidArgument
                | GrpcCode::NotFound
                | GrpcCode::AlreadyExists
                | GrpcCode::FailedPrecondition
                | GrpcCode::OutOfRange
                | GrpcCode::Unimplemented,
            ) => &counters.refused,
            Some(
                GrpcCode::DeadlineExceeded
                | GrpcCode::ResourceExhausted
                | GrpcCode::Aborted
                | GrpcCode::Internal
                | GrpcCode::Unavailable
                | GrpcCode::DataLoss,
            ) => &counters.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = LATENCY_BOUNDS_MICROS
            .iter()
            .position(|bound| micros <= *bound)
            .unwrap_or(LATENCY_BOUNDS_MICROS.len());
        if let Some(bucket) = counters.buckets.get(bucket) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        counters.total_micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(crate) fn count_throttled(&self, action: Action) {
        if let Some((_, counters)) = self.rows.get(action as usize) {
            counters.throttled.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn rows(&self) -> Vec<MeterRow> {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let row = |(action, counters): &(Action, Counters)| MeterRow {
            action: *action,
            succeeded: read(&counters.succeeded),
            denied: read(&counters.denied),
            refused: read(&counters.refused),
            failed: read(&counters.failed),
            throttled: read(&counters.throttled),
            buckets: std::array::from_fn(|index| counters.buckets.get(index).map_or(0, read)),
            total_micros: read(&counters.total_micros),
        };
        self.rows.iter().map(row).collect()
    }
}
