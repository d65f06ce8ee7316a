//! What reviewers should not have to look for: sizes, layers, doors, words.
//!
//! Each rule reads the project's own files; the tables that a rule compares with are in `tidy/`, one per file, so that
//! a change of a rule is a change that a reviewer sees.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "clippy exempts only the functions marked #[test], not their helpers"
)]

#[path = "tidy/dependencies.rs"]
mod dependencies;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/doors.rs"]
mod doors;
#[path = "tidy/functions.rs"]
mod functions;
#[path = "tidy/sizes.rs"]
mod sizes;
#[path = "tidy/sources.rs"]
mod sources;
#[path = "tidy/words.rs"]
mod words;
