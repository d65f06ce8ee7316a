//! ReconcileToken, by the service itself: token and store are brought into agreement after a crash.
//!
//! A creation that nobody was told about is rolled back: its object is destroyed and its intent removed. Everything
//! else is reported and left alone: nothing is deleted silently.

use std::collections::BTreeMap;
use std::time::Duration;

use strongroom_base::{Action, Fault, KeyId, KeyMaterialId, Service};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_store::{StoreFault, Stored};
use strongroom_token::ObjectSummary;

use crate::key::{KeyRecord, KeyState};
use crate::kms::Kms;
use crate::marks::CreationIntent;
use crate::op::parameters;
use crate::target::NoTarget;

/// The request; only the service itself makes it.
pub struct ReconcileToken {
    /// Creations younger than this may still be under way and are left alone; zero at start.
    pub minimum_age: Duration,
}

/// What was found and done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Keys that exist.
    pub keys: usize,
    /// Creations that were rolled back.
    pub rolled_back: Vec<KeyMaterialId>,
    /// Key materials that a record names and the token does not have: their ciphertexts cannot be opened.
    pub missing: Vec<(KeyId, KeyMaterialId)>,
    /// Materials whose objects do not say of themselves what they said when they were made.
    pub drifted: Vec<(KeyId, KeyMaterialId)>,
    /// Objects with this installation's label that no record names.
    pub unknown: Vec<KeyMaterialId>,
}

impl Operation for ReconcileToken {
    const ACTION: Action = Action::ReconcileToken;
    type Domain = Kms;
    type Target = NoTarget;
    type Reply = Reconciled;

    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    async fn resolve(&self, _kms: &Kms) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget::reserved_to(
            Self::ACTION,
            Service::Strongroom,
        )))
    }

    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<Reconciled, Fault> {
        let rolled_back = roll_back(kms, self.minimum_age).await?;
        let found = compare(kms).await?;
        kms.set_key_count(found.keys);
        Ok(Reconciled { rolled_back, ..found })
    }

    fn response(reply: &Reconciled) -> Parameters {
        let texts = |materials: &[KeyMaterialId]| materials.iter().map(ToString::to_string).collect::<Vec<_>>();
        let pairs = |pairs: &[(KeyId, KeyMaterialId)]| {
            pairs
                .iter()
                .map(|(key, material)| format!("{key}/{material}"))
                .collect::<Vec<_>>()
        };
        parameters([
            ("keys", reply.keys.into()),
            ("rolledBack", texts(&reply.rolled_back).into()),
            ("missing", pairs(&reply.missing).into()),
            ("drifted", pairs(&reply.drifted).into()),
            ("unknown", texts(&reply.unknown).into()),
        ])
    }
}

async fn intents(kms: &Kms) -> Result<Vec<(String, Stored<CreationIntent>)>, Fault> {
    let mut all = Vec::new();
    loop {
        let after = all.last().map(|(id, _): &(String, _)| id.clone());
        let page = kms.records.page::<CreationIntent>("", after.as_deref(), 256).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

async fn roll_back(kms: &Kms, minimum_age: Duration) -> Result<Vec<KeyMaterialId>, Fault> {
    let mut rolled_back = Vec::new();
    for (id, intent) in intents(kms).await? {
        if intent.begun.plus(minimum_age) > kms.clock.now() {
            continue;
        }
        // From here on a creation that is still under way cannot commit: its object must not go after it did.
        let claim = kms
            .records
            .change()
            .replace(&id, &intent, CreationIntent::clone(&intent))
            .commit()
            .await;
        let revision = match claim {
            Ok(revision) => revision,
            Err(StoreFault::Conflict { .. }) => continue,
            Err(fault) => return Err(fault.into()),
        };
        let claimed = Stored {
            revision,
            document: intent.document,
        };
        let label = kms.label(&claimed.key, &claimed.material)?;
        kms.token
            .destroy_key(claimed.material, &label, Kms::change_deadline())
            .await?;
        kms.records.change().delete(&id, &claimed).commit().await?;
        rolled_back.push(claimed.material);
    }
    Ok(rolled_back)
}

/// Reads the keys, then the objects, and looks up what seems wrong once more: keys are made and deleted meanwhile.
async fn compare(kms: &Kms) -> Result<Reconciled, Fault> {
    let keys = keys(kms).await?;
    let objects = kms.token.objects(Kms::change_deadline()).await?;
    let mut nameless: BTreeMap<_, _> = objects.iter().map(|object| (object.id, object)).collect();
    nameless.remove(&kms.root);
    let mut found = Reconciled {
        keys: keys.len(),
        ..Reconciled::default()
    };
    for key in &keys {
        for version in &key.versions {
            match nameless.remove(&version.material) {
                Some(object) if object.provenance.as_ref() == Ok(&version.provenance) => {}
                Some(_) => found.drifted.push((key.id, version.material)),
                None if is_being_deleted(kms, key.id).await? => {}
                None => found.missing.push((key.id, version.material)),
            }
        }
    }
    for object in nameless.into_values() {
        if !is_being_made(kms, object).await? {
            found.unknown.push(object.id);
        }
    }
    Ok(found)
}

async fn keys(kms: &Kms) -> Result<Vec<Stored<KeyRecord>>, Fault> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = kms.records.page::<KeyRecord>("", after.as_deref(), 256).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = Some(last.clone());
        all.extend(page.into_iter().map(|(_, key)| key));
    }
}

/// Whether a key's objects may be gone already: its deletion has begun, or is done.
async fn is_being_deleted(kms: &Kms, id: KeyId) -> Result<bool, Fault> {
    Ok(kms
        .find_key(&id)
        .await?
        .is_none_or(|key| matches!(key.state, KeyState::Deleting { .. })))
}

/// Whether a creation that is under way, or was done meanwhile, made this object. The intent goes in the commit that
/// brings the key, so it is looked for first.
async fn is_being_made(kms: &Kms, object: &ObjectSummary) -> Result<bool, Fault> {
    if kms
        .records
        .find::<CreationIntent>(&object.id.to_string())
        .await?
        .is_some()
    {
        return Ok(true);
    }
    let Ok(id) = object.label.key().parse() else {
        return Ok(false);
    };
    let key = kms.find_key(&id).await?;
    Ok(key.is_some_and(|key| key.versions.iter().any(|version| version.material == object.id)))
}
