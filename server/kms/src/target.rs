//! What KMS operations are about, and the permissions they need on it.

use std::sync::Arc;

use strongroom_base::{Action, Arn, Code, Effect, Fault, KeyMaterialId, KeySpec, Service, Timestamp};
use strongroom_gate::{Need, Protected, Resolved};
use strongroom_policy::{ConditionKey, GrantOperation, Guard, Values};
use strongroom_store::Stored;

use crate::grant::KeyGrants;
use crate::guard::KeyGuard;
use crate::key::{KeyManager, KeyRecord, KeyVersion};
use crate::key_reference::KeyReference;
use crate::kms::Kms;

/// One key, for an operation that needs one permission on it.
pub struct KeyTarget {
    /// The key's ARN, which every answer carries.
    pub(crate) arn: Arn,
    /// The record as it was decided on.
    pub(crate) record: Stored<KeyRecord>,
    /// When that was: material that had expired by then is not used.
    now: Timestamp,
    /// The grants as they were decided on, for actions that grants permit.
    grants: Option<Arc<KeyGrants>>,
    need: Need,
}

impl KeyTarget {
    /// A key, for an action that no grant permits.
    pub(crate) fn new(kms: &Kms, record: Stored<KeyRecord>, action: Action, named: Option<Arn>) -> Self {
        let guard = kms.policies.guard(&record);
        Self::guarded(kms, record, action, named, None, guard)
    }

    /// A key with its grants, where the action is one that they permit.
    pub(crate) async fn found(
        kms: &Kms,
        record: Stored<KeyRecord>,
        action: Action,
        named: Option<Arn>,
    ) -> Result<Self, Fault> {
        let held = if record.has_grants && GrantOperation::of_permission(action.permission()).is_some() {
            kms.grants_of(&record).await?
        } else {
            None
        };
        let grants = held.map(|held| held.grants);
        let guard = match &grants {
            Some(grants) => Arc::new(KeyGuard::with_grants(kms.policies.of(&record), Arc::clone(grants))),
            None => kms.policies.guard(&record),
        };
        Ok(Self::guarded(kms, record, action, named, grants, guard))
    }

    fn guarded(
        kms: &Kms,
        record: Stored<KeyRecord>,
        action: Action,
        named: Option<Arn>,
        grants: Option<Arc<KeyGrants>>,
        guard: Arc<dyn Guard>,
    ) -> Self {
        let arn = kms.scope().key_arn(&record.id);
        let need = Need {
            named,
            ..Need::on(action, arn.clone()).reserved_to(reserved(record.manager, action))
        };
        // A key policy speaks of the key service's actions; what operators do is for their own policies alone.
        let need = match action.service() {
            Service::Strongroom => need,
            Service::Kms | Service::SecretsManager | Service::Ssm => need.under(guard),
        };
        Self {
            arn,
            record,
            now: kms.clock.now(),
            grants,
            need,
        }
    }

    /// Finds the key that a request names.
    pub(crate) async fn resolve(kms: &Kms, reference: &KeyReference, action: Action) -> Result<Resolved<Self>, Fault> {
        let named = match reference {
            KeyReference::Key(_) => None,
            KeyReference::Alias(name) => Some(name.arn(kms.scope())),
        };
        Ok(match kms.find(reference).await? {
            Some(record) => Resolved::Found(Self::found(kms, record, action, named).await?),
            None => absent(kms, reference, action),
        })
    }

    /// Refuses what needs an enabled key.
    pub(crate) fn usable(&self) -> Result<(), Fault> {
        self.record.usable(&self.arn, self.now)
    }

    /// The version that encrypts, for a key whose state allows its use.
    pub(crate) fn current(&self) -> Result<&KeyVersion, Fault> {
        self.record.current(&self.arn, self.now)
    }

    /// The version with this material, for a key whose state allows its use.
    pub(crate) fn version(&self, material: &KeyMaterialId) -> Result<&KeyVersion, Fault> {
        self.record.version(&self.arn, material, self.now)
    }

    /// The key's record as it is now, to be changed by whoever holds [`Kms::changing`]. Where what the decision looked at
    /// is no more as it was, the decision is not valid any more: whoever asked must ask again. Other changes do no harm.
    pub(crate) async fn as_decided(&self, kms: &Kms) -> Result<Stored<KeyRecord>, Fault> {
        let present = kms.reread(self).await?;
        if self.is_decided_alike(&present) {
            return Ok(present);
        }
        Err(Fault::new(
            Code::Conflict,
            format!(
                "The policy, tags or aliases of {} changed after the request had been allowed; try again.",
                self.arn
            ),
        ))
    }

    /// Whether all that a decision asks of a key's record is as it was. What else it asks of a key never changes.
    fn is_decided_alike(&self, present: &KeyRecord) -> bool {
        let decided = &self.record;
        decided.policy == present.policy
            && decided.tags == present.tags
            && decided.aliases == present.aliases
            && decided.manager == present.manager
    }

    /// Refuses to go on where a grant to `caller` that the permission may have come from has ended since the decision.
    pub(crate) fn check_grants_left(
        &self,
        caller: &Arn,
        operation: GrantOperation,
        present: Option<&Arc<KeyGrants>>,
    ) -> Result<(), Fault> {
        let is_left = match (&self.grants, present) {
            (None, _) => true,
            (Some(decided), Some(present)) => decided.are_left_in(present, caller, operation),
            (Some(decided), None) => decided.are_left_in(&KeyGrants::default(), caller, operation),
        };
        if is_left {
            return Ok(());
        }
        Err(Fault::new(
            Code::Conflict,
            format!(
                "A grant of {} ended after the request had been allowed; try again.",
                self.arn
            ),
        ))
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
/// by nobody. No policy lets anybody destroy a key at once, end its material before its time, or rotate it without its
/// being counted: that is for the background jobs.
fn reserved(manager: KeyManager, action: Action) -> Option<Service> {
    if matches!(
        action,
        Action::DeleteExpiredKeyMaterial | Action::DeleteKey | Action::RotateKey
    ) {
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
pub struct NoTarget(Need);

impl NoTarget {
    /// Whoever's policy allows the action.
    pub(crate) fn new(action: Action) -> Self {
        Self(Need::anywhere(action))
    }

    /// Nobody but the service itself, and callers whose request comes through `service`.
    pub(crate) fn reserved_to(action: Action, service: Service) -> Self {
        Self(Need::anywhere(action).reserved_to(Some(service)))
    }
}

impl Protected for NoTarget {
    fn needs(&self) -> Vec<Need> {
        vec![self.0.clone()]
    }
}
