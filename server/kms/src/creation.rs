//! How a key comes to be: intent on disk, object in the token and synced, then record, budget and alias in one commit.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use strongroom_base::limits::KEYS_MAX;
use strongroom_base::{Code, Fault, KeyId, KeyMaterialId, KeyOrigin, KeySpec, KeyUsage, Timestamp};
use strongroom_policy::ResourcePolicy;
use strongroom_store::Stored;
use strongroom_token::{Capability, KeyKind, TokenFault};

use crate::alias::AliasRecord;
use crate::key::{KeyManager, KeyRecord, KeyState, KeyVersion, VersionOrigin, kind};
use crate::key_reference::AliasName;
use crate::kms::Kms;
use crate::marks::CreationIntent;
use crate::public_key::PublicKey;
use crate::tags::KeyTags;

/// What a new key is to be.
pub(crate) struct Plan {
    pub(crate) description: String,
    pub(crate) spec: KeySpec,
    pub(crate) usage: KeyUsage,
    pub(crate) origin: KeyOrigin,
    pub(crate) manager: KeyManager,
    pub(crate) alias: Option<AliasName>,
    pub(crate) tags: KeyTags,
    /// Its policy, if not the one of all keys.
    pub(crate) policy: Option<Arc<ResourcePolicy>>,
}

impl Kms {
    /// Makes the key `id`. When this fails half-way the intent stays, and reconciliation destroys the object that nobody was
    /// told about.
    pub(crate) async fn create(&self, id: KeyId, plan: Plan) -> Result<Stored<KeyRecord>, Fault> {
        if self.keys.load(Ordering::Relaxed) >= KEYS_MAX {
            return Err(Fault::new(
                Code::LimitExceeded,
                format!("The account has {KEYS_MAX} keys, which is the limit."),
            ));
        }
        match plan.origin {
            KeyOrigin::External => self.create_empty(id, &plan).await,
            KeyOrigin::AwsKms | KeyOrigin::AwsCloudHsm | KeyOrigin::ExternalKeyStore => {
                let kind = self.next_kind(plan.spec, plan.usage)?;
                self.token.supports(Capability::Key(kind))?;
                let intent = self.begin_creation(id).await?;
                let version = self.create_version(&intent, kind, VersionOrigin::Creation).await?;
                let record = record_of(intent.key, intent.begun, Some(version), &plan);
                self.commit_key(&intent, record, plan.alias).await
            }
        }
    }

    /// Makes a key into which material is to be imported: no object, so no intent.
    async fn create_empty(&self, id: KeyId, plan: &Plan) -> Result<Stored<KeyRecord>, Fault> {
        let record = record_of(id, self.clock.now(), None, plan);
        let change = self.records.change().insert(&record.id.to_string(), record.clone());
        let revision = change.commit().await?;
        self.keys.fetch_add(1, Ordering::Relaxed);
        Ok(Stored {
            revision,
            document: Arc::new(record),
        })
    }

    /// Writes down that an object is about to be made for `key`.
    pub(crate) async fn begin_creation(&self, key: KeyId) -> Result<Stored<CreationIntent>, Fault> {
        // Each try would leave an intent, and load goes on during an outage.
        self.check_token()?;
        let intent = CreationIntent {
            key,
            material: KeyMaterialId::random()?,
            begun: self.clock.now(),
        };
        let revision = self
            .records
            .change()
            .insert(&intent.material.to_string(), intent.clone())
            .commit()
            .await?;
        Ok(Stored {
            revision,
            document: Arc::new(intent),
        })
    }

    /// What the token is to make for a new version of such a key.
    pub(crate) fn next_kind(&self, spec: KeySpec, usage: KeyUsage) -> Result<KeyKind, Fault> {
        match spec {
            KeySpec::SymmetricDefault => Ok(KeyKind::symmetric(self.token.suite()?)),
            _ => kind(spec, usage),
        }
    }

    /// Makes the object that `intent` announces.
    pub(crate) async fn create_version(
        &self,
        intent: &Stored<CreationIntent>,
        kind: KeyKind,
        origin: VersionOrigin,
    ) -> Result<KeyVersion, Fault> {
        let label = self.label(&intent.key, &intent.material)?;
        let made = self
            .token
            .create_key(intent.material, &label, kind, Self::change_deadline())
            .await;
        if let Err(TokenFault::Overloaded) = made {
            self.withdraw(intent).await;
        }
        let made = made?;
        Ok(KeyVersion {
            material: intent.material,
            created: intent.begun,
            origin,
            suite: kind.suite().unwrap_or_default(),
            provenance: made.provenance,
            token_serial: self.token_serial(),
            witness: made.witness.map(Arc::new),
            public_key: made.public_key.map(PublicKey::from_der),
            import: None,
        })
    }

    /// The serial number of the token at hand.
    pub(crate) fn token_serial(&self) -> String {
        let description = self.token.status().description;
        description.map(|token| token.serial).unwrap_or_default()
    }

    /// Removes the intent of a creation that the token has not begun. Where that fails, reconciliation does it.
    async fn withdraw(&self, intent: &Stored<CreationIntent>) {
        let change = self.records.change().delete(&intent.material.to_string(), intent);
        let _done_or_left_to_reconciliation = change.commit().await;
    }

    /// Depends on the very intent that this creation wrote: once reconciliation has laid hands on it, it is too late.
    async fn commit_key(
        &self,
        intent: &Stored<CreationIntent>,
        record: KeyRecord,
        alias: Option<AliasName>,
    ) -> Result<Stored<KeyRecord>, Fault> {
        let (id, created) = (record.id, record.created);
        let counted = record.versions.iter().filter(|_| record.is_symmetric());
        let openings: Vec<_> = counted
            .map(|version| (version.material, self.budgets.opening(version.suite)))
            .collect();
        let mut change = self
            .records
            .change()
            .delete(&intent.material.to_string(), intent)
            .insert(&id.to_string(), record);
        for (material, opening) in &openings {
            change = change.insert(&material.to_string(), opening.clone());
        }
        if let Some(name) = alias {
            let key = name.to_string();
            change = change.insert(
                &key,
                AliasRecord {
                    name,
                    target: id,
                    created,
                    updated: created,
                },
            );
        }
        change.commit().await?;
        self.keys.fetch_add(1, Ordering::Relaxed);
        // Making the witness was the first use of each.
        openings
            .iter()
            .for_each(|(material, opening)| self.budgets.opened(*material, opening, 1));
        let stored = self.find_key(&id).await?;
        stored.ok_or_else(|| Fault::new(Code::Internal, "The key that was just written is gone."))
    }
}

fn record_of(id: KeyId, created: Timestamp, version: Option<KeyVersion>, plan: &Plan) -> KeyRecord {
    KeyRecord {
        id,
        created,
        spec: plan.spec,
        usage: plan.usage,
        origin: plan.origin,
        description: plan.description.clone(),
        state: match &version {
            Some(_) => KeyState::Enabled,
            None => KeyState::PendingImport,
        },
        manager: plan.manager,
        aliases: BTreeSet::from_iter(plan.alias.clone()),
        versions: Vec::from_iter(version),
        pending_rotation: None,
        discarded: None,
        rotation: None,
        drifted: None,
        tags: plan.tags.clone(),
        policy: plan.policy.clone(),
        has_grants: false,
    }
}

#[cfg(test)]
mod tests;
