//! Events through their door: real gate, keys and secrets, over a token and a store in memory.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail like tests do"
)]

#[path = "events/bench.rs"]
mod bench;
#[path = "events/keeping.rs"]
mod keeping;
#[path = "events/telling.rs"]
mod telling;
