//! The secrets service through its door: every operation by way of the gate, over a token and a store in memory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests do")]

#[path = "secrets/access.rs"]
mod access;
#[path = "secrets/audit.rs"]
mod audit;
#[path = "secrets/authorization.rs"]
mod authorization;
#[path = "secrets/batch.rs"]
mod batch;
#[path = "secrets/bench.rs"]
mod bench;
#[path = "secrets/conditions.rs"]
mod conditions;
#[path = "secrets/conflicts.rs"]
mod conflicts;
#[path = "secrets/creation.rs"]
mod creation;
#[path = "secrets/deletion.rs"]
mod deletion;
#[path = "secrets/keys.rs"]
mod keys;
#[path = "secrets/limits.rs"]
mod limits;
#[path = "secrets/lists.rs"]
mod lists;
#[path = "secrets/meddler.rs"]
mod meddler;
#[path = "secrets/names.rs"]
mod names;
#[path = "secrets/passwords.rs"]
mod passwords;
#[path = "secrets/policies.rs"]
mod policies;
#[path = "secrets/policy_decisions.rs"]
mod policy_decisions;
#[path = "secrets/stages.rs"]
mod stages;
#[path = "secrets/states.rs"]
mod states;
#[path = "secrets/sweeping.rs"]
mod sweeping;
#[path = "secrets/tags.rs"]
mod tags;
#[path = "secrets/throttling.rs"]
mod throttling;
#[path = "secrets/values.rs"]
mod values;
