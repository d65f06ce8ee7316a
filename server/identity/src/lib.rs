//! Who is calling: names in client certificates and the table of principals.
//!
//! Whether a certificate may be believed is the TLS listener's business; this crate reads the names of one that is
//! believed. It must never know wires, tokens or stores, and holds no secret. The `tidy` test checks its manifest.

mod certificate;
mod fault;
mod name;
pub mod op;
mod table;

pub use fault::IdentityFault;
pub use name::Name;
pub use table::{Identities, PrincipalEntry};
