//! What the store keeps of a parameter: its metadata, each version with its value apart, and the labels apart from both, so
//! that a new version writes two records whatever the number of versions and labels.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use strongroom_base::{Arn, ParameterDataType, ParameterTier, ParameterType, Timestamp};
use strongroom_material::Sealed;
use strongroom_policy::Tags;
use strongroom_store::Document;
use uuid::Uuid;

use crate::label::Label;
use crate::name::ParameterName;
use crate::policies::ParameterPolicy;

/// One life of a parameter. A name that is used again gets a new one, so that nothing left of the old parameter can be
/// taken for a part of the new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ParameterUid(Uuid);

impl ParameterUid {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// What the ids of the parameter's version records start with. As long for every parameter, so no two overlap.
    pub(crate) fn prefix(self) -> String {
        format!("{}/", self.0.hyphenated())
    }

    /// The id of one version's record; in the order of their numbers.
    pub(crate) fn version(self, number: u64) -> String {
        format!("{}/{number:020}", self.0.hyphenated())
    }
}

impl fmt::Display for ParameterUid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

/// A parameter, without its values. Its record's id is its level and the last part of its name.
///
/// Every change of the parameter or of its versions replaces this record, so its revision guards all of them. A change of
/// labels alone does not: it requires this record as it is, and the labels have a revision of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterRecord {
    /// Which life of the name this is.
    pub uid: ParameterUid,
    /// The name.
    pub name: ParameterName,
    /// What it holds; never changes.
    pub kind: ParameterType,
    /// What its values are checked for.
    pub data_type: ParameterDataType,
    /// Standard or advanced.
    pub tier: ParameterTier,
    /// The customer's words; never empty.
    pub description: Option<String>,
    /// What its values must fit; never empty.
    pub allowed_pattern: Option<String>,
    /// The key of a secure one, as the customer named it.
    pub key: Option<String>,
    /// What happens to it as time passes.
    pub policies: Vec<ParameterPolicy>,
    /// Its tags.
    pub tags: Tags,
    /// The number of the newest version.
    pub version: u64,
    /// The number of the oldest version that is kept; all between them are.
    pub oldest: u64,
    /// When the newest version was made.
    pub modified: Timestamp,
    /// Who made it.
    pub modified_by: Arn,
    /// When its policies are to be looked at next.
    pub due: Option<Timestamp>,
}

impl Document for ParameterRecord {
    const KIND: &'static str = "parameter";
    const VERSION: u16 = 1;
}

/// One version. Its record's id is the parameter's uid and the version's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionRecord {
    /// Its number, from 1 on.
    pub number: u64,
    /// When it was made.
    pub modified: Timestamp,
    /// Who made it.
    pub modified_by: Arn,
    /// The parameter's description then.
    pub description: Option<String>,
    /// The parameter's pattern then.
    pub allowed_pattern: Option<String>,
    /// The parameter's data type then.
    pub data_type: ParameterDataType,
    /// The parameter's tier then.
    pub tier: ParameterTier,
    /// The parameter's key then.
    pub key: Option<String>,
    /// The parameter's policies then.
    pub policies: Vec<ParameterPolicy>,
    /// The value.
    pub value: StoredValue,
}

impl Document for VersionRecord {
    const KIND: &'static str = "parameter-version";
    const VERSION: u16 = 1;
    /// Up to 20 KiB each.
    const CACHED: bool = false;
}

/// A value as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StoredValue {
    /// What is no secret.
    Plain(String),
    /// Encrypted under the KMS key itself: a ciphertext blob. Of standard parameters.
    Direct(Sealed),
    /// Under a data key of its own. Of advanced parameters.
    Envelope {
        /// The data key, encrypted under the KMS key: a ciphertext blob.
        data_key: Sealed,
        /// Nonce, ciphertext and tag; `vault.rs` says what it is bound to.
        value: Sealed,
    },
}

/// Which version has which label. A map from label to version: that a label is on at most one needs no check. Its
/// record's id is the parameter's uid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelsRecord(pub BTreeMap<Label, u64>);

impl Document for LabelsRecord {
    const KIND: &'static str = "parameter-labels";
    const VERSION: u16 = 1;
}

impl LabelsRecord {
    /// The labels of one version, sorted.
    #[must_use]
    pub fn of(&self, version: u64) -> Vec<Label> {
        let held = self.0.iter().filter(|(_, holder)| **holder == version);
        held.map(|(label, _)| label.clone()).collect()
    }
}

/// Says that a parameter's policies are to be looked at. Its record's id is the time and the parameter's uid, so that a
/// look at what is due reads nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DueRecord {
    /// The parameter.
    pub uid: ParameterUid,
    /// Its name.
    pub name: ParameterName,
    /// When.
    pub due: Timestamp,
}

impl Document for DueRecord {
    const KIND: &'static str = "parameter-due";
    const VERSION: u16 = 1;
}

impl DueRecord {
    /// The id of the record for this time.
    pub(crate) fn id(due: Timestamp, uid: ParameterUid) -> String {
        format!("{:020}/{uid}", due.as_millis().max(0))
    }
}
