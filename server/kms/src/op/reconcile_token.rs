//! ReconcileToken, by the service itself: token and store are brought into agreement after a crash.
//!
//! A creation that nobody was told about is rolled back: its object is destroyed and its intent removed. Everything
//! else is reported and left alone: nothing is deleted silently. One record or object that cannot be dealt with is
//! reported too, and the rest goes on: the service opens for all other keys.

mod witnesses;
mod wrapping_keys;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::Value;
use strongroom_base::limits::TOKEN_RECONNECT_DELAY_MAX;
use strongroom_base::{Action, Fault, KeyId, KeyMaterialId, Service};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_store::{Document, Row, StoreFault, Stored};
use strongroom_token::{Health, ObjectSummary, TokenFault};

use self::witnesses::attest;
use self::wrapping_keys::retire;
use crate::import_parameters::ImportParameters;
use crate::imported::Presence;
use crate::key::{KeyRecord, KeyState, KeyVersion};
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
    /// Keys that exist, with those whose records cannot be read.
    pub keys: usize,
    /// Creations that were rolled back.
    pub rolled_back: Vec<KeyMaterialId>,
    /// Wrapping keys that were used, have expired or were never given out, and are destroyed.
    pub retired: Vec<KeyMaterialId>,
    /// Creations that could not be rolled back and wrapping keys that could not be destroyed, and why not; the next run
    /// tries again.
    pub stuck: Vec<(KeyMaterialId, String)>,
    /// Records of keys and creations that cannot be read, by name, and why not. They must be restored from a backup.
    pub unreadable: BTreeMap<String, String>,
    /// Key materials that a record names and the token does not have: their ciphertexts cannot be opened.
    pub missing: Vec<(KeyId, KeyMaterialId)>,
    /// Materials whose objects do not say of themselves what they said when they were made, or do not open their witnesses.
    pub drifted: Vec<(KeyId, KeyMaterialId)>,
    /// Materials that the token could not use to open their witnesses this time, though it is well otherwise, or for which
    /// there was no time left, and why not. Whether they are what was made is not known: their keys stay as they were.
    pub unattested: Vec<(KeyId, KeyMaterialId, String)>,
    /// Keys that were taken out of use because an object drifted.
    pub withdrawn: Vec<KeyId>,
    /// Keys whose objects say the same again, and that are in use again.
    pub restored: Vec<KeyId>,
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
        let mut found = Reconciled::default();
        roll_back(kms, self.minimum_age, &mut found).await?;
        retire(kms, self.minimum_age, &mut found).await?;
        compare(kms, &mut found).await?;
        kms.set_key_count(found.keys);
        Ok(found)
    }

    fn response(reply: &Reconciled) -> Parameters {
        let texts = |materials: &[KeyMaterialId]| materials.iter().map(ToString::to_string).collect::<Vec<_>>();
        let names = |keys: &[KeyId]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        let pairs = |pairs: &[(KeyId, KeyMaterialId)]| {
            pairs
                .iter()
                .map(|(key, material)| format!("{key}/{material}"))
                .collect::<Vec<_>>()
        };
        parameters([
            ("keys", reply.keys.into()),
            ("rolledBack", texts(&reply.rolled_back).into()),
            ("retired", texts(&reply.retired).into()),
            (
                "stuck",
                reasons(reply.stuck.iter().map(|(material, why)| (material.to_string(), why))),
            ),
            (
                "unreadable",
                reasons(reply.unreadable.iter().map(|(record, why)| (record.clone(), why))),
            ),
            ("missing", pairs(&reply.missing).into()),
            ("drifted", pairs(&reply.drifted).into()),
            (
                "unattested",
                reasons(
                    reply
                        .unattested
                        .iter()
                        .map(|(key, material, why)| (format!("{key}/{material}"), why)),
                ),
            ),
            ("withdrawn", names(&reply.withdrawn).into()),
            ("restored", names(&reply.restored).into()),
            ("unknown", texts(&reply.unknown).into()),
        ])
    }
}

/// Subjects and what is wrong with them, one text each.
fn reasons<'a>(pairs: impl Iterator<Item = (String, &'a String)>) -> Value {
    pairs.map(|(subject, why)| format!("{subject}: {why}")).collect()
}

/// All documents of a kind, by id; those that cannot be read are reported.
async fn all<D: Document>(kms: &Kms, found: &mut Reconciled) -> Result<Vec<(String, Stored<D>)>, Fault> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page: Vec<Row<D>> = kms.records.page_of_each("", after.as_deref(), 256).await?;
        let Some((last, _)) = page.last() else { return Ok(all) };
        after = Some(last.clone());
        for (id, row) in page {
            match row {
                Ok(stored) => all.push((id, stored)),
                Err(fault) => drop(found.unreadable.insert(format!("{}/{id}", D::KIND), fault.to_string())),
            }
        }
    }
}

async fn roll_back(kms: &Kms, minimum_age: Duration, found: &mut Reconciled) -> Result<(), Fault> {
    for (id, intent) in all::<CreationIntent>(kms, found).await? {
        if intent.begun.plus(minimum_age) > kms.clock.now() {
            continue;
        }
        let material = intent.material;
        match roll_back_one(kms, &id, intent).await {
            Ok(true) => found.rolled_back.push(material),
            Ok(false) => {}
            Err(fault) => found.stuck.push((material, why(&fault))),
        }
    }
    Ok(())
}

/// The operator's text where there is one.
fn why(fault: &Fault) -> String {
    fault
        .cause()
        .map_or_else(|| fault.message().to_owned(), ToString::to_string)
}

/// Whether the creation was rolled back; if not, it has been completed, withdrawn or taken up again meanwhile.
async fn roll_back_one(kms: &Kms, id: &str, intent: Stored<CreationIntent>) -> Result<bool, Fault> {
    // An import takes over the intent that an earlier one left: until this is over none begins, and after one that was
    // under way the intent is not the one that was read.
    let _no_import = kms.importing(&intent.key).await;
    // From here on a creation that is still under way cannot commit: its object must not go after it did.
    let claim = kms
        .records
        .change()
        .replace(id, &intent, CreationIntent::clone(&intent))
        .commit()
        .await;
    let revision = match claim {
        Ok(revision) => revision,
        Err(StoreFault::Conflict { .. }) => return Ok(false),
        Err(fault) => return Err(fault.into()),
    };
    let claimed = Stored {
        revision,
        document: intent.document,
    };
    // What was made in the place of a lost object is the key's: it stays.
    let is_of_a_key = is_expected(kms, claimed.key, claimed.material).await?;
    if !is_of_a_key {
        let label = kms.label(&claimed.key, &claimed.material)?;
        kms.token
            .destroy_key(claimed.material, &label, Kms::change_deadline())
            .await?;
    }
    kms.records.change().delete(id, &claimed).commit().await?;
    Ok(!is_of_a_key)
}

/// Reads the keys, then the objects, and looks up what seems wrong once more: keys are made and deleted meanwhile.
async fn compare(kms: &Kms, found: &mut Reconciled) -> Result<(), Fault> {
    let keys = all::<KeyRecord>(kms, found).await?;
    found.keys = keys.len() + unreadable_keys(found);
    let parameters = all::<ImportParameters>(kms, found).await?;
    let is_imported = |version: &&KeyVersion| version.import.is_some() && version.presence() != Presence::Absent;
    for (_, key) in &keys {
        let imported = key.materials().filter(is_imported);
        kms.token.expect_imported(imported.map(|version| version.material));
    }
    let objects = objects(kms, found).await?;
    let mut nameless: BTreeMap<_, _> = objects.iter().map(|object| (object.id, object)).collect();
    nameless.remove(&kms.root);
    for (_, parameters) in &parameters {
        nameless.remove(&parameters.wrapping);
    }
    let mut alike = Vec::new();
    for (_, key) in &keys {
        for version in key.materials().filter(|version| version.presence() != Presence::Absent) {
            match nameless.remove(&version.material) {
                Some(object) if object.provenance.as_ref() == Ok(&version.provenance) => alike.push((&**key, version)),
                Some(_) => found.drifted.push((key.id, version.material)),
                None if !is_expected(kms, key.id, version.material).await? => {}
                None => found.missing.push((key.id, version.material)),
            }
        }
    }
    attest(kms, alike, found).await?;
    for (_, key) in &keys {
        mark(kms, key, found).await?;
    }
    kms.drifted_keys.store(drifted_keys(found), Ordering::Relaxed);
    for object in nameless.into_values() {
        if !may_be_of_unreadable(object, found) && !is_being_made(kms, object).await? {
            found.unknown.push(object.id);
        }
    }
    Ok(())
}

/// All objects. What is stuck may have cost the connection: the run goes on once there is another, and does not fail over it.
async fn objects(kms: &Kms, found: &Reconciled) -> Result<Vec<ObjectSummary>, TokenFault> {
    match kms.token.objects(Kms::change_deadline()).await {
        Err(TokenFault::Unavailable { .. }) if !found.stuck.is_empty() => {
            let mut health = kms.token.health();
            let well = health.wait_for(|health| *health == Health::Usable);
            // If it does not become well, the next call says why.
            let _ = tokio::time::timeout(TOKEN_RECONNECT_DELAY_MAX, well).await;
            kms.token.objects(Kms::change_deadline()).await
        }
        answer => answer,
    }
}

/// Takes a key out of use while the token says other things of it than when it was made, and puts it back once nothing of
/// it is in doubt. One that somebody changes at this moment is looked at again the next time.
async fn mark(kms: &Kms, key: &Stored<KeyRecord>, found: &mut Reconciled) -> Result<(), Fault> {
    let drifted = found.drifted.iter().any(|(drifted, _)| *drifted == key.id);
    let in_doubt = found.unattested.iter().any(|(unattested, ..)| *unattested == key.id);
    let stays = drifted == key.drifted.is_some() || (in_doubt && !drifted);
    if stays || matches!(key.state, KeyState::Deleting { .. }) {
        return Ok(());
    }
    let after = KeyRecord {
        drifted: drifted.then(|| kms.clock.now()),
        ..KeyRecord::clone(key)
    };
    let change = kms.records.change().replace(&key.id.to_string(), key, after);
    match change.commit().await {
        Ok(_) if drifted => {
            key.materials().for_each(|version| kms.token.forget(version.material));
            found.withdrawn.push(key.id);
            Ok(())
        }
        Ok(_) => {
            found.restored.push(key.id);
            Ok(())
        }
        Err(StoreFault::Conflict { .. }) => Ok(()),
        Err(fault) => Err(fault.into()),
    }
}

fn drifted_keys(found: &Reconciled) -> usize {
    let keys: BTreeSet<_> = found.drifted.iter().map(|(key, _)| key).collect();
    keys.len()
}

fn unreadable_keys(found: &Reconciled) -> usize {
    let prefix = format!("{}/", KeyRecord::KIND);
    found
        .unreadable
        .keys()
        .filter(|record| record.starts_with(&prefix))
        .count()
}

/// Whether the record that would name this object cannot be read.
fn may_be_of_unreadable(object: &ObjectSummary, found: &Reconciled) -> bool {
    let key = format!("{}/{}", KeyRecord::KIND, object.label.key());
    let intent = format!("{}/{}", CreationIntent::KIND, object.id);
    let parameters = format!("{}/{}/{}", ImportParameters::KIND, object.label.key(), object.id);
    [key, intent, parameters]
        .iter()
        .any(|record| found.unreadable.contains_key(record))
}

/// Whether an object should still be there: its key is not being deleted, and it is not being removed from it.
async fn is_expected(kms: &Kms, id: KeyId, material: KeyMaterialId) -> Result<bool, Fault> {
    let key = kms.find_key(&id).await?;
    Ok(key.is_some_and(|key| {
        let mut materials = key.materials();
        !matches!(key.state, KeyState::Deleting { .. })
            && materials.any(|version| version.material == material && version.is_present())
    }))
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
    if kms.finds_import_parameters(&id, &object.id).await? {
        return Ok(true);
    }
    is_known(kms, id, object.id).await
}

/// Whether a key has this material now, or is losing it.
async fn is_known(kms: &Kms, id: KeyId, material: KeyMaterialId) -> Result<bool, Fault> {
    let key = kms.find_key(&id).await?;
    let is = |version: &KeyVersion| version.material == material && version.presence() != Presence::Absent;
    Ok(key.is_some_and(|key| key.materials().any(is)))
}
