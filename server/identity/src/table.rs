//! [`Identities`]: the table of principals and their names.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use rustls_pki_types::CertificateDer;
use strongroom_base::limits::{TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, TAGS_MAX};
use strongroom_base::{AccountId, Arn, Caller};

use crate::certificate::names;
use crate::fault::IdentityFault;
use crate::name::Name;

/// One principal, as the configuration lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalEntry {
    /// `arn:partition:iam::ACCOUNT:user/NAME` or `.../role/NAME`. The account is the one in it.
    pub arn: Arn,
    /// The names by which certificates identify it: `uri:...` or `dns:...`; at least one.
    pub names: Vec<String>,
    /// What policies can ask of it (`aws:PrincipalTag/...`): at most 50 tags, keys that differ by more than case.
    pub tags: BTreeMap<String, String>,
}

/// Who has which name.
#[derive(Debug)]
pub struct Identities {
    by_name: HashMap<Name, Arc<Caller>>,
    by_arn: HashMap<Arn, Arc<Caller>>,
}

/// Where the service's own jobs have their names (`Caller::system`).
const RESERVED_PREFIX: &str = "role/strongroom/";

impl Identities {
    /// Checks the table: each ARN once, each name once, every principal with a name.
    ///
    /// # Errors
    /// [`IdentityFault`] naming the entry that is not in order.
    pub fn new(table: Vec<PrincipalEntry>) -> Result<Self, IdentityFault> {
        let mut by_name: HashMap<Name, Arc<Caller>> = HashMap::new();
        let mut by_arn = HashMap::with_capacity(table.len());
        for entry in table {
            let caller = Arc::new(principal(&entry.arn)?.tagged(checked(&entry)?));
            if by_arn.contains_key(&entry.arn) {
                return Err(IdentityFault::PrincipalRepeated { arn: entry.arn });
            }
            if entry.names.is_empty() {
                return Err(IdentityFault::Nameless { arn: entry.arn });
            }
            for name in &entry.names {
                match by_name.entry(name.parse()?) {
                    Entry::Vacant(vacant) => {
                        vacant.insert(Arc::clone(&caller));
                    }
                    Entry::Occupied(taken) => {
                        let (name, first) = (taken.key().clone(), taken.get().arn().clone());
                        return Err(IdentityFault::NameRepeated {
                            name,
                            first,
                            second: entry.arn,
                        });
                    }
                }
            }
            by_arn.insert(entry.arn, caller);
        }
        Ok(Self { by_name, by_arn })
    }

    /// The principal with this ARN.
    #[must_use]
    pub fn caller(&self, arn: &Arn) -> Option<Arc<Caller>> {
        self.by_arn.get(arn).map(Arc::clone)
    }

    /// The principal that a client certificate belongs to. The certificate must have been verified already.
    ///
    /// # Errors
    /// [`IdentityFault::Unreadable`], [`IdentityFault::NoNames`], [`IdentityFault::Unknown`], or
    /// [`IdentityFault::Ambiguous`] if its names belong to different principals.
    pub fn caller_of_certificate(&self, leaf: &CertificateDer<'_>) -> Result<Arc<Caller>, IdentityFault> {
        let names = names(leaf)?;
        let mut known = names.iter().filter_map(|name| self.by_name.get(name));
        let Some(caller) = known.next() else {
            return Err(IdentityFault::Unknown { names });
        };
        match known.find(|other| *other != caller) {
            None => Ok(Arc::clone(caller)),
            Some(other) => {
                let (first, second) = (caller.arn().clone(), other.arn().clone());
                Err(IdentityFault::Ambiguous { names, first, second })
            }
        }
    }
}

/// The tags of an entry. Policies do not tell keys apart by case, so no two may differ by it alone.
fn checked(entry: &PrincipalEntry) -> Result<BTreeMap<String, String>, IdentityFault> {
    let fits = |text: &str, lengths: RangeInclusive<usize>| {
        lengths.contains(&text.chars().count()) && !text.chars().any(char::is_control)
    };
    let keys: HashSet<String> = entry.tags.keys().map(|key| key.to_ascii_lowercase()).collect();
    let in_order = entry.tags.len() <= TAGS_MAX
        && keys.len() == entry.tags.len()
        && entry
            .tags
            .iter()
            .all(|(key, value)| fits(key, 1..=TAG_KEY_LENGTH_MAX) && fits(value, 0..=TAG_VALUE_LENGTH_MAX));
    if in_order {
        Ok(entry.tags.clone())
    } else {
        Err(IdentityFault::Tags { arn: entry.arn.clone() })
    }
}

fn principal(arn: &Arn) -> Result<Caller, IdentityFault> {
    let not_a_principal = || IdentityFault::NotAPrincipal { found: arn.to_string() };
    let account: AccountId = arn.account().parse().map_err(|_| not_a_principal())?;
    if arn.resource().starts_with(RESERVED_PREFIX) {
        return Err(IdentityFault::Reserved { arn: arn.clone() });
    }
    let named = match arn.resource().split_once('/') {
        Some(("user" | "role", name)) => name
            .split('/')
            .all(|part| !part.is_empty() && part.bytes().all(is_name_byte)),
        _ => false,
    };
    if arn.service() == "iam" && arn.region().is_empty() && named {
        Ok(Caller::principal(arn.clone(), account))
    } else {
        Err(not_a_principal())
    }
}

/// What IAM allows in names of users and roles. No `*`, which a policy would take for a wildcard.
fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+=,.@_-".contains(&byte)
}

#[cfg(test)]
mod tests;
