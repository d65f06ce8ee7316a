//! The fixtures themselves: a token that works, certificates that last, folders that are left alone.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy exempts only the functions marked #[test], not their helpers"
)]

#[path = "fixtures/authority.rs"]
mod authority;
#[path = "fixtures/dev_command.rs"]
mod dev_command;
#[path = "fixtures/token.rs"]
mod token;
