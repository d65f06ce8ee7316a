//! [`Root`]: the object in the token under which an installation's sealing key is wrapped, and what it says of itself
//! before anything is unsealed.
//!
//! The root key has no ARN and no API. Its object doubles as the marker that says whose token this is, and as the
//! sentinel of the health probe.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strongroom_base::{AccountId, Code, Fault, InstallationId, KeyMaterialId, Scope};
use strongroom_material::{Material, Sealed, SealingKey};
use strongroom_store::{Document, Records, Sealer, Stored};
use strongroom_token::{KeyKind, Nonce, Provenance, Token, TokenFault, TokenKey, Witness};

use crate::kms::{Kms, label};

const ID: &str = "installation";
/// HMAC-SHA-256 keys are as long as the hash (NIST SP 800-107 §5.3.4).
const SEALING_KEY_BYTES: usize = 32;

/// What the store holds in the open: which installation this is, and its sealing key, wrapped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bootstrap {
    installation: InstallationId,
    root: KeyMaterialId,
    /// Absent in records that version 1 wrote.
    scope: Option<FoundedFor>,
    /// Absent until the token has made the root object.
    wrapped: Option<Wrapped>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    provenance: Provenance,
    witness: Arc<Witness>,
    /// Nonce, ciphertext and tag.
    sealing_key: Sealed,
}

/// The scope that the installation's ARNs are in. Secrets are encrypted under their ARNs: in another scope they could
/// not be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FoundedFor {
    partition: Box<str>,
    region: Box<str>,
    account: AccountId,
}

impl From<&Scope> for FoundedFor {
    fn from(scope: &Scope) -> Self {
        Self {
            partition: scope.partition().into(),
            region: scope.region().into(),
            account: scope.account().clone(),
        }
    }
}

impl fmt::Display for FoundedFor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            region,
            account,
        } = self;
        write!(formatter, "partition {partition}, region {region}, account {account}")
    }
}

impl Bootstrap {
    /// Refuses another scope than the one that the installation has keys in.
    fn check_scope(&self, configured: &FoundedFor) -> Result<(), Fault> {
        match (&self.scope, &self.wrapped) {
            (Some(founded), Some(_)) if founded != configured => Err(another_scope(founded, configured)),
            (Some(_) | None, _) => Ok(()),
        }
    }
}

impl Document for Bootstrap {
    const KIND: &'static str = "bootstrap";
    const VERSION: u16 = 2;

    /// Version 1 is the same without the scope.
    fn upgrade(version: u16, body: Value) -> Option<Value> {
        (version == 1).then_some(body)
    }
}

/// An installation's root of trust.
pub struct Root {
    records: Records,
    bootstrap: Stored<Bootstrap>,
}

impl Root {
    /// Reads which installation this store belongs to, or founds a new one for this scope. A record without a scope, and
    /// one of an installation that never had a key, takes it over.
    ///
    /// # Errors
    /// ValidationException naming both when the installation was founded for another scope; what the store answers;
    /// ServiceUnavailableException when the system has no random numbers.
    pub async fn of_store(records: &Records, scope: &Scope) -> Result<Self, Fault> {
        let scope = FoundedFor::from(scope);
        let bootstrap = match records.find::<Bootstrap>(ID).await? {
            Some(bootstrap) if bootstrap.scope.as_ref() == Some(&scope) => bootstrap,
            Some(bootstrap) => Self::take_over(records, &bootstrap, scope).await?,
            None => Self::found(records, scope).await?,
        };
        Ok(Self {
            records: records.clone(),
            bootstrap,
        })
    }

    /// Reads which installation this store belongs to, and writes nothing. None before its first start.
    ///
    /// # Errors
    /// As [`Root::of_store`].
    pub async fn installation_of(records: &Records, scope: &Scope) -> Result<Option<InstallationId>, Fault> {
        let Some(bootstrap) = records.find::<Bootstrap>(ID).await? else {
            return Ok(None);
        };
        bootstrap.check_scope(&FoundedFor::from(scope))?;
        Ok(Some(bootstrap.installation))
    }

    async fn take_over(
        records: &Records,
        bootstrap: &Stored<Bootstrap>,
        scope: FoundedFor,
    ) -> Result<Stored<Bootstrap>, Fault> {
        bootstrap.check_scope(&scope)?;
        let after = Bootstrap {
            scope: Some(scope),
            ..Bootstrap::clone(bootstrap)
        };
        records.change().replace(ID, bootstrap, after).commit().await?;
        reread(records).await
    }

    async fn found(records: &Records, scope: FoundedFor) -> Result<Stored<Bootstrap>, Fault> {
        let root = KeyMaterialId::random()?;
        let bootstrap = Bootstrap {
            installation: InstallationId::random(),
            root,
            scope: Some(scope),
            wrapped: None,
        };
        records.change().insert(ID, bootstrap).commit().await?;
        reread(records).await
    }

    /// The installation that store and token objects belong to.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        self.bootstrap.installation
    }

    /// Whether the token has served this installation before. A token that is unknown to a new installation is a
    /// mistake in the configuration; to an old one it is a token that is away.
    #[must_use]
    pub fn is_established(&self) -> bool {
        self.bootstrap.wrapped.is_some()
    }

    /// The material of the root object.
    #[must_use]
    pub fn material(&self) -> KeyMaterialId {
        self.bootstrap.root
    }

    /// Has the token open the sealing key and gives it to `sealer`; on the first start makes root object and sealing
    /// key. From then on the token's health probe uses the root object.
    ///
    /// # Errors
    /// What token and store answer; nothing is unlocked then, and the call may be repeated.
    pub async fn unlock(&mut self, token: &Token, sealer: &Sealer) -> Result<(), Fault> {
        if self.bootstrap.wrapped.is_none() {
            self.establish(token).await?;
        }
        let wrapped = self.bootstrap.wrapped.as_ref();
        let wrapped = wrapped.ok_or_else(|| Fault::new(Code::Internal, "The root key was not written."))?;
        let root = TokenKey {
            id: self.bootstrap.root,
            kind: KeyKind::SYMMETRIC,
            witness: Some(Arc::clone(&wrapped.witness)),
        };
        let found = token.inspect(root.id, Kms::change_deadline()).await?;
        if found != wrapped.provenance {
            return Err(Fault::new(
                Code::KeyUnavailable,
                "The root key in the HSM is not as it was made; the operator of the service must look into it.",
            ));
        }
        let (nonce, ciphertext) = wrapped.sealing_key.as_bytes().split_first_chunk().ok_or_else(damaged)?;
        let (nonce, deadline) = (Nonce::from_bytes(*nonce), Kms::change_deadline());
        let key = token
            .decrypt(&root, nonce, &self.authenticated_data(), ciphertext, deadline)
            .await;
        let key: Material<SealingKey> = key.map_err(|fault| match fault {
            TokenFault::InvalidCiphertext => damaged().because(fault),
            other => other.into(),
        })?;
        sealer.unlock(key)?;
        token.set_sentinel(root);
        Ok(())
    }

    async fn establish(&mut self, token: &Token) -> Result<(), Fault> {
        let id = self.bootstrap.root;
        let label = label(self.bootstrap.installation, "root", &id)?;
        let made = token
            .create_key(id, &label, KeyKind::SYMMETRIC, Kms::change_deadline())
            .await?;
        let witness = made.witness.map(Arc::new).ok_or_else(damaged)?;
        let root = TokenKey {
            id,
            kind: KeyKind::SYMMETRIC,
            witness: Some(Arc::clone(&witness)),
        };
        let key: Material<SealingKey> = token.random(SEALING_KEY_BYTES, Kms::change_deadline()).await?;
        let data = self.authenticated_data();
        let encrypted = token.encrypt(&root, &data, key, Kms::change_deadline()).await?;
        let wrapped = Wrapped {
            provenance: made.provenance,
            witness,
            sealing_key: Sealed::from_cipher([encrypted.nonce.as_bytes(), &*encrypted.ciphertext].concat()),
        };
        let after = Bootstrap {
            wrapped: Some(wrapped),
            ..Bootstrap::clone(&self.bootstrap)
        };
        self.records
            .change()
            .replace(ID, &self.bootstrap, after)
            .commit()
            .await?;
        self.bootstrap = reread(&self.records).await?;
        Ok(())
    }

    /// Binds the wrapped key to its purpose and its installation.
    fn authenticated_data(&self) -> Vec<u8> {
        [
            b"strongroom/sealing-key/1\0".as_slice(),
            self.bootstrap.installation.as_bytes().as_slice(),
            self.bootstrap.root.as_bytes().as_slice(),
        ]
        .concat()
    }
}

fn another_scope(founded: &FoundedFor, configured: &FoundedFor) -> Fault {
    Fault::new(
        Code::Validation,
        format!(
            "This installation was founded for {founded}, and [scope] now says {configured}: its secrets could not be \
             opened. Correct [scope], or give the other scope a data-directory and a token of its own."
        ),
    )
}

fn damaged() -> Fault {
    Fault::new(
        Code::RecordDamaged,
        "The record of the installation is damaged; restore the store from a backup.",
    )
}

async fn reread(records: &Records) -> Result<Stored<Bootstrap>, Fault> {
    let written = records.find::<Bootstrap>(ID).await?;
    written.ok_or_else(|| {
        Fault::new(
            Code::Internal,
            "The record of the installation that was just written is gone.",
        )
    })
}
