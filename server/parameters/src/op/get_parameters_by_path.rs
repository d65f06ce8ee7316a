//! GetParametersByPath: the parameters of one level, or of all below it, with their values.
//!
//! As with AWS the permission is asked on the path alone: whoever may read a path recursively reads all that is below it,
//! whatever is denied there. A policy that wants it otherwise denies the action with `ssm:Recursive`.

use futures_util::future::join_all;
use strongroom_base::limits::PARAMETERS_BY_PATH_LIMIT_MAX;
use strongroom_base::{Action, Fault, paging};
use strongroom_gate::{Need, Operation, Parameters as Fields, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};
use strongroom_store::Stored;

use crate::conditions::truth;
use crate::fetch::ParameterValue;
use crate::filter::{Filter, List, WrittenFilter};
use crate::name::ParameterPath;
use crate::op::parameters;
use crate::parameters::{Parameters, is_absence};
use crate::record::ParameterRecord;
use crate::reference::Selector;
use crate::search::Search;
use crate::target::PathTarget;

/// The fields of the request, as a wire has them.
#[derive(Default)]
pub struct PathRequest {
    /// The level.
    pub path: String,
    /// Whether all levels below it too.
    pub recursive: bool,
    /// Keys, options and values.
    pub filters: Vec<WrittenFilter>,
    /// Whether secure values are decrypted.
    pub with_decryption: bool,
    /// Rows of the page, 1 to 10; 10 unless said.
    pub max_results: Option<i64>,
    /// Where the page begins.
    pub next_token: Option<String>,
}

/// The request.
pub struct GetParametersByPath {
    path: ParameterPath,
    recursive: bool,
    search: Search,
    with_decryption: bool,
}

/// A page of parameters with their values.
pub struct ValuePage {
    /// The rows.
    pub values: Vec<ParameterValue>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

impl GetParametersByPath {
    /// A page of the parameters below a path.
    ///
    /// # Errors
    /// ValidationException for fields that break AWS's rules, InvalidFilterKey, InvalidFilterOption and InvalidFilterValue for
    /// filters that do, InvalidNextToken for a token of another list.
    pub fn new(request: PathRequest) -> Result<Self, Fault> {
        let path = ParameterPath::parse(&request.path)?;
        let filters = Filter::parse_all(request.filters, List::ByPath)?;
        let limit = paging::page_size(request.max_results, PARAMETERS_BY_PATH_LIMIT_MAX)?;
        let part = (&path, request.recursive);
        let search = Search::of_path(part, filters, limit, request.next_token.as_deref())?;
        Ok(Self {
            search,
            path,
            recursive: request.recursive,
            with_decryption: request.with_decryption,
        })
    }
}

impl Operation for GetParametersByPath {
    const ACTION: Action = Action::GetParametersByPath;
    type Domain = Parameters;
    type Target = PathTarget;
    type Reply = ValuePage;

    fn parameters(&self) -> Fields {
        parameters([
            ("path", self.path.as_str().into()),
            ("recursive", self.recursive.into()),
            ("withDecryption", self.with_decryption.into()),
            (
                "parameterFilters",
                self.search.filters().iter().map(Filter::parameter).collect(),
            ),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::ParameterRecursive) => truth(self.recursive),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<PathTarget>, Fault> {
        Ok(Resolved::Found(PathTarget::new(domain, &self.path, Self::ACTION)))
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<ValuePage, Fault> {
        let found = domain.search(&self.search).await?;
        let context = permit.context();
        let by_label = self.search.filters().iter().any(|filter| filter.labels().is_some());
        let fetch = |(parameter, version): (Stored<ParameterRecord>, u64)| async move {
            let selector = by_label.then_some(Selector::Version(version));
            let fetched = domain
                .fetch(context, &parameter, selector.as_ref(), self.with_decryption)
                .await;
            fetched.map(|value| ParameterValue {
                selector: None,
                ..value
            })
        };
        let mut values = Vec::with_capacity(found.parameters.len());
        for fetched in join_all(found.parameters.into_iter().map(fetch)).await {
            match fetched {
                Ok(value) => values.push(value),
                // It went while the page was read.
                Err(fault) if is_absence(fault.code()) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(ValuePage {
            values,
            next_token: found.next_token,
        })
    }
}
