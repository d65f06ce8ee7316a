//! What each kind of token can and needs, as data: one profile per kind in `profiles/`, parsed at start.
//!
//! Only kinds that a conformance run has proven have a profile. This crate knows no other crate of the project and no
//! PKCS#11 library, and does no I/O: its files are compiled in. The `tidy` test checks its manifest.

mod profile;

pub use profile::{CurveName, MechanismName, Profile, ProfileFault, SuiteName};
