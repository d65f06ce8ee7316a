//! The parameter store: parameters in hierarchies, their versions, labels and policies, one file per operation in `op/`.
//!
//! Secure values are encrypted under keys of the key service, which is asked on behalf of the caller and through the gate;
//! secrets are read through it likewise. This crate knows nothing of any wire or of the token and must never know them,
//! which the `tidy` test checks by its manifest.

mod conditions;
mod counts;
mod data_type;
mod draft;
mod fetch;
mod filter;
mod key;
mod label;
mod name;
pub mod op;
mod parameters;
mod pattern;
mod policies;
mod record;
mod reference;
mod removal;
mod search;
mod secret;
mod tags;
mod target;
mod value;
mod vault;
mod write;

pub use fetch::{ParameterValue, Shown};
pub use filter::{Filter, WrittenFilter};
pub use label::Label;
pub use name::{ParameterName, ParameterPath};
pub use parameters::Parameters;
pub use policies::{ParameterPolicy, PolicyKind, PolicyStatus};
pub use record::{DueRecord, LabelsRecord, ParameterRecord, ParameterUid, StoredValue, VersionRecord};
pub use reference::{ParameterReference, Selector};
pub use strongroom_policy::Tags;
pub use target::{ManyTarget, NoTarget, ParameterTarget, PathTarget};
pub use value::Value;

use strongroom_base::constraint;
