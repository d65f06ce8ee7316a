//! [`KeyMap`]: the objects of this installation and their handles, from one enumeration per connection.
//!
//! A find reads every object of a software token (250 ms at 10,000 in SoftHSM), so no request ever causes one for a
//! key that is known. Handles never survive a reconnect: the map is replaced whole.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use strongroom_base::{InstallationId, KeyMaterialId, limits};

use crate::fault::TokenFault;
use crate::key::ObjectSummary;
use crate::label::{ObjectLabel, PREFIX};
use crate::module::{Attributes, ModuleFault, ModuleSession, ReturnValue};
use crate::provenance::{self, Provenance, imported};
use crate::wrapping_key;

/// The objects of this installation.
pub(crate) struct KeyMap<H> {
    entries: HashMap<KeyMaterialId, Entry<H>>,
    /// Ids without an object on a token that was well: not looked for again before the next probe.
    missing: HashSet<KeyMaterialId>,
    /// Grows with each entry, so that a lane can say which handle it was that failed.
    sequence: u64,
}

/// One object.
#[derive(Debug, Clone)]
pub(crate) struct Entry<H> {
    pub(crate) handle: H,
    pub(crate) label: ObjectLabel,
    pub(crate) state: State,
    pub(crate) sequence: u64,
}

/// Whether lanes may use an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Its attributes are as a key of ours has them.
    Usable(Provenance),
    /// It is a wrapping key: imports use it, and lanes never.
    Wrapping,
    /// It is being destroyed.
    Condemned,
    /// It is not as it should be; the text says how.
    Damaged(String),
}

/// Why a wrapping key is not used as another key.
pub(crate) const WRAPPING: &str = "it is a wrapping key";

/// Whose object it is.
#[derive(Debug)]
pub(crate) enum Owner {
    /// Nobody's that we know; left alone.
    Other,
    /// This installation's.
    Ours(KeyMaterialId, ObjectLabel),
    /// Ours by its label, but without a usable CKA_ID.
    OursWithoutId(ObjectLabel),
    /// Another installation's.
    Foreign(InstallationId),
}

impl<H: Copy> KeyMap<H> {
    pub(crate) fn new() -> Self {
        Self {
            entries: HashMap::new(),
            missing: HashSet::new(),
            sequence: 0,
        }
    }

    pub(crate) fn entry(&self, id: &KeyMaterialId) -> Option<&Entry<H>> {
        self.entries.get(id)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = KeyMaterialId> {
        self.entries.keys().copied()
    }

    /// The handle of some object that should be there.
    pub(crate) fn any_handle(&self) -> Option<H> {
        self.usable_handles().next()
    }

    pub(crate) fn usable_handles(&self) -> impl Iterator<Item = H> {
        let usable = |entry: &&Entry<H>| matches!(entry.state, State::Usable(_));
        self.entries.values().filter(usable).map(|entry| entry.handle)
    }

    pub(crate) fn states(&self) -> impl Iterator<Item = &State> {
        self.entries.values().map(|entry| &entry.state)
    }

    pub(crate) fn insert(&mut self, id: KeyMaterialId, label: ObjectLabel, handle: H, state: State) {
        self.sequence += 1;
        self.missing.remove(&id);
        self.entries.insert(
            id,
            Entry {
                handle,
                label,
                state,
                sequence: self.sequence,
            },
        );
    }

    pub(crate) fn set_state(&mut self, id: &KeyMaterialId, state: State) {
        if let Some(entry) = self.entries.get_mut(id) {
            entry.state = state;
        }
    }

    /// Remembers that the token has no such object.
    pub(crate) fn lose(&mut self, id: KeyMaterialId) {
        self.entries.remove(&id);
        if self.missing.len() >= limits::KEYS_MAX {
            self.missing.clear();
        }
        self.missing.insert(id);
    }

    pub(crate) fn is_missing(&self, id: &KeyMaterialId) -> bool {
        self.missing.contains(id)
    }

    pub(crate) fn forget_missing(&mut self) {
        self.missing.clear();
    }

    /// Reads all objects of the token once. One that cannot be read is damaged if another can be read after it; if none can,
    /// it is the token.
    ///
    /// # Errors
    /// [`TokenFault::ForeignInstallation`] at the first object that another installation made.
    pub(crate) fn enumerate<S: ModuleSession<Handle = H>>(
        session: &S,
        installation: InstallationId,
    ) -> Result<Self, EnumerationFault> {
        let mut map = Self::new();
        let (mut readable, mut doubt) = (None, None);
        for handle in session.find(None)? {
            let (attributes, damage) = match attributes(session, handle) {
                Ok(None) => continue,
                Ok(Some(attributes)) => {
                    readable = Some(handle);
                    doubt = None;
                    (attributes, None)
                }
                Err(fault) => {
                    // The one object, or the token? Until another can be read this is not known.
                    match readable {
                        Some(other) if is_unreadable(session, handle, other) => {}
                        Some(_) => return Err(fault.into()),
                        None => doubt = Some(fault),
                    }
                    let Ok(identity) = session.identity(handle) else {
                        tracing::error!(%fault, "an object cannot be read, not even whose it is; it is left alone");
                        continue;
                    };
                    (identity, Some(unreadable(fault)))
                }
            };
            match owner(&attributes, installation) {
                Owner::Other => {}
                Owner::OursWithoutId(label) => {
                    tracing::error!(%label, "an object of ours has no CKA_ID of 32 bytes and cannot be used");
                }
                Owner::Foreign(found) => {
                    let expected = installation.to_string();
                    let found = found.to_string();
                    return Err(TokenFault::ForeignInstallation { expected, found }.into());
                }
                Owner::Ours(id, label) => {
                    let state = match (map.entries.contains_key(&id), damage) {
                        (true, _) => State::Damaged("several objects have this CKA_ID".to_owned()),
                        (false, Some(what)) => State::Damaged(what),
                        (false, None) => state(&attributes),
                    };
                    map.insert(id, label, handle, state);
                }
            }
        }
        doubt.map_or(Ok(map), |fault: ModuleFault| Err(fault.into()))
    }

    /// Every object, for reconciliation.
    pub(crate) fn summaries(&self) -> Vec<ObjectSummary> {
        let summary = |(id, entry): (&KeyMaterialId, &Entry<H>)| ObjectSummary {
            id: *id,
            label: entry.label.clone(),
            provenance: match &entry.state {
                State::Usable(provenance) => Ok(provenance.clone()),
                State::Wrapping => Err(WRAPPING.to_owned()),
                State::Condemned => Err("it is being destroyed".to_owned()),
                State::Damaged(what) => Err(what.clone()),
            },
        };
        self.entries.iter().map(summary).collect()
    }
}

/// Why an enumeration ended early.
#[derive(Debug)]
pub(crate) enum EnumerationFault {
    Module(ModuleFault),
    Token(TokenFault),
}

impl From<ModuleFault> for EnumerationFault {
    fn from(fault: ModuleFault) -> Self {
        Self::Module(fault)
    }
}

impl From<TokenFault> for EnumerationFault {
    fn from(fault: TokenFault) -> Self {
        Self::Token(fault)
    }
}

/// The attributes of an object; `None` if it went away since it was found.
pub(crate) fn attributes<S: ModuleSession>(session: &S, handle: S::Handle) -> Result<Option<Attributes>, ModuleFault> {
    match session.attributes(handle) {
        Ok(attributes) => Ok(Some(attributes)),
        Err(ModuleFault {
            value: ReturnValue::ObjectHandleInvalid,
            ..
        }) => Ok(None),
        Err(fault) => Err(fault),
    }
}

/// Whether an object that could not be read still cannot be, while another can: then it is the object, and not the token.
pub(crate) fn is_unreadable<S: ModuleSession>(session: &S, object: S::Handle, other: S::Handle) -> bool {
    attributes(session, object).is_err() && matches!(attributes(session, other), Ok(Some(_)))
}

/// What is wrong with it.
pub(crate) fn unreadable(fault: ModuleFault) -> String {
    format!("its attributes cannot be read: {fault}")
}

/// Whose object has these attributes. What is not a key, or only a public one, is nobody's.
pub(crate) fn owner(attributes: &Attributes, installation: InstallationId) -> Owner {
    let text = attributes
        .label
        .as_deref()
        .and_then(|label| std::str::from_utf8(label).ok())
        .unwrap_or_default();
    let is_key = matches!(attributes.class.as_deref(), Some("CKO_SECRET_KEY" | "CKO_PRIVATE_KEY"));
    if !text.starts_with(PREFIX) || !is_key {
        return Owner::Other;
    }
    let Ok(label) = ObjectLabel::from_str(text) else {
        tracing::warn!(label = text, "an object is labelled almost like ours; it is left alone");
        return Owner::Other;
    };
    if label.installation() != installation {
        return Owner::Foreign(label.installation());
    }
    let id = attributes
        .id
        .as_deref()
        .and_then(|id| <[u8; KeyMaterialId::BYTES]>::try_from(id).ok());
    match id {
        Some(id) => Owner::Ours(KeyMaterialId::from_bytes(id), label),
        None => Owner::OursWithoutId(label),
    }
}

/// Whether lanes may use an object with these attributes.
pub(crate) fn state(attributes: &Attributes) -> State {
    if wrapping_key::is_one(attributes) {
        return State::Wrapping;
    }
    let checked = match imported::is_one(attributes) {
        true => imported::checked(attributes, None, None),
        false => provenance::checked(attributes, None, None),
    };
    match checked {
        Ok(provenance) => State::Usable(provenance),
        Err(what) => State::Damaged(what),
    }
}

#[cfg(test)]
mod tests;
