//! Who may do what: a pure decision over IAM policy documents.
//!
//! [`PolicyDocument::parse`] and [`ResourcePolicy::parse`] understand IAM's JSON language and refuse what they cannot honour: a
//! document that says more would allow more, or deny less, than its author meant. [`decide`] answers for one [`Request`]: an
//! explicit Deny wins, silence denies. The request answers condition keys one by one, when a policy asks for them.
//!
//! This crate must never know I/O, a clock or async code; it holds no secret. The `tidy` test checks its manifest.

mod comparison;
mod condition;
mod condition_key;
mod constraint;
mod decide;
mod document;
mod fault;
mod glob;
mod grant;
mod grant_operation;
mod grants;
mod guard;
mod json;
mod known;
pub mod moment;
mod network;
mod operator;
mod pattern;
mod principal;
mod public;
mod request;
mod resource_policy;
mod statement;
mod tags;
mod template;
#[cfg(test)]
mod testing;
mod value;

pub use condition_key::{ConditionKey, KeyName};
pub use decide::{Basis, Decision, Refusal, decide};
pub use document::PolicyDocument;
pub use fault::{Place, PolicyFault, VariableSlip};
pub use grant::{GrantConstraints, GrantTerms};
pub use grant_operation::{GrantOperation, UnknownGrantOperation};
pub use grants::Grants;
pub use guard::Guard;
pub use request::{ContextPairs, Request};
pub use resource_policy::ResourcePolicy;
pub use tags::Tags;
pub use value::{Value, Values};
