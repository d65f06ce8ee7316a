//! The secrets service: secrets, versions and staging labels, one file per operation in `op/`.
//!
//! Every version's value is sealed under a data key of its own, which the key service makes and opens on behalf of the
//! caller, through the gate. This crate must never know a wire or the token: it reaches keys through `strongroom-kms`
//! alone, which the `tidy` test checks by the manifest.

mod access;
mod addition;
mod conditions;
mod envelope;
mod filter;
mod index;
mod key;
mod label;
mod name;
mod news;
pub mod op;
mod paging;
mod purge;
mod random;
mod re_encryption;
mod record;
mod resource_policy;
mod search;
mod secret_id;
mod secrets;
mod staging;
mod sweep;
mod tags;
mod target;
mod value;
mod vault;
mod version_id;

pub use access::AccessRecord;
pub use filter::{Filter, FilterKey};
pub use label::StagingLabel;
pub use name::{ArnSuffix, SecretName};
pub use purge::PurgeMark;
pub use record::{Deletion, SecretRecord, SecretUid, ValueRecord, VersionRecord};
pub use search::{SortBy, SortOrder};
pub use secret_id::SecretId;
pub use secrets::Secrets;
pub use staging::Staging;
pub use strongroom_policy::Tags;

use strongroom_base::constraint;
pub use target::{NoTarget, SecretTarget};
pub use value::{Value, ValueKind};
pub use version_id::VersionId;
