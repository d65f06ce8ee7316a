//! What KMS operations are about, and the permissions they need on it.

use strongroom_base::{Action, Arn, Code, Effect, Fault, KeySpec, Service};
use strongroom_gate::{Need, Protected, Resolved};
use strongroom_policy::{ConditionKey, Values};
use strongroom_store::Stored;

use crate::key::{KeyManager, KeyRecord};
use crate::key_reference::KeyReference;
use crate::kms::Kms;

/// One key, for an operation that needs one permission on it.
pub struct KeyTarget {
    /// The key's ARN, which every answer carries.
    pub(crate) arn: Arn,
    /// The record as it was decided on.
    pub(crate) record: Stored<KeyRecord>,
    need: Need,
}

impl KeyTarget {
    pub(crate) fn new(kms: &Kms, record: Stored<KeyRecord>, action: Action, named: Option<Arn>) -> Self {
        let arn = kms.scope().key_arn(&record.id);
        let need = Need {
            named,
            ..Need::on(action, arn.clone())
                .reserved_to(reserved(record.manager, action))
                .under(kms.guard_of(&record))
        };
        Self { arn, record, need }
    }

    /// Finds the key that a request names.
    pub(crate) async fn resolve(kms: &Kms, reference: &KeyReference, action: Action) -> Result<Resolved<Self>, Fault> {
        let named = match reference {
            KeyReference::Key(_) => None,
            KeyReference::Alias(name) => Some(name.arn(kms.scope())),
        };
        Ok(match kms.find(reference).await? {
            Some(record) => Resolved::Found(Self::new(kms, record, action, named)),
            None => absent(kms, reference, action),
        })
    }
}

impl Protected for KeyTarget {
    fn needs(&self) -> Vec<Need> {
        vec![self.need.clone()]
    }

    fn key_spec(&self) -> KeySpec {
        self.record.spec
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.record.answer(key)
    }
}

/// Keys that a service manages may be looked at by everybody whose policy says so, used by the service alone, and changed
/// by nobody. No policy lets anybody destroy a key at once, or rotate it without its being counted:
/// that is for the background jobs.
fn reserved(manager: KeyManager, action: Action) -> Option<Service> {
    if matches!(action, Action::DeleteKey | Action::RotateKey) {
        return Some(Service::Strongroom);
    }
    let service = manager.service()?;
    match action.effect() {
        Effect::Read => None,
        Effect::Use => Some(service),
        Effect::Change => Some(Service::Strongroom),
    }
}

/// The answer for a reference that names no key.
pub(crate) fn absent<T>(kms: &Kms, reference: &KeyReference, action: Action) -> Resolved<T> {
    let arn = reference.arn(kms.scope());
    let message = match reference {
        KeyReference::Key(_) => format!("Key '{arn}' does not exist"),
        KeyReference::Alias(_) => format!("Alias {arn} is not found."),
    };
    let need = Need::on(action, arn).reserved_to(reserved(KeyManager::Customer, action));
    Resolved::Absent {
        needs: vec![need],
        fault: Fault::new(Code::NotFound, message),
    }
}

/// For operations that are about no record: the permission on `*`.
pub struct NoTarget(Vec<Need>);

impl NoTarget {
    /// Whoever's policy allows the action.
    pub(crate) fn new(action: Action) -> Self {
        Self(vec![Need::anywhere(action)])
    }

    /// Who may do something more, if anything.
    pub(crate) fn and(mut self, action: Option<Action>) -> Self {
        self.0.extend(action.map(Need::anywhere));
        self
    }

    /// Nobody but the service itself, and callers whose request comes through `service`.
    pub(crate) fn reserved_to(action: Action, service: Service) -> Self {
        Self(vec![Need::anywhere(action).reserved_to(Some(service))])
    }
}

impl Protected for NoTarget {
    fn needs(&self) -> Vec<Need> {
        self.0.clone()
    }
}
