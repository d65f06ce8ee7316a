//! How material gets into a key: recognised in the token, then unwrapped there for good, then recorded in one commit.
//!
//! Material is never in this process. The token unwraps it into an object of the session first, to see whether it has
//! the right length and which material of the key it is: every material has a witness that no other opens. Only what is
//! wanted becomes an object of the token, with an intent on disk before. Imported again, it gets the CKA_ID that it had,
//! so ciphertexts of better days open.

mod check;
mod plan;

use std::sync::Arc;

use strongroom_base::limits::CONFLICT_TRIES_MAX;
use strongroom_base::{Code, Fault, KeyMaterialId, Timestamp};
use strongroom_store::{StoreFault, Stored};
use strongroom_token::{Suite, Witness, WrappedMaterial};

use self::check::{check_known, import_type};
use self::plan::{Plan, origin_of_next};
use crate::import_parameters::{ImportParameters, ImportToken};
use crate::imported::Presence;
use crate::key::{KeyRecord, KeyVersion, VersionOrigin};
use crate::kms::{Kms, contended};
use crate::marks::CreationIntent;
use crate::target::KeyTarget;

/// Whether material is one of the key's already (AWS's `ImportType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportType {
    /// It is not.
    NewKeyMaterial,
    /// It was imported before.
    ExistingKeyMaterial,
}

impl ImportType {
    /// AWS's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewKeyMaterial => "NEW_KEY_MATERIAL",
            Self::ExistingKeyMaterial => "EXISTING_KEY_MATERIAL",
        }
    }
}

/// What is to be imported.
pub(crate) struct Order {
    pub(crate) token: ImportToken,
    pub(crate) encrypted: Box<[u8]>,
    pub(crate) valid_to: Option<Timestamp>,
    pub(crate) import_type: Option<ImportType>,
    pub(crate) description: Option<String>,
    pub(crate) material: Option<KeyMaterialId>,
}

impl Kms {
    /// Imports material into a key; answers its id.
    pub(crate) async fn import(&self, target: &KeyTarget, order: &Order) -> Result<KeyMaterialId, Fault> {
        let _one_at_a_time = self.importing(&target.record.id).await;
        let key = self.reread(target).await?;
        key.importable(&target.arn)?;
        let import_type = import_type(&key, order)?;
        let parameters = self.import_parameters(&key.id, &order.token).await?;
        let wrapped = WrappedMaterial {
            wrapping: parameters.wrapping,
            spec: parameters.spec,
            algorithm: parameters.algorithm,
            encrypted: order.encrypted.clone(),
        };
        let outcome = self
            .import_wrapped(target, &key, order, import_type, &wrapped, &parameters)
            .await;
        let spent = match &outcome {
            Ok((_, spent)) => Some(spent.clone()),
            // The token has said what it thinks of these bytes: it is not asked again.
            Err(fault) if is_about_material(fault) => self.spend_parameters(&parameters).await.ok(),
            Err(_) => None,
        };
        if let Some(spent) = spent
            && let Err(fault) = self.retire_parameters(&spent).await
        {
            tracing::warn!(%fault, wrapping = %spent.wrapping, "a wrapping key that was used is destroyed later");
        }
        outcome.map(|(material, _)| material)
    }

    async fn import_wrapped(
        &self,
        target: &KeyTarget,
        key: &Stored<KeyRecord>,
        order: &Order,
        import_type: ImportType,
        wrapped: &WrappedMaterial,
        parameters: &Stored<ImportParameters>,
    ) -> Result<(KeyMaterialId, Stored<ImportParameters>), Fault> {
        let known = self.recognise(key, wrapped).await?;
        check_known(key, known, import_type, order)?;
        let (intent, plan) = match known.and_then(|id| key.materials().find(|version| version.material == id)) {
            None => {
                let intent = self.begin_creation(key.id).await?;
                let version = self.unwrap(&intent, wrapped, None).await?;
                (
                    Some(intent),
                    Plan::Add(Box::new(KeyVersion {
                        origin: origin_of_next(key),
                        ..version
                    })),
                )
            }
            Some(version) if version.is_present() => (None, Plan::Update(version.material)),
            Some(version) => {
                if version.presence() == Presence::Removing {
                    self.finish_removal(target, &version.material).await?;
                }
                let intent = self.begin_restoration(key, version.material).await?;
                let restored = self.unwrap(&intent, wrapped, version.witness.clone()).await?;
                (Some(intent), Plan::Restore(Box::new(restored)))
            }
        };
        let material = plan.material();
        let spent = self
            .commit_import(target, order, &plan, intent.as_ref(), parameters)
            .await?;
        Ok((material, spent))
    }

    /// Which material of the key the wrapped one is.
    async fn recognise(&self, key: &KeyRecord, wrapped: &WrappedMaterial) -> Result<Option<KeyMaterialId>, Fault> {
        let witness = |version: &KeyVersion| Some((version.material, version.witness.clone()?));
        let witnesses = key.materials().filter_map(witness).collect();
        Ok(self
            .token
            .recognise(wrapped, witnesses, Self::change_deadline())
            .await?)
    }

    /// Unwraps into the object that `intent` announces, which must open `witness` if there is one.
    async fn unwrap(
        &self,
        intent: &Stored<CreationIntent>,
        wrapped: &WrappedMaterial,
        witness: Option<Arc<Witness>>,
    ) -> Result<KeyVersion, Fault> {
        let label = self.label(&intent.key, &intent.material)?;
        let made = self
            .token
            .import_key(intent.material, &label, wrapped, witness, Self::change_deadline())
            .await?;
        Ok(KeyVersion {
            material: intent.material,
            created: intent.begun,
            origin: VersionOrigin::Creation,
            suite: Suite::Direct,
            provenance: made.provenance,
            token_serial: self.token_serial(),
            witness: made.witness.map(Arc::new),
            public_key: None,
            import: None,
        })
    }

    /// Writes down that the object of a known material is about to be made again. An intent that an earlier try left is
    /// taken over: its object, if it made one, is this material's.
    async fn begin_restoration(
        &self,
        key: &KeyRecord,
        material: KeyMaterialId,
    ) -> Result<Stored<CreationIntent>, Fault> {
        self.check_token()?;
        let id = material.to_string();
        let intent = CreationIntent {
            key: key.id,
            material,
            begun: self.clock.now(),
        };
        let change = match self.records.find::<CreationIntent>(&id).await? {
            Some(left) => self.records.change().replace(&id, &left, intent.clone()),
            None => self.records.change().insert(&id, intent.clone()),
        };
        Ok(Stored {
            revision: change.commit().await?,
            document: Arc::new(intent),
        })
    }

    /// Records what was imported, in one commit with the end of the intent and of the import parameters.
    async fn commit_import(
        &self,
        target: &KeyTarget,
        order: &Order,
        plan: &Plan,
        intent: Option<&Stored<CreationIntent>>,
        parameters: &Stored<ImportParameters>,
    ) -> Result<Stored<ImportParameters>, Fault> {
        let opening = self.budgets.opening(Suite::Direct);
        let _one_at_a_time = self.changing(&target.record.id).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let before = self.reread(target).await?;
            before.importable(&target.arn)?;
            let mut change = self
                .records
                .change()
                .replace(
                    &before.id.to_string(),
                    &before,
                    plan.applied(&before, order, self.clock.now())?,
                )
                .replace(&parameters.id(), parameters, parameters.spent());
            if let Some(intent) = intent {
                change = change.delete(&intent.material.to_string(), intent);
            }
            if let Plan::Add(version) = plan {
                change = change.insert(&version.material.to_string(), opening.clone());
            }
            match change.commit().await {
                Ok(revision) => {
                    if let Plan::Add(version) = plan {
                        self.budgets.opened(version.material, &opening, INVOCATIONS_OF_IMPORT);
                    }
                    return Ok(Stored {
                        revision,
                        document: Arc::new(parameters.spent()),
                    });
                }
                Err(StoreFault::Conflict { .. }) if self.is_as_announced(intent, parameters).await? => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&target.arn))
    }

    /// Whether reconciliation has left alone what this import depends on.
    async fn is_as_announced(
        &self,
        intent: Option<&Stored<CreationIntent>>,
        parameters: &Stored<ImportParameters>,
    ) -> Result<bool, Fault> {
        let found = self.records.find::<ImportParameters>(&parameters.id()).await?;
        if found.is_none_or(|found| found.revision != parameters.revision) {
            return Ok(false);
        }
        match intent {
            Some(intent) => self.is_announced(intent).await,
            None => Ok(true),
        }
    }
}

/// Encryptions that the import of new material makes: one to see that the token is well while no witness of the key opens,
/// and the material's own witness.
const INVOCATIONS_OF_IMPORT: u64 = 2;

/// Whether a fault says something of the bytes that were to be imported.
fn is_about_material(fault: &Fault) -> bool {
    matches!(fault.code(), Code::InvalidCiphertext | Code::IncorrectKeyMaterial)
}
