//! Finding objects: linear in SoftHSM, so only for keys whose handle failed or that are not in the map.

use strongroom_base::KeyMaterialId;

use super::{Control, Errand};
use crate::connection::away;
use crate::fault::TokenFault;
use crate::key::ObjectSummary;
use crate::keymap::{self, EnumerationFault, KeyMap, Owner, State};
use crate::lane;
use crate::module::{Attributes, Module, ModuleSession};
use crate::provenance::{self, Provenance, imported};

/// What a search came to; the key map says the same.
#[derive(Debug)]
pub(super) enum Found {
    Usable,
    /// It is there and cannot be used.
    Damaged(String),
    /// There is none, on a token that is well.
    Missing,
}

/// The object with an id, as it is on the token now.
pub(super) struct Object<H> {
    pub(super) handle: H,
    pub(super) attributes: Attributes,
}

impl<M: Module> Control<M> {
    /// Finds a data job's key and sends the job back to the lanes. Several jobs of one key find it once.
    pub(super) fn find_for(&mut self, errand: Errand) {
        let Errand { data, id, sequence } = errand;
        let (known, missing) = {
            let keys = self.engine.keys();
            (keys.entry(&id).map(|entry| entry.sequence), keys.is_missing(&id))
        };
        let found = match known {
            Some(now) if Some(now) != sequence => Ok(Found::Usable),
            None if missing => Ok(Found::Missing),
            Some(_) | None => self.find_again(id),
        };
        match found {
            Ok(Found::Usable) => lane::resume(&self.queues, data),
            Ok(Found::Damaged(what)) => data.queued.answer(Err(TokenFault::KeyDamaged { id, what })),
            Ok(Found::Missing) => data.queued.answer(Err(TokenFault::KeyMissing { id })),
            Err(fault) => data.queued.answer(Err(fault)),
        }
    }

    /// Looks for a key's object on the token and puts what it finds into the map. Only a probe that succeeds after the
    /// search makes "not found" mean "missing".
    pub(super) fn find_again(&mut self, id: KeyMaterialId) -> Result<Found, TokenFault> {
        match self.object(id)? {
            None => {
                self.probe_now()?;
                self.engine.keys_mut().lose(id);
                self.engine.alarm(TokenFault::KeyMissing { id });
                Ok(Found::Missing)
            }
            Some(Object { handle, attributes }) => {
                let label = match keymap::owner(&attributes, self.engine.settings.installation) {
                    Owner::Ours(found, label) if found == id => label,
                    Owner::Ours(..) | Owner::Other | Owner::OursWithoutId(_) | Owner::Foreign(_) => {
                        let what = "its label is not one of this installation".to_owned();
                        self.engine.alarm(TokenFault::KeyDamaged { id, what: what.clone() });
                        return Ok(Found::Damaged(what));
                    }
                };
                let state = keymap::state(&attributes);
                self.engine.keys_mut().insert(id, label, handle, state.clone());
                Ok(match state {
                    State::Usable(_) | State::Wrapping | State::Condemned => Found::Usable,
                    State::Damaged(what) => {
                        self.engine.alarm(TokenFault::KeyDamaged { id, what: what.clone() });
                        Found::Damaged(what)
                    }
                })
            }
        }
    }

    /// The object with this id and its attributes, from the token.
    pub(super) fn object(&self, id: KeyMaterialId) -> Result<Option<Object<M::Handle>>, TokenFault> {
        let session = &self.connected()?.session;
        let handles = session.find(Some(&id)).map_err(|fault| self.failed(fault, id))?;
        match handles.as_slice() {
            [] => Ok(None),
            [handle] => {
                let attributes = keymap::attributes(session, *handle).map_err(|fault| {
                    if self.is_unreadable(*handle) {
                        let what = keymap::unreadable(fault);
                        return self.engine.alarm(TokenFault::KeyDamaged { id, what });
                    }
                    self.failed(fault, id)
                })?;
                Ok(attributes.map(|attributes| Object {
                    handle: *handle,
                    attributes,
                }))
            }
            [..] => {
                let what = "several objects have this CKA_ID".to_owned();
                Err(self.engine.alarm(TokenFault::KeyDamaged { id, what }))
            }
        }
    }

    /// Whether it is an object's own fault that it could not be read, as a token that is well and another object of it show.
    pub(super) fn is_unreadable(&self, object: M::Handle) -> bool {
        let other = self.engine.keys().usable_handles().find(|other| *other != object);
        match (&self.connection, other) {
            (Some(connection), Some(other)) => {
                keymap::is_unreadable(&connection.session, object, other) && self.probe().is_ok()
            }
            (Some(_) | None, _) => false,
        }
    }

    /// All our objects, read now. The map is left as it is: handles in it are in use.
    pub(super) fn objects(&self) -> Result<Vec<ObjectSummary>, TokenFault> {
        let engine = &self.engine;
        let session = &self.connected()?.session;
        match KeyMap::enumerate(session, engine.settings.installation) {
            // SoftHSM enumerates nothing, successfully, while its directory is away.
            Ok(keys) => self.probe().map(|()| keys.summaries()),
            Err(EnumerationFault::Token(fault)) => Err(fault),
            Err(EnumerationFault::Module(fault)) => {
                engine.suspect(fault);
                Err(away(fault))
            }
        }
    }

    /// What the token says of a key now.
    pub(super) fn inspect(&mut self, id: KeyMaterialId) -> Result<Provenance, TokenFault> {
        let Some(object) = self.object(id)? else {
            self.probe_now()?;
            self.engine.keys_mut().lose(id);
            return Err(TokenFault::KeyMissing { id });
        };
        let told = match imported::is_one(&object.attributes) {
            true => imported::told_of_imported(&object.attributes),
            false => provenance::told(&object.attributes),
        };
        told.map_err(|name| {
            let what = format!("the token does not tell its {name}");
            TokenFault::KeyDamaged { id, what }
        })
    }
}
