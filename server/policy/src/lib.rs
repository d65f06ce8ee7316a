//! Who may do what: a pure decision over IAM policy documents.
//!
//! [`PolicyDocument::parse`] understands a part of IAM's JSON language and refuses all of the rest: a document that says
//! more than this version can honour would allow more, or deny less, than its author meant. [`decide`] answers for one
//! action on one resource: an explicit Deny wins, silence denies.
//!
//! This crate must never know I/O, a clock or async code; it holds no secret. The `tidy` test checks its manifest.

#[expect(dead_code, reason = "condition blocks are not read yet")]
mod condition_key;
mod decide;
#[expect(dead_code, reason = "condition blocks are not read yet")]
mod document;
mod fault;
mod glob;
mod grant;
mod grant_operation;
mod guard;
mod json;
mod known;
#[allow(dead_code, reason = "condition blocks are not read yet")]
mod moment;
mod pattern;
mod principal;
#[expect(dead_code, reason = "condition blocks are not read yet")]
mod request;
mod resource_policy;
mod statement;
#[cfg(test)]
mod testing;
#[expect(dead_code, reason = "condition blocks are not read yet")]
mod value;

pub use condition_key::{ConditionKey, KeyName};
pub use decide::{Basis, Cited, Decision, Refusal, decide};
pub use document::PolicyDocument;
pub use fault::{Place, PolicyFault};
pub use grant::{Grant, GrantConstraints, GrantTerms, Grantee};
pub use grant_operation::{GrantOperation, UnknownGrantOperation};
pub use guard::{Authority, Guard, KeyPolicyGuard};
pub use request::{ContextPairs, Request};
pub use resource_policy::ResourcePolicy;
pub use value::{Value, Values};
