//! ListSecrets: all secrets that filters choose, sorted, a page at a time. A page of a filtered list may have fewer rows than
//! asked for and go on all the same.

use strongroom_base::limits::SECRET_LIST_LIMIT_MAX;
use strongroom_base::{Action, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::filter::Filter;
use crate::op::describe_secret::SecretDescription;
use crate::op::parameters;
use crate::paging::page_size;
use crate::search::{Search, SortBy, SortOrder};
use crate::secrets::Secrets;
use crate::target::NoTarget;

/// The request.
pub struct ListSecrets {
    search: Search,
    planned_deletion: bool,
}

/// A page of secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretPage {
    /// The rows.
    pub secrets: Vec<SecretDescription>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

impl ListSecrets {
    /// A page of 1 to 100 secrets, 100 unless said otherwise.
    ///
    /// # Errors
    /// ValidationException for other numbers and too many filters, InvalidNextTokenException for a token that this
    /// service did not give, or gave for a list that is sorted otherwise.
    pub fn new(
        filters: Vec<Filter>,
        (sort_by, order): (SortBy, SortOrder),
        planned_deletion: bool,
        max_results: Option<i64>,
        next_token: Option<&str>,
    ) -> Result<Self, Fault> {
        let limit = page_size(max_results, SECRET_LIST_LIMIT_MAX)?;
        let search = Search::new(filters, (sort_by, order), limit, next_token)?;
        Ok(Self {
            search: search.with_planned_deletion(planned_deletion),
            planned_deletion,
        })
    }
}

impl Operation for ListSecrets {
    const ACTION: Action = Action::ListSecrets;
    type Domain = Secrets;
    type Target = NoTarget;
    type Reply = SecretPage;

    fn parameters(&self) -> Parameters {
        parameters([
            ("includePlannedDeletion", self.planned_deletion.into()),
            ("filters", self.search.filters().iter().map(Filter::parameter).collect()),
        ])
    }

    async fn resolve(&self, _: &Secrets) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget(&[Action::ListSecrets])))
    }

    async fn perform(self, _: Permit<Self>, secrets: &Secrets) -> Result<SecretPage, Fault> {
        let found = secrets.search(&self.search).await?;
        let rows = found
            .secrets
            .iter()
            .map(|record| SecretDescription::of(record, secrets));
        Ok(SecretPage {
            secrets: rows.collect(),
            next_token: found.next_token,
        })
    }
}
