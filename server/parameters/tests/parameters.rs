//! The parameter store through its door: every operation by way of the gate, over a token and a store in memory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests do")]

#[path = "parameters/audit.rs"]
mod audit;
#[path = "parameters/authorization.rs"]
mod authorization;
#[path = "parameters/bench.rs"]
mod bench;
#[path = "parameters/conflicts.rs"]
mod conflicts;
#[path = "parameters/keys.rs"]
mod keys;
#[path = "parameters/labels.rs"]
mod labels;
#[path = "parameters/limits.rs"]
mod limits;
#[path = "parameters/lists.rs"]
mod lists;
#[path = "parameters/meddler.rs"]
mod meddler;
#[path = "parameters/policies.rs"]
mod policies;
#[path = "parameters/refusals.rs"]
mod refusals;
#[path = "parameters/secrets.rs"]
mod secrets;
#[path = "parameters/tags.rs"]
mod tags;
#[path = "parameters/values.rs"]
mod values;
