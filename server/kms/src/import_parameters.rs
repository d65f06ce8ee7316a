//! Import parameters: a wrapping key in the token, and the import token that names it.
//!
//! The record is written before the wrapping key is made and goes after it was destroyed, so that none is left behind.
//! A wrapping key serves one import. Before the token is asked the record says with which bytes, and it is never asked
//! about others, whatever becomes of disk and process in between: nobody learns anything from altered ciphertexts
//! (Manger's attack on OAEP needs a thousand answers). Once the token has answered, the wrapping key is destroyed.

mod import_token;

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use strongroom_base::limits::{IMPORT_PARAMETERS_MAX, IMPORT_PARAMETERS_PER_KEY_MAX, IMPORT_PARAMETERS_VALIDITY};
use strongroom_base::{Code, Fault, KeyId, KeyMaterialId, KeySpec, Timestamp, WrappingAlgorithm};
use strongroom_store::{Document, Stored};
use strongroom_token::{Capability, TokenFault};

use crate::key::{KeyRecord, kind};
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
    /// The token is asked about these bytes, or was: an import that came to no answer may be tried again with them.
    Asked {
        /// As before.
        token_digest: String,
        /// SHA-256 of the encrypted material, in hexadecimal.
        encrypted_digest: String,
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

    /// The same when nothing more is unwrapped with it.
    pub(crate) fn spent(&self) -> Self {
        self.at(Stage::Spent)
    }

    fn at(&self, stage: Stage) -> Self {
        Self { stage, ..self.clone() }
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
    /// Makes a wrapping key for material of the key with this `record`, and the token that names it.
    pub(crate) async fn make_import_parameters(
        &self,
        record: &KeyRecord,
        algorithm: WrappingAlgorithm,
        spec: KeySpec,
    ) -> Result<MadeParameters, Fault> {
        // Each try would leave a record, and load goes on during an outage.
        self.check_token()?;
        let key = record.id;
        let kind = kind(record.spec, record.usage)?;
        self.token.supports(Capability::Import(kind, algorithm))?;
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
        let token_digest = token.digest();
        self.advance(&announced, Stage::Ready { token_digest }).await?;
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

    /// The parameters that an import token names, on disk as those with which the token is asked about these bytes.
    ///
    /// # Errors
    /// InvalidImportTokenException for a token of another key, for one that was used or shown with other bytes, and for
    /// what is none; ExpiredImportTokenException for one that is too old; what the store answers.
    pub(crate) async fn ask_with_parameters(
        &self,
        key: &KeyId,
        token: &ImportToken,
        encrypted: &[u8],
    ) -> Result<Stored<ImportParameters>, Fault> {
        let parameters = self.import_parameters(key, token).await?;
        let digest_of_bytes = HEXLOWER.encode(digest(&SHA256, encrypted).as_ref());
        let token_digest = match &parameters.stage {
            Stage::Ready { token_digest } => token_digest.clone(),
            Stage::Asked { encrypted_digest, .. } if *encrypted_digest == digest_of_bytes => return Ok(parameters),
            Stage::Asked { .. } => return Err(asked_otherwise()),
            Stage::Announced | Stage::Spent => return Err(invalid_token()),
        };
        // A token that is known to be away is not asked anything.
        self.check_token()?;
        let asked = Stage::Asked {
            token_digest,
            encrypted_digest: digest_of_bytes,
        };
        self.advance(&parameters, asked).await
    }

    async fn import_parameters(&self, key: &KeyId, token: &ImportToken) -> Result<Stored<ImportParameters>, Fault> {
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
        let token_digest_shown = token.digest();
        let fits = |parameters: &Stored<ImportParameters>| match &parameters.stage {
            Stage::Ready { token_digest } | Stage::Asked { token_digest, .. } => *token_digest == token_digest_shown,
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
        self.advance(parameters, Stage::Spent).await
    }

    async fn advance(
        &self,
        parameters: &Stored<ImportParameters>,
        stage: Stage,
    ) -> Result<Stored<ImportParameters>, Fault> {
        let after = parameters.at(stage);
        let id = parameters.id();
        let change = self.records.change().replace(&id, parameters, after.clone());
        Ok(Stored {
            revision: change.commit().await?,
            document: Arc::new(after),
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

fn invalid_token() -> Fault {
    Fault::new(
        Code::InvalidImportToken,
        "The import token is not valid, was used, or is associated with a different KMS key.",
    )
}

fn asked_otherwise() -> Fault {
    Fault::new(
        Code::InvalidImportToken,
        "The import token was used with other encrypted key material; get new parameters for import.",
    )
}
