//! The whole service, as its users meet it: a real token, real certificates, a strongroomd process, gRPC.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy exempts only the functions marked #[test], not their helpers"
)]

#[path = "system/audit_trail.rs"]
mod audit_trail;
#[path = "system/authorization.rs"]
mod authorization;
#[path = "system/bad_input.rs"]
mod bad_input;
#[path = "system/cache.rs"]
mod cache;
#[path = "system/callers.rs"]
mod callers;
#[path = "system/channels.rs"]
mod channels;
#[path = "system/command_line.rs"]
mod command_line;
#[path = "system/dev_session.rs"]
mod dev_session;
#[path = "system/drift.rs"]
mod drift;
#[path = "system/events.rs"]
mod events;
#[path = "system/grants.rs"]
mod grants;
#[path = "system/hardening.rs"]
mod hardening;
#[path = "system/health.rs"]
mod health;
#[path = "system/import.rs"]
mod import;
#[path = "system/kryoptic.rs"]
mod kryoptic;
#[path = "system/leaks.rs"]
mod leaks;
#[path = "system/log.rs"]
mod log;
#[path = "system/metrics.rs"]
mod metrics;
#[path = "system/openssl.rs"]
mod openssl;
#[path = "system/parameters.rs"]
mod parameters;
#[path = "system/post_quantum.rs"]
mod post_quantum;
#[path = "system/proofs.rs"]
mod proofs;
#[path = "system/quotas.rs"]
mod quotas;
#[path = "system/raw_call.rs"]
mod raw_call;
#[path = "system/reflection.rs"]
mod reflection;
#[path = "system/refused_starts.rs"]
mod refused_starts;
#[path = "system/rotation.rs"]
mod rotation;
#[path = "system/run.rs"]
mod run;
#[path = "system/secret_policies.rs"]
mod secret_policies;
#[path = "system/shutdown.rs"]
mod shutdown;
#[path = "system/token_objects.rs"]
mod token_objects;
#[path = "system/unread_requests.rs"]
mod unread_requests;
#[path = "system/world.rs"]
mod world;
