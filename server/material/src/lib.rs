//! Bytes that must not be seen: [`Material`], and [`Sealed`] for what may be stored.
//!
//! This crate knows nothing of keys, tokens, stores or wires. What keeps it honest: `tests/fail/*.rs` shows that the
//! forbidden uses do not compile, and the `tidy` test holds the list of files that may open each door.

mod kind;
mod material;
mod sealed;

pub use kind::{DataKey, Kind, Mac, Message, Pin, Plaintext, PrivateKeyDer, SealingKey, SecretValue, SharedSecret};
pub use material::{FillFault, Material};
pub use sealed::Sealed;
