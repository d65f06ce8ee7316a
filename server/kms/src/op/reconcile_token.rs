//! ReconcileToken, by the service itself: token and store are brought into agreement after a crash.
//!
//! A creation that nobody was told about is rolled back: its object is destroyed and its intent removed. Everything
//! else is reported and left alone: nothing is deleted silently.

use std::collections::HashSet;
use std::time::Duration;

use strongroom_base::{Action, Fault, KeyId, KeyMaterialId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_store::Stored;

use crate::key::KeyRecord;
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
        Ok(Resolved::Found(NoTarget(Self::ACTION)))
    }

    async fn perform(self, _permit: Permit<Self>, kms: &Kms) -> Result<Reconciled, Fault> {
        let rolled_back = roll_back(kms, self.minimum_age).await?;
        let under_way = intents(kms).await?.into_iter().map(|(_, intent)| intent.material).collect();
        let found = compare(kms, &under_way).await?;
        kms.set_key_count(found.keys);
        Ok(Reconciled { rolled_back, ..found })
    }

    fn response(reply: &Reconciled) -> Parameters {
        let texts = |materials: &[KeyMaterialId]| materials.iter().map(ToString::to_string).collect::<Vec<_>>();
        let pairs = |pairs: &[(KeyId, KeyMaterialId)]| {
            pairs.iter().map(|(key, material)| format!("{key}/{material}")).collect::<Vec<_>>()
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
        let label = kms.label(&intent.key, &intent.material)?;
        kms.token.destroy_key(intent.material, &label, Kms::change_deadline()).await?;
        kms.records.change().delete(&id, &intent).commit().await?;
        rolled_back.push(intent.material);
    }
    Ok(rolled_back)
}

async fn compare(kms: &Kms, under_way: &HashSet<KeyMaterialId>) -> Result<Reconciled, Fault> {
    // Listed before the records are read: a key made meanwhile has a record and no object here, and is not missing.
    let before = kms.clock.now();
    let objects = kms.token.objects(Kms::change_deadline()).await?;
    let by_material: std::collections::HashMap<_, _> = objects.iter().map(|object| (object.id, object)).collect();
    let mut found = Reconciled::default();
    let mut known: HashSet<KeyMaterialId> = HashSet::from([kms.root]);
    let mut after: Option<String> = None;
    loop {
        let page = kms.records.page::<KeyRecord>("", after.as_deref(), 256).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for (_, key) in page.iter().filter(|(_, key)| key.created < before) {
            found.keys += 1;
            for version in &key.versions {
                known.insert(version.material);
                match by_material.get(&version.material) {
                    None => found.missing.push((key.id, version.material)),
                    Some(object) if object.provenance.as_ref() != Ok(&version.provenance) => {
                        found.drifted.push((key.id, version.material));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    let nameless = objects.iter().map(|object| object.id).filter(|id| !known.contains(id) && !under_way.contains(id));
    found.unknown.extend(nameless);
    Ok(found)
}
