//! What the fake token and its module remember.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use strongroom_base::KeyMaterialId;

use super::keys::{self, FakeKey};
use super::{LABEL, PIN};
use crate::kind::KeyKind;
use crate::module::{Attributes, Function, ModuleFault, ReturnValue};
use crate::provenance::Provenance;
use crate::suite::Suite;

/// Names an object: the C_Initialize that it was found under, and its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct FakeHandle {
    pub(super) epoch: u64,
    pub(super) number: u64,
}

/// A line of the script.
pub(super) struct Rule {
    pub(super) function: Function,
    pub(super) times: u64,
    pub(super) value: Option<ReturnValue>,
    pub(super) delay: Duration,
}

/// A key object.
#[derive(Clone)]
pub(super) struct FakeObject {
    pub(super) attributes: Attributes,
    pub(super) key: FakeKey,
}

impl FakeObject {
    pub(super) fn has_id(&self, id: &KeyMaterialId) -> bool {
        self.attributes.id.as_deref() == Some(id.as_bytes())
    }
}

/// How much of an object cannot be read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unreadable {
    /// All but whose it is.
    ButIdentity,
    Whole,
}

/// An open session.
#[derive(Default)]
pub(super) struct OpenSession {
    /// Session objects: copies of keys, and what lives for the length of one call of ours.
    pub(super) copies: HashMap<u64, FakeObject>,
}

/// Token and module.
pub(super) struct World {
    pub(super) script: Vec<Rule>,
    pub(super) calls: HashMap<Function, u64>,
    // The token's files.
    pub(super) present: bool,
    pub(super) full: bool,
    /// Whether keys come out extractable.
    pub(super) careless: bool,
    /// Whether key pairs come out with another pair's public half.
    pub(super) confused: bool,
    /// What becomes of signatures on their way out.
    pub(super) spoil_signature: Option<fn(&mut Vec<u8>)>,
    /// How the profile wants keys to encrypt.
    pub(super) suite: Suite,
    pub(super) label: &'static str,
    pub(super) serial: u64,
    pub(super) pin: &'static str,
    pub(super) pin_final_try: bool,
    pub(super) pin_locked: bool,
    pub(super) objects: BTreeMap<u64, FakeObject>,
    /// The CKA_DECRYPT of objects that have lost theirs.
    pub(super) taken: HashMap<KeyMaterialId, bool>,
    /// Objects whose attributes cannot be read.
    pub(super) unreadable: HashMap<KeyMaterialId, Unreadable>,
    // The module's memory.
    pub(super) initialised: bool,
    /// Whether the token was there at C_Initialize.
    pub(super) seen: bool,
    /// Whether the module has noticed that the token was away.
    pub(super) broken: bool,
    pub(super) logged_in: bool,
    pub(super) epoch: u64,
    pub(super) sessions: BTreeMap<u64, OpenSession>,
    next_number: u64,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            script: Vec::new(),
            calls: HashMap::new(),
            present: true,
            full: false,
            careless: false,
            confused: false,
            spoil_signature: None,
            suite: Suite::Direct,
            label: LABEL,
            serial: 1,
            pin: PIN,
            pin_final_try: false,
            pin_locked: false,
            objects: BTreeMap::new(),
            taken: HashMap::new(),
            unreadable: HashMap::new(),
            initialised: false,
            seen: false,
            broken: false,
            logged_in: false,
            epoch: 0,
            sessions: BTreeMap::new(),
            next_number: 1,
        }
    }

    /// Counts a call and tells what the script wants of it.
    pub(super) fn call(&mut self, function: Function) -> (Duration, Option<ReturnValue>) {
        *self.calls.entry(function).or_default() += 1;
        let Some(rule) = self
            .script
            .iter_mut()
            .find(|rule| rule.function == function && rule.times > 0)
        else {
            return (Duration::ZERO, None);
        };
        rule.times -= 1;
        (rule.delay, rule.value)
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    pub(super) fn log_out(&mut self) {
        self.logged_in = false;
        // Handles stay invalid after logging in again.
        self.epoch += 1;
    }

    pub(super) fn reinitialise(&mut self) {
        self.serial += 1;
        self.objects.clear();
    }

    /// Notices that the token is away, if it is. Whoever has noticed stays broken.
    pub(super) fn is_broken(&mut self) -> bool {
        self.broken |= !self.present;
        self.broken
    }

    /// Whether an object with these attributes does not tell them.
    pub(super) fn is_unreadable(&self, attributes: &Attributes) -> Option<Unreadable> {
        let id = attributes.id.as_deref()?.try_into().ok()?;
        self.unreadable.get(&KeyMaterialId::from_bytes(id)).copied()
    }

    /// The object behind a handle: the session's own copy, which needs no token, or a token object.
    pub(super) fn object(
        &mut self,
        session: u64,
        handle: FakeHandle,
        function: Function,
    ) -> Result<&FakeObject, ModuleFault> {
        let refuse = |value| ModuleFault { function, value };
        let copy = self
            .sessions
            .get(&session)
            .ok_or_else(|| refuse(ReturnValue::SessionHandleInvalid))?;
        let is_copy = copy.copies.contains_key(&handle.number);
        if handle.epoch != self.epoch || (!is_copy && self.is_broken()) {
            return Err(refuse(ReturnValue::ObjectHandleInvalid));
        }
        let copies = self.sessions.get(&session).map(|open| &open.copies);
        let found = copies
            .and_then(|copies| copies.get(&handle.number))
            .or_else(|| self.objects.get(&handle.number));
        found.ok_or_else(|| refuse(ReturnValue::ObjectHandleInvalid))
    }

    /// The object has another handle: the one that is known does not hold any more.
    pub(super) fn substitute(&mut self, id: &KeyMaterialId) {
        let is_one = |object: &FakeObject| object.attributes.id.as_deref() == Some(id.as_bytes());
        let found = self.objects.iter().find(|(_, object)| is_one(object));
        let Some((number, object)) = found.map(|(number, object)| (*number, object.clone())) else {
            return;
        };
        self.objects.remove(&number);
        let number = self.next_number();
        let key = match object.key {
            FakeKey::Private { spec, .. } => keys::generate_pair(spec).map(|(key, _)| key),
            FakeKey::Secret(_) | FakeKey::Public(_) => Ok(FakeKey::Secret(vec![0x5a; 32])),
        };
        if let Ok(key) = key {
            self.objects.insert(number, FakeObject { key, ..object });
        }
    }

    pub(super) fn plant(&mut self, label: &str, id: &KeyMaterialId, local: bool) {
        let number = self.next_number();
        let of_ours = generated(id, label, KeyKind::SYMMETRIC, true);
        let attributes = match local {
            true => of_ours,
            false => Attributes {
                key_gen_mechanism: None,
                local: Some(false),
                always_sensitive: Some(false),
                never_extractable: Some(false),
                ..of_ours
            },
        };
        self.objects.insert(
            number,
            FakeObject {
                attributes,
                key: FakeKey::Secret(vec![0x5a; 32]),
            },
        );
    }
}

/// The attributes of a generated key.
pub(super) fn generated(id: &KeyMaterialId, label: &str, kind: KeyKind, copyable: bool) -> Attributes {
    let expected = Provenance::of_generated(kind, copyable);
    Attributes {
        id: Some(id.as_bytes().to_vec()),
        label: Some(label.as_bytes().to_vec()),
        class: Some(expected.class),
        key_type: Some(expected.key_type),
        value_len: expected.value_len,
        modulus_bits: expected.modulus_bits,
        curve: expected.curve,
        parameter_set: expected.parameter_set,
        key_gen_mechanism: Some(expected.key_gen_mechanism),
        token: Some(true),
        private: Some(true),
        local: Some(true),
        always_sensitive: Some(true),
        never_extractable: Some(true),
        sensitive: Some(true),
        extractable: Some(false),
        encrypt: Some(expected.encrypt),
        decrypt: Some(expected.decrypt),
        sign: Some(expected.sign),
        sign_recover: expected.sign_recover,
        verify: Some(expected.verify),
        wrap: Some(false),
        unwrap: Some(false),
        derive: Some(expected.derive),
        decapsulate: expected.decapsulate,
        modifiable: Some(copyable),
        copyable: Some(copyable),
    }
}
