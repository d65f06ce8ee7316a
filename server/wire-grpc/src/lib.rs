//! gRPC: messages are converted to operations, run through the gate, and their replies converted back.
//!
//! No decision is made here. This crate knows nothing of cryptoki, sled or the other wire and must never know them,
//! which the `tidy` test checks by its manifest.

mod admin;
mod asking;
mod backstop;
mod deadline;
mod door;
mod field;
mod key_management;
mod parameters;
mod peer;
mod pieces;
mod places;
mod secrets;
mod status;
mod watching;

pub use admin::AdminService;
pub use backstop::{Backstop, BackstopLayer, Settled};
pub use door::{Door, TurnedAway};
pub use key_management::KeyManagementService;
pub use parameters::ParametersService;
pub use peer::Peer;
pub use places::{Answers, Places};
pub use secrets::SecretsService;

#[cfg(test)]
mod tests;
