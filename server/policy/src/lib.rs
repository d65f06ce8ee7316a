//! Who may do what: a pure decision over IAM policy documents.
//!
//! [`PolicyDocument::parse`] understands a part of IAM's JSON language and refuses all of the rest: a document that says
//! more than this version can honour would allow more, or deny less, than its author meant. [`decide`] answers for one
//! action on one resource: an explicit Deny wins, silence denies.
//!
//! This crate must never know I/O, a clock or async code; it holds no secret. The `tidy` test checks its manifest.

mod decide;
mod document;
mod fault;
mod glob;
mod json;
mod known;
mod pattern;
mod statement;

pub use decide::{Cited, Decision, decide};
pub use document::PolicyDocument;
pub use fault::{Place, PolicyFault};
