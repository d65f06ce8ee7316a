//! Import parameters: a wrapping key in the token, and the import token that names it.
//!
//! The record is written before the wrapping key is made and goes after it was destroyed, so that none is left behind.
//! A wrapping key serves one import: whatever came of unwrapping with it, it is destroyed, and nobody can ask the token
//! twice about altered ciphertexts (Manger's attack on OAEP needs a thousand answers).

mod import_token;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::{IMPORT_PARAMETERS_MAX, IMPORT_PARAMETERS_PER_KEY_MAX, IMPORT_PARAMETERS_VALIDITY};
use strongroom_base::{Code, Fault, KeyId, KeyMaterialId, KeySpec, Timestamp, WrappingAlgorithm};
use strongroom_store::{Document, Stored};
use strongroom_token::{Capability, TokenFault};

use crate::kms::Kms;

pub use self::import_token::ImportToken;

/// What the store keeps of a wrapping key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportParameters {
    /// The key into which something is to be imported.
    pub(crate) key: KeyId,
    /// The CKA_ID of the wrapping key.
    pub(crate) wrapping: KeyMaterialId,
    /// How material is wrapped under it.
    pub(crate) algorithm: WrappingAlgorithm,
    /// RSA_2048, RSA_3072 or RSA_4096.
    pub(crate) spec: KeySpec,
    pub(crate) begun: Timestamp,
    pub(crate) valid_to: Timestamp,
    pub(crate) stage: Stage,
}

/// Where a wrapping key is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Stage {
    /// It is being made.
    Announced,
    /// It waits for an import with the token that has this SHA-256.
    Ready {
        /// In hexadecimal. Who reads the store learns no token from it.
        token_digest: String,
    },
    /// It is to be destroyed.
    Spent,
}

impl Document for ImportParameters {
    const KIND: &'static str = "import-parameters";
    const VERSION: u16 = 1;
}

impl ImportParameters {
    /// The record's id: the parameters of one key stand together.
    pub(crate) fn id(&self) -> String {
        id(&self.key, &self.wrapping)
    }
}

fn id(key: &KeyId, wrapping: &KeyMaterialId) -> String {
    format!("{key}/{wrapping}")
}

/// What whoever imports material needs for that.
pub(crate) struct MadeParameters {
    pub(crate) public_key: Vec<u8>,
    pub(crate) token: ImportToken,
    pub(crate) valid_to: Timestamp,
}

impl Kms {
    /// Makes a wrapping key for `key`, and the token that names it.
    pub(crate) async fn make_import_parameters(
        &self,
        key: KeyId,
        algorithm: WrappingAlgorithm,
        spec: KeySpec,
    ) -> Result<MadeParameters, Fault> {
        // Each try would leave a record, and load goes on during an outage.
        self.check_token()?;
        self.token.supports(Capability::Import(algorithm))?;
        let announced = self.announce_parameters(key, algorithm, spec).await?;
        let label = self.label(&key, &announced.wrapping)?;
        let made = self
            .token
            .create_wrapping_key(announced.wrapping, &label, spec, Self::change_deadline())
            .await;
        if let Err(TokenFault::Overloaded) = made {
            let change = self.records.change().delete(&announced.id(), &announced);
            let _done_or_left_to_reconciliation = change.commit().await;
        }
        let public_key = made?;
        let token = ImportToken::new(key, announced.wrapping, announced.valid_to)?;
        let ready = ImportParameters {
            stage: Stage::Ready {
                token_digest: token.digest(),
            },
            ..ImportParameters::clone(&announced)
        };
        let change = self.records.change().replace(&announced.id(), &announced, ready);
        change.commit().await?;
        Ok(MadeParameters {
            public_key,
            token,
            valid_to: announced.valid_to,
        })
    }

    /// Writes down that a wrapping key is about to be made, if there is room for one.
    async fn announce_parameters(
        &self,
        key: KeyId,
        algorithm: WrappingAlgorithm,
        spec: KeySpec,
    ) -> Result<Stored<ImportParameters>, Fault> {
        let _one_at_a_time = self.wrapping.lock().await;
        self.check_room_for_parameters(&key).await?;
        let begun = self.clock.now();
        let parameters = ImportParameters {
            key,
            wrapping: KeyMaterialId::random()?,
            algorithm,
            spec,
            begun,
            valid_to: begun.plus(IMPORT_PARAMETERS_VALIDITY),
            stage: Stage::Announced,
        };
        let change = self.records.change().insert(&parameters.id(), parameters.clone());
        Ok(Stored {
            revision: change.commit().await?,
            document: Arc::new(parameters),
        })
    }

    async fn check_room_for_parameters(&self, key: &KeyId) -> Result<(), Fault> {
        let count = async |prefix: &str, most: usize| {
            let page = self.records.page::<ImportParameters>(prefix, None, most).await?;
            Ok::<_, Fault>(page.len())
        };
        if count(&format!("{key}/"), IMPORT_PARAMETERS_PER_KEY_MAX).await? == IMPORT_PARAMETERS_PER_KEY_MAX {
            return Err(Fault::new(
                Code::LimitExceeded,
                format!(
                    "Key {key} has {IMPORT_PARAMETERS_PER_KEY_MAX} wrapping keys, which is the limit; import with one of \
                     them, or wait until they expire."
                ),
            ));
        }
        if count("", IMPORT_PARAMETERS_MAX).await? == IMPORT_PARAMETERS_MAX {
            return Err(Fault::new(
                Code::LimitExceeded,
                format!(
                    "The account has {IMPORT_PARAMETERS_MAX} wrapping keys, which is the limit; wait until some expire."
                ),
            ));
        }
        Ok(())
    }

    /// The parameters that an import token names.
    ///
    /// # Errors
    /// InvalidImportTokenException for a token of another key, for one that was used, and for what is none;
    /// ExpiredImportTokenException for one that is too old.
    pub(crate) async fn import_parameters(
        &self,
        key: &KeyId,
        token: &ImportToken,
    ) -> Result<Stored<ImportParameters>, Fault> {
        let named = token
            .read()
            .filter(|named| named.key == *key)
            .ok_or_else(invalid_token)?;
        // Of itself it says so, and who forges one learns nothing from hearing it.
        if named.valid_to <= self.clock.now() {
            return Err(Fault::new(
                Code::ExpiredImportToken,
                "The import token has expired; get new parameters for import.",
            ));
        }
        let found = self.records.find::<ImportParameters>(&id(key, &named.wrapping)).await?;
        let digest = token.digest();
        let fits = |parameters: &Stored<ImportParameters>| match &parameters.stage {
            Stage::Ready { token_digest } => *token_digest == digest,
            Stage::Announced | Stage::Spent => false,
        };
        found.filter(fits).ok_or_else(invalid_token)
    }

    /// Whether there are parameters with this wrapping key.
    pub(crate) async fn finds_import_parameters(&self, key: &KeyId, wrapping: &KeyMaterialId) -> Result<bool, Fault> {
        Ok(self
            .records
            .find::<ImportParameters>(&id(key, wrapping))
            .await?
            .is_some())
    }

    /// Says on disk that a wrapping key serves no further import.
    pub(crate) async fn spend_parameters(
        &self,
        parameters: &Stored<ImportParameters>,
    ) -> Result<Stored<ImportParameters>, Fault> {
        let spent = parameters.spent();
        let change = self
            .records
            .change()
            .replace(&parameters.id(), parameters, spent.clone());
        Ok(Stored {
            revision: change.commit().await?,
            document: Arc::new(spent),
        })
    }

    /// Destroys the wrapping key of parameters that are spent, and then their record.
    pub(crate) async fn retire_parameters(&self, spent: &Stored<ImportParameters>) -> Result<(), Fault> {
        let label = self.label(&spent.key, &spent.wrapping)?;
        self.token
            .destroy_key(spent.wrapping, &label, Self::change_deadline())
            .await?;
        let change = self.records.change().delete(&spent.id(), spent);
        change.commit().await?;
        Ok(())
    }

    /// Destroys the wrapping keys of a key that is being deleted.
    pub(crate) async fn retire_import_parameters_of(&self, key: &KeyId) -> Result<(), Fault> {
        let prefix = format!("{key}/");
        // A key that is being deleted gets no further ones.
        let all = self
            .records
            .page::<ImportParameters>(&prefix, None, IMPORT_PARAMETERS_PER_KEY_MAX)
            .await?;
        for (_, parameters) in all {
            self.retire_parameters(&self.spend_parameters(&parameters).await?)
                .await?;
        }
        Ok(())
    }
}

impl ImportParameters {
    pub(crate) fn spent(&self) -> Self {
        Self {
            stage: Stage::Spent,
            ..self.clone()
        }
    }
}

fn invalid_token() -> Fault {
    Fault::new(
        Code::InvalidImportToken,
        "The import token is not valid, was used, or is associated with a different KMS key.",
    )
}
