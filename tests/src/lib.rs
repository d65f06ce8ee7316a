//! What surrounds the product: fixtures (software token, certificates, a running strongroomd), `cargo dev`, `cargo ci`,
//! `cargo load` and `cargo soak`.
//!
//! This crate knows nothing of the server's insides: it meets the service through its configuration file, its command
//! line and gRPC, and the token through PKCS#11, beside the service and never through it. The `tidy` test checks its
//! manifest.

pub mod authority;
pub mod ci;
pub mod connection;
pub mod console;
pub mod daemon;
pub mod dev;
mod fault;
pub mod golden;
pub mod install;
pub mod installation;
pub mod leftover;
pub mod load;
pub mod private_file;
pub mod process;
pub mod soak;
pub mod software_token;
pub mod token_tool;
pub mod workspace;

pub use fault::HarnessFault;
