//! ListSecretVersionIds: the versions of a secret, without their values.

use strongroom_base::limits::SECRET_LIST_LIMIT_MAX;
use strongroom_base::{Action, Fault, Timestamp};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_store::Stored;

use crate::label::StagingLabel;
use crate::op::{NamedSecret, parameters};
use crate::paging;
use crate::record::{SecretRecord, VersionRecord};
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::SecretTarget;
use crate::version_id::VersionId;

/// The request.
pub struct ListSecretVersionIds {
    secret: SecretId,
    deprecated: bool,
    limit: usize,
    next_token: Option<String>,
}

/// A page of versions, sorted by id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionPage {
    /// The secret.
    pub secret: NamedSecret,
    /// The rows.
    pub versions: Vec<VersionRow>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// Its id.
    pub version: VersionId,
    /// Its labels; none for a deprecated version.
    pub stages: Vec<StagingLabel>,
    /// When it was made.
    pub created: Timestamp,
    /// The key that its data key is encrypted under: its ARN, or `DefaultEncryptionKey` as AWS calls the service's own.
    pub kms_key_id: String,
}

impl ListSecretVersionIds {
    /// A page of 1 to 100 versions, 100 unless said otherwise; those without a label only with `deprecated`.
    ///
    /// # Errors
    /// ValidationException and InvalidParameterException for fields that break AWS's rules.
    pub fn new(
        secret: &str,
        deprecated: bool,
        max_results: Option<i64>,
        next_token: Option<String>,
    ) -> Result<Self, Fault> {
        paging::check_length(next_token.as_deref())?;
        let limit = paging::page_size(max_results, SECRET_LIST_LIMIT_MAX)?;
        Ok(Self {
            secret: SecretId::parse(secret)?,
            deprecated,
            limit,
            next_token,
        })
    }

    /// The versions after `after`, one more than the page.
    async fn read(
        &self,
        secrets: &Secrets,
        secret: &SecretRecord,
        after: Option<&VersionId>,
    ) -> Result<Vec<Stored<VersionRecord>>, Fault> {
        if self.deprecated {
            let after = after.map(|after| secret.uid.version(after));
            let page = secrets
                .records
                .page(&secret.uid.prefix(), after.as_deref(), self.limit + 1)
                .await?;
            return Ok(page.into_iter().map(|(_, version)| version).collect());
        }
        let mut versions = Vec::new();
        let labelled = secret
            .staging
            .versions()
            .into_keys()
            .filter(|id| after.is_none_or(|after| id > after));
        for id in labelled.take(self.limit + 1) {
            versions.extend(secrets.version(secret.uid, &id).await?);
        }
        Ok(versions)
    }
}

impl Operation for ListSecretVersionIds {
    const ACTION: Action = Action::ListSecretVersionIds;
    type Domain = Secrets;
    type Target = SecretTarget;
    type Reply = VersionPage;

    fn parameters(&self) -> Parameters {
        parameters([
            ("secretId", self.secret.to_string().into()),
            ("includeDeprecated", self.deprecated.into()),
        ])
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<SecretTarget>, Fault> {
        SecretTarget::resolve(secrets, &self.secret, Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<VersionPage, Fault> {
        let target = permit.target();
        let secret = &target.record;
        // A token belongs to one secret.
        let list = secret.uid.to_string();
        let after = self
            .next_token
            .as_deref()
            .map(|token| paging::decode::<VersionId>(&list, token))
            .transpose()?;
        let mut versions = self.read(secrets, secret, after.as_ref()).await?;
        let more = versions.len() > self.limit;
        versions.truncate(self.limit);
        let last = versions.last().filter(|_| more);
        let next_token = last.map(|version| paging::encode(&list, &version.id)).transpose()?;
        let row = |version: &Stored<VersionRecord>| VersionRow {
            version: version.id.clone(),
            stages: secret.staging.labels(&version.id),
            created: version.created,
            kms_key_id: if version.managed {
                "DefaultEncryptionKey".to_owned()
            } else {
                version.key.to_string()
            },
        };
        Ok(VersionPage {
            secret: NamedSecret::of(target),
            versions: versions.iter().map(row).collect(),
            next_token,
        })
    }
}
