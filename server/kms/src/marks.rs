//! Marks that keep token and store in agreement across a crash: intents before, tombstones after.

use serde::{Deserialize, Serialize};
use strongroom_base::{KeyId, KeyMaterialId, Timestamp};
use strongroom_store::Document;

/// Written before a key object is made, removed in the commit that makes the key. What is left of a crash names an
/// object that nobody was told about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreationIntent {
    pub(crate) key: KeyId,
    pub(crate) material: KeyMaterialId,
    pub(crate) begun: Timestamp,
}

impl Document for CreationIntent {
    const KIND: &'static str = "key-creation";
    const VERSION: u16 = 1;
}

/// What is kept for ever of a key that was destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tombstone {
    pub(crate) key: KeyId,
    pub(crate) materials: Vec<KeyMaterialId>,
    pub(crate) created: Timestamp,
    pub(crate) destroyed: Timestamp,
}

impl Document for Tombstone {
    const KIND: &'static str = "key-tombstone";
    const VERSION: u16 = 1;
}
