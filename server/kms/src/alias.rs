//! The alias record: a name that points at a key.

use serde::{Deserialize, Serialize};
use strongroom_base::{KeyId, Timestamp};
use strongroom_store::Document;

use crate::key_reference::AliasName;

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasRecord {
    /// Its name, `alias/` included.
    pub name: AliasName,
    /// The key that it points at.
    pub target: KeyId,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last pointed at a key.
    pub updated: Timestamp,
}

impl Document for AliasRecord {
    const KIND: &'static str = "alias";
    const VERSION: u16 = 1;
}
