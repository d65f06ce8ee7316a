//! DescribeParameters: all parameters that filters choose, without their values.

use strongroom_base::limits::PARAMETER_LIST_LIMIT_MAX;
use strongroom_base::{Action, Arn, Fault, ParameterDataType, ParameterTier, ParameterType, Scope, Timestamp, paging};
use strongroom_gate::{Operation, Parameters as Fields, Permit, Resolved};

use crate::filter::{Filter, List, WrittenFilter};
use crate::op::parameters;
use crate::parameters::Parameters;
use crate::policies::ParameterPolicy;
use crate::record::ParameterRecord;
use crate::search::Search;
use crate::target::NoTarget;

/// The request.
pub struct DescribeParameters {
    search: Search,
}

/// A page of parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterPage {
    /// The rows.
    pub parameters: Vec<ParameterDescription>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

/// A parameter without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterDescription {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: Arn,
    /// What it holds.
    pub kind: ParameterType,
    /// Its key, as it was named; of a secure parameter.
    pub key: Option<String>,
    /// When its newest version was made.
    pub modified: Timestamp,
    /// Who made it.
    pub modified_by: Arn,
    /// Its description.
    pub description: Option<String>,
    /// What its values must fit.
    pub allowed_pattern: Option<String>,
    /// The number of its newest version.
    pub version: u64,
    /// Standard or advanced.
    pub tier: ParameterTier,
    /// What happens to it as time passes.
    pub policies: Vec<ParameterPolicy>,
    /// What its values are checked for.
    pub data_type: ParameterDataType,
}

impl ParameterDescription {
    fn of(parameter: &ParameterRecord, scope: &Scope) -> Self {
        Self {
            name: parameter.name.to_string(),
            arn: parameter.name.arn(scope),
            kind: parameter.kind,
            key: parameter.key.clone(),
            modified: parameter.modified,
            modified_by: parameter.modified_by.clone(),
            description: parameter.description.clone(),
            allowed_pattern: parameter.allowed_pattern.clone(),
            version: parameter.version,
            tier: parameter.tier,
            policies: parameter.policies.clone(),
            data_type: parameter.data_type,
        }
    }
}

impl DescribeParameters {
    /// A page of 1 to 50 parameters, 50 unless said otherwise.
    ///
    /// # Errors
    /// ValidationException for fields that break AWS's rules, InvalidFilterKey, InvalidFilterOption and InvalidFilterValue for
    /// filters that do, InvalidNextToken for a token of another list.
    pub fn new(filters: Vec<WrittenFilter>, max_results: Option<i64>, next_token: Option<&str>) -> Result<Self, Fault> {
        let filters = Filter::parse_all(filters, List::All)?;
        let limit = paging::page_size(max_results, PARAMETER_LIST_LIMIT_MAX)?;
        Ok(Self {
            search: Search::of_all(filters, limit, next_token)?,
        })
    }
}

impl Operation for DescribeParameters {
    const ACTION: Action = Action::DescribeParameters;
    type Domain = Parameters;
    type Target = NoTarget;
    type Reply = ParameterPage;

    fn parameters(&self) -> Fields {
        let filters = self.search.filters().iter().map(Filter::parameter).collect();
        parameters([("parameterFilters", filters)])
    }

    async fn resolve(&self, _: &Parameters) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget(Self::ACTION)))
    }

    async fn perform(self, _: Permit<Self>, domain: &Parameters) -> Result<ParameterPage, Fault> {
        let found = domain.search(&self.search).await?;
        let rows = found.parameters.iter();
        Ok(ParameterPage {
            parameters: rows
                .map(|(parameter, _)| ParameterDescription::of(parameter, domain.scope()))
                .collect(),
            next_token: found.next_token,
        })
    }
}
