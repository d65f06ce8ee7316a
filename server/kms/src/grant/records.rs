//! The three kinds of records that grants have: the grant, its entry under its retiring principal, and the key's head.
//!
//! They change together: whatever changes one grant of a key replaces the key's head, so that the head's revision names
//! one state of all of the key's grants.

use serde::{Deserialize, Serialize};
use strongroom_base::{AccountId, Arn, GrantId, KeyId, Timestamp};
use strongroom_policy::GrantTerms;
use strongroom_store::Document;

/// A grant. Its record's id is `KEY/GRANT`, so that a key's grants are listed together, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantRecord {
    /// Its id.
    pub id: GrantId,
    /// The key that it is on.
    pub key: KeyId,
    /// When it was made.
    pub created: Timestamp,
    /// The name that makes the request for it repeatable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Box<str>>,
    /// Who has the permissions.
    pub grantee: Arn,
    /// Who may retire it, besides the grantee, if it permits that, and the key's people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retiring: Option<Arn>,
    /// The account of whoever made it.
    pub issuing_account: AccountId,
    /// What it permits.
    pub terms: GrantTerms,
}

impl Document for GrantRecord {
    const KIND: &'static str = "grant";
    const VERSION: u16 = 1;
    /// Decisions have their own form of them: see `KeyGrants`.
    const CACHED: bool = false;
}

impl GrantRecord {
    /// The id of the record of a key's grant.
    pub(crate) fn record_id(key: &KeyId, id: &GrantId) -> String {
        format!("{key}/{id}")
    }

    /// Whether a request for `other` would have made this grant: all but the id and the moment is the same.
    pub(crate) fn is_same_request(&self, other: &Self) -> bool {
        let other = Self {
            id: self.id,
            created: self.created,
            ..other.clone()
        };
        *self == other
    }
}

/// Says that a retiring principal has a grant. Its record's id is `PRINCIPAL|KEY/GRANT`: no principal has a `|` in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetirableGrant {
    /// The grant's key.
    pub(crate) key: KeyId,
    /// The grant.
    pub(crate) grant: GrantId,
}

impl Document for RetirableGrant {
    const KIND: &'static str = "retirable-grant";
    const VERSION: u16 = 1;
    const CACHED: bool = false;
}

impl RetirableGrant {
    /// What the ids of all records of `principal` begin with.
    pub(crate) fn prefix(principal: &Arn) -> String {
        format!("{principal}|")
    }

    /// The record that belongs to `grant`, with its id, if the grant names a retiring principal.
    pub(crate) fn of(grant: &GrantRecord) -> Option<(String, Self)> {
        let id = format!(
            "{}{}",
            Self::prefix(grant.retiring.as_ref()?),
            GrantRecord::record_id(&grant.key, &grant.id)
        );
        let entry = Self {
            key: grant.key,
            grant: grant.id,
        };
        Some((id, entry))
    }
}

/// How many grants a key has. Its record has the key's id, and is there from the key's first grant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GrantHead {
    /// Grants of the key: what a list of them must come to.
    pub(crate) count: usize,
}

impl Document for GrantHead {
    const KIND: &'static str = "key-grants";
    const VERSION: u16 = 1;
}

impl GrantHead {
    pub(crate) fn plus(&self, grants: usize) -> Self {
        Self {
            count: self.count + grants,
        }
    }

    pub(crate) fn minus(&self, grants: usize) -> Self {
        Self {
            count: self.count.saturating_sub(grants),
        }
    }
}
