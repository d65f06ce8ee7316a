//! The key service: keys, aliases and ciphertext blobs, one file per operation in `op/`.
//!
//! Key material is in the token alone, but for data key pairs, which are made to leave; this crate names it by key material id. It knows nothing of any wire and must never know one:
//! operations are plain types that a wire makes and hands to the gate, which the `tidy` test checks by the manifest.

mod alias;
mod blob;
mod budget;
mod ciphertext;
mod conditions;
mod context;
mod creation;
mod data_key_pair;
mod domain;
pub mod envelope;
mod fitness;
mod grant;
mod guard;
mod import;
mod import_parameters;
mod imported;
mod key;
mod key_fault;
mod key_locks;
mod key_policy;
mod key_reference;
mod kms;
mod last_usage;
mod managed_key;
mod marks;
mod message;
mod metadata;
mod news;
pub mod op;
mod public_key;
mod removal;
mod root;
mod rotation;
mod tags;
mod target;

pub use alias::AliasRecord;
pub use budget::BudgetUse;
pub use context::EncryptionContext;
pub use grant::{GrantRecord, NewGrant};
pub use import::ImportType;
pub use import_parameters::ImportToken;
pub use imported::{Expiration, Import, Presence};
pub use key::{KeyManager, KeyRecord, KeyState, KeyVersion, RotationSchedule, VersionOrigin};
pub use key_fault::is_about_key;
pub use key_reference::{AliasName, KeyReference};
pub use kms::Kms;
pub use last_usage::LastUsage;
pub use managed_key::ManagedKey;
pub use message::Message;
pub use metadata::{KeyMetadata, VersionMetadata};
pub use public_key::PublicKey;
pub use root::Root;
pub use strongroom_policy::{ContextPairs, GrantConstraints, GrantOperation, ResourcePolicy};
pub use strongroom_token::{Health as TokenHealth, Provenance, Suite, TokenDescription, TokenStatus};
pub use tags::KeyTags;
pub use target::{KeyTarget, NoTarget};
