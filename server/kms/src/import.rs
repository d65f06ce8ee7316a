//! How material gets into a key: recognised in the token, then unwrapped there for good, then recorded in one commit.
//!
//! Material is never in this process. The token unwraps it into an object of the session first, to see whether it is
//! what the key's spec wants and which material of the key it is: a secret has a witness that is no other's, and a private
//! key its public half. Only what is wanted becomes an object of the token, with an intent on disk before. Imported again,
//! it gets the CKA_ID that it had, so ciphertexts of better days open.

mod check;
mod commit;
mod plan;

use std::sync::Arc;

use strongroom_base::{Code, Fault, KeyMaterialId, Timestamp};
use strongroom_store::Stored;
use strongroom_token::{Hallmark, Suite, TokenFault, WrappedMaterial};

use self::check::{check_known, import_type};
use self::plan::{Plan, origin_of_next};
use crate::import_parameters::{ImportParameters, ImportToken};
use crate::imported::Presence;
use crate::key::{KeyRecord, KeyVersion, VersionOrigin, kind};
use crate::kms::Kms;
use crate::marks::CreationIntent;
use crate::public_key::PublicKey;
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

/// An import under way.
struct Import<'a> {
    kms: &'a Kms,
    target: &'a KeyTarget,
    order: &'a Order,
    /// Those that say that the token is asked about these very bytes.
    parameters: &'a Stored<ImportParameters>,
    wrapped: WrappedMaterial,
}

/// What came of an import: which material it was, and the parameters, which are spent.
struct Imported {
    material: KeyMaterialId,
    spent: Stored<ImportParameters>,
}

impl Kms {
    /// Imports material into a key; answers its id.
    pub(crate) async fn import(&self, target: &KeyTarget, order: &Order) -> Result<KeyMaterialId, Fault> {
        let _one_at_a_time = self.importing(&target.record.id).await;
        let key = self.reread(target).await?;
        key.importable(&target.arn)?;
        let import_type = import_type(&key, order)?;
        let asked = self.ask_with_parameters(&key.id, &order.token, &order.encrypted);
        let parameters = asked.await?;
        let import = Import {
            kms: self,
            target,
            order,
            parameters: &parameters,
            wrapped: WrappedMaterial {
                wrapping: parameters.wrapping,
                spec: parameters.spec,
                kind: kind(key.spec, key.usage)?,
                algorithm: parameters.algorithm,
                encrypted: order.encrypted.clone(),
            },
        };
        let outcome = import.run(&key, import_type).await;
        if let Err(fault) = self.end_parameters(&parameters, &outcome).await {
            tracing::warn!(%fault, wrapping = %parameters.wrapping, "a wrapping key that was used is destroyed later");
        }
        outcome.map(|imported| imported.material)
    }

    /// Destroys the wrapping key if the token has said what it thinks of the bytes. Where that fails it is asked about the
    /// same bytes at most, until it expires.
    async fn end_parameters(
        &self,
        asked: &Stored<ImportParameters>,
        outcome: &Result<Imported, Fault>,
    ) -> Result<(), Fault> {
        let spent = match outcome {
            Ok(imported) => imported.spent.clone(),
            Err(fault) if is_about_material(fault) => self.spend_parameters(asked).await?,
            Err(_) => return Ok(()),
        };
        self.retire_parameters(&spent).await
    }
}

impl Import<'_> {
    async fn run(&self, key: &Stored<KeyRecord>, import_type: ImportType) -> Result<Imported, Fault> {
        let known = self.recognise(key).await?;
        check_known(key, known, import_type, self.order)?;
        match known.and_then(|id| key.materials().find(|version| version.material == id)) {
            None => self.add(key).await,
            Some(version) => self.renew(key, version).await,
        }
    }

    /// Which material of the key the wrapped one is.
    async fn recognise(&self, key: &KeyRecord) -> Result<Option<KeyMaterialId>, Fault> {
        let hallmark = |version: &KeyVersion| Some((version.material, version.hallmark()?));
        let known = key.materials().filter_map(hallmark).collect();
        let token = &self.kms.token;
        Ok(token.recognise(&self.wrapped, known, Kms::change_deadline()).await?)
    }

    /// Material that the key has never had.
    async fn add(&self, key: &Stored<KeyRecord>) -> Result<Imported, Fault> {
        let intent = self.kms.begin_creation(key.id).await?;
        let version = KeyVersion {
            origin: origin_of_next(key),
            ..self.unwrap(&intent, None).await?
        };
        self.commit(&Plan::Add(Box::new(version)), Some(&intent)).await
    }

    /// Material that is one of the key's. Whether there is an object to be made, the token says and not the record alone:
    /// one that somebody has destroyed comes back too.
    async fn renew(&self, key: &Stored<KeyRecord>, version: &KeyVersion) -> Result<Imported, Fault> {
        if version.presence() == Presence::Removing {
            self.kms.finish_removal(self.target, &version.material).await?;
        }
        if self.kms.has_object(key, version).await? && version.is_present() {
            return self.commit(&Plan::Update(version.material), None).await;
        }
        let intent = self.kms.begin_restoration(key, version.material).await?;
        let restored = self.unwrap(&intent, version.hallmark()).await?;
        self.commit(&Plan::Restore(Box::new(restored)), Some(&intent)).await
    }

    /// Unwraps into the object that `intent` announces, which must have the hallmark that is `expected`, if one is.
    async fn unwrap(&self, intent: &Stored<CreationIntent>, expected: Option<Hallmark>) -> Result<KeyVersion, Fault> {
        let label = self.kms.label(&intent.key, &intent.material)?;
        let token = &self.kms.token;
        let made = token
            .import_key(intent.material, &label, &self.wrapped, expected, Kms::change_deadline())
            .await;
        let made = made.map_err(|fault| match fault {
            // The material was recognised, so it is the object under its id that is another key.
            TokenFault::OtherMaterial => planted(intent.material).into(),
            other => Fault::from(other),
        })?;
        Ok(KeyVersion {
            material: intent.material,
            created: intent.begun,
            origin: VersionOrigin::Creation,
            suite: Suite::Direct,
            provenance: made.provenance,
            token_serial: self.kms.token_serial(),
            witness: made.witness.map(Arc::new),
            public_key: made.public_key.map(PublicKey::from_der),
            import: None,
        })
    }
}

impl Kms {
    /// Whether the token has the object of this material.
    ///
    /// # Errors
    /// KeyUnavailableException where another key stands in its place; the token has raised an alarm.
    async fn has_object(&self, key: &KeyRecord, version: &KeyVersion) -> Result<bool, Fault> {
        let wrong = self.attest(&[(key, version)], Self::change_deadline()).await?;
        match wrong.into_iter().next() {
            None => Ok(true),
            Some((_, TokenFault::KeyMissing { .. })) => Ok(false),
            Some((_, fault)) => Err(fault.into()),
        }
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
}

/// Whether a fault says something of the bytes that were to be imported.
fn is_about_material(fault: &Fault) -> bool {
    matches!(fault.code(), Code::InvalidCiphertext | Code::IncorrectKeyMaterial)
}

/// Somebody was quicker than this service, and the object is destroyed again: another try finds the place free.
fn planted(id: KeyMaterialId) -> TokenFault {
    let what = "another key stood in the place of the material that was being imported, and was destroyed".to_owned();
    let fault = TokenFault::KeyDamaged { id, what };
    tracing::error!(%fault, "a key object needs an operator");
    fault
}
