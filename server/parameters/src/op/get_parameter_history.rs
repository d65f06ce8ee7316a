//! GetParameterHistory: the versions of a parameter with their values, the oldest first.

use futures_util::future::join_all;
use strongroom_base::limits::PARAMETER_LIST_LIMIT_MAX;
use strongroom_base::{
    Action, Arn, Code, Fault, ParameterDataType, ParameterTier, ParameterType, Scope, Timestamp, paging,
};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Protected as _, Resolved};
use strongroom_store::Stored;

use crate::fetch::Shown;
use crate::label::Label;
use crate::op::parameters;
use crate::parameters::{Parameters, not_found};
use crate::policies::ParameterPolicy;
use crate::record::VersionRecord;
use crate::reference::ParameterReference;
use crate::target::ManyTarget;

/// The request.
pub struct GetParameterHistory {
    reference: ParameterReference,
    with_decryption: bool,
    limit: usize,
    next_token: Option<String>,
}

/// A page of versions.
pub struct HistoryPage {
    /// The rows.
    pub versions: Vec<HistoryRow>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

/// A version.
pub struct HistoryRow {
    /// The parameter's name.
    pub name: String,
    /// What it holds.
    pub kind: ParameterType,
    /// Its key then, as it was named; of a secure parameter.
    pub key: Option<String>,
    /// When the version was made.
    pub modified: Timestamp,
    /// Who made it.
    pub modified_by: Arn,
    /// The description then.
    pub description: Option<String>,
    /// The value.
    pub value: Shown,
    /// The pattern then.
    pub allowed_pattern: Option<String>,
    /// The version's number.
    pub version: u64,
    /// The version's labels.
    pub labels: Vec<Label>,
    /// The tier then.
    pub tier: ParameterTier,
    /// The policies then.
    pub policies: Vec<ParameterPolicy>,
    /// The data type then.
    pub data_type: ParameterDataType,
}

impl GetParameterHistory {
    /// A page of 1 to 50 versions, 50 unless said otherwise, of a parameter by name or ARN.
    ///
    /// # Errors
    /// ValidationException for fields that break AWS's rules.
    pub fn new(
        name: &str,
        with_decryption: bool,
        max_results: Option<i64>,
        next_token: Option<String>,
        scope: &Scope,
    ) -> Result<Self, Fault> {
        let reference = ParameterReference::parse(name, scope)?;
        if reference.selector.is_some() {
            return Err(Fault::new(
                Code::Validation,
                "The name of a parameter whose history is asked for has neither a version nor a label behind it.",
            ));
        }
        Ok(Self {
            reference,
            with_decryption,
            limit: paging::page_size(max_results, PARAMETER_LIST_LIMIT_MAX)?,
            next_token,
        })
    }
}

impl Operation for GetParameterHistory {
    const ACTION: Action = Action::GetParameterHistory;
    type Domain = Parameters;
    type Target = ManyTarget;
    type Reply = HistoryPage;

    fn parameters(&self) -> Fields {
        parameters([
            ("name", self.reference.to_string().into()),
            ("withDecryption", self.with_decryption.into()),
        ])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ManyTarget>, Fault> {
        let target = ManyTarget::resolve(domain, std::slice::from_ref(&self.reference), Self::ACTION).await?;
        if target.items.iter().all(|item| item.record.is_some()) {
            return Ok(Resolved::Found(target));
        }
        Ok(Resolved::Absent {
            needs: target.needs(),
            fault: not_found(&self.reference.to_string()),
        })
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<HistoryPage, Fault> {
        let item = permit.target().items.first();
        let found = item.and_then(|item| item.record.as_ref().map(|record| (record, &item.arn)));
        let (parameter, arn) = found.ok_or_else(|| not_found(&self.reference.to_string()))?;
        // A token belongs to one parameter.
        let list = parameter.uid.to_string();
        let foreign = |_| Fault::new(Code::InvalidPageToken, "The specified token isn't valid.");
        let after = self
            .next_token
            .as_deref()
            .map(|token| paging::decode::<u64>(&list, token));
        let after = after
            .transpose()
            .map_err(foreign)?
            .map(|number| parameter.uid.version(number));
        let prefix = parameter.uid.prefix();
        let page = domain
            .records
            .page::<VersionRecord>(&prefix, after.as_deref(), self.limit + 1)
            .await?;
        let more = page.len() > self.limit;
        let versions = Vec::from_iter(page.into_iter().take(self.limit).map(|(_, version)| version));
        let last = versions.last().filter(|_| more);
        let next_token = last.map(|version| paging::encode(&list, &version.number)).transpose()?;
        let labels = domain.labels(parameter.uid, &parameter.name).await?;
        let (context, decrypt) = (permit.context(), self.with_decryption);
        let open = |version: &Stored<VersionRecord>| {
            let version = version.clone();
            async move { domain.open(context, arn, &version.value, decrypt).await }
        };
        // All to their ends: see GetParameters.
        let values = join_all(versions.iter().map(open)).await;
        let values = values.into_iter().collect::<Result<Vec<_>, _>>()?;
        let row = |(version, value): (&Stored<VersionRecord>, Shown)| HistoryRow {
            name: parameter.name.to_string(),
            kind: parameter.kind,
            key: version.key.clone(),
            modified: version.modified,
            modified_by: version.modified_by.clone(),
            description: version.description.clone(),
            value,
            allowed_pattern: version.allowed_pattern.clone(),
            version: version.number,
            labels: labels.of(version.number),
            tier: version.tier,
            policies: version.policies.clone(),
            data_type: version.data_type,
        };
        Ok(HistoryPage {
            versions: versions.iter().zip(values).map(row).collect(),
            next_token,
        })
    }
}
