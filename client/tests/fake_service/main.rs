//! The client against a service that this process plays: repeating, deadlines, TLS, streams and the command line.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops at the first surprise"
)]

mod answers;
mod command_alias;
mod command_batch;
mod command_data_key;
mod command_dry_run;
mod command_grants;
mod command_hints;
mod command_import;
mod command_key_pairs;
mod command_key_tags;
mod command_line;
mod command_report;
mod command_rotation;
mod command_secret_policies;
mod command_secrets;
mod files;
mod program;
mod retry;
mod service;
mod streams;
mod terminal;
mod tls;
