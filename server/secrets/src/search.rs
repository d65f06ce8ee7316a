//! A walk over all secrets that keeps one page: memory is bounded by the page, whatever the number of secrets.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::limits::SECRET_WALK_PAGE;
use strongroom_base::{Code, Fault};
use strongroom_store::Stored;

use crate::filter::Filter;
use crate::record::SecretRecord;
use crate::secrets::Secrets;
use crate::{constraint, paging};

/// What a list is sorted by. Secrets that are equal in it come in the order of their names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SortBy {
    /// When the secret was made.
    #[default]
    CreatedDate,
    /// When the secret last changed.
    LastChangedDate,
    /// The name.
    Name,
}

impl FromStr for SortBy {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        match text {
            "created-date" => Ok(Self::CreatedDate),
            "last-changed-date" => Ok(Self::LastChangedDate),
            "name" => Ok(Self::Name),
            // Refused rather than sorted by something else: when a value was read is on the audit trail alone.
            "last-accessed-date" => Err(Fault::new(
                Code::InvalidParameter,
                "This service does not sort by last-accessed-date: it records access on the audit trail only.",
            )),
            _ => Err(constraint::broken(
                "sortBy",
                "Member must satisfy enum value set: [name, created-date, last-accessed-date, last-changed-date]",
            )),
        }
    }
}

/// The direction of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SortOrder {
    /// Smallest or oldest first.
    Asc,
    /// Greatest or newest first.
    #[default]
    Desc,
}

impl FromStr for SortOrder {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        match text {
            "asc" => Ok(Self::Asc),
            "desc" => Ok(Self::Desc),
            _ => Err(constraint::broken(
                "sortOrder",
                "Member must satisfy enum value set: [asc, desc]",
            )),
        }
    }
}

/// A list of secrets, one page at a time.
pub(crate) struct Search {
    filters: Vec<Filter>,
    planned_deletion: bool,
    sort_by: SortBy,
    order: SortOrder,
    limit: usize,
    after: Option<Rank>,
}

/// A secret's place in a sorted list. Names are unique, so no two are the same.
type Rank = (i64, String);

const LIST: &str = "secrets";

/// A page of a search.
pub(crate) struct Found {
    pub(crate) secrets: Vec<Stored<SecretRecord>>,
    pub(crate) next_token: Option<String>,
}

impl Search {
    /// A search that begins, or goes on at `token`, which must be from a search that is sorted alike.
    pub(crate) fn new(
        filters: Vec<Filter>,
        (sort_by, order): (SortBy, SortOrder),
        limit: usize,
        token: Option<&str>,
    ) -> Result<Self, Fault> {
        Filter::check_count(&filters)?;
        paging::check_length(token)?;
        let position = token
            .map(|token| paging::decode::<(SortBy, SortOrder, Rank)>(LIST, token))
            .transpose()?;
        if position
            .as_ref()
            .is_some_and(|(by, direction, _)| (*by, *direction) != (sort_by, order))
        {
            return Err(paging::foreign());
        }
        let after = position.map(|(_, _, rank)| rank);
        Ok(Self {
            filters,
            planned_deletion: false,
            sort_by,
            order,
            limit,
            after,
        })
    }

    /// The same, with secrets in their recovery window.
    pub(crate) fn with_planned_deletion(self, planned_deletion: bool) -> Self {
        Self {
            planned_deletion,
            ..self
        }
    }

    pub(crate) fn filters(&self) -> &[Filter] {
        &self.filters
    }

    fn rank(&self, secret: &SecretRecord) -> Rank {
        let date = match self.sort_by {
            SortBy::CreatedDate => secret.created.as_millis(),
            SortBy::LastChangedDate => secret.changed.as_millis(),
            SortBy::Name => 0,
        };
        (date, secret.name.to_string())
    }

    fn wants(&self, secret: &SecretRecord, rank: &Rank, region: &str) -> bool {
        let ahead = self.after.as_ref().is_none_or(|after| match self.order {
            SortOrder::Asc => rank > after,
            SortOrder::Desc => rank < after,
        });
        let visible = self.planned_deletion || secret.deletion.is_none();
        ahead && visible && self.filters.iter().all(|filter| filter.matches(secret, region))
    }
}

impl Secrets {
    /// Walks over all secrets and keeps those of the page.
    pub(crate) async fn search(&self, search: &Search) -> Result<Found, Fault> {
        let region = self.scope().region();
        let mut kept = BTreeMap::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .records
                .page::<SecretRecord>("", after.as_deref(), SECRET_WALK_PAGE)
                .await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (_, secret) in page {
                let rank = search.rank(&secret);
                if search.wants(&secret, &rank, region) {
                    kept.insert(rank, secret);
                }
                // One more than the page, to know whether there is another.
                if kept.len() > search.limit + 1 {
                    match search.order {
                        SortOrder::Asc => kept.pop_last(),
                        SortOrder::Desc => kept.pop_first(),
                    };
                }
            }
        }
        let more = kept.len() > search.limit;
        let mut rows: Vec<_> = match search.order {
            SortOrder::Asc => kept.into_iter().collect(),
            SortOrder::Desc => kept.into_iter().rev().collect(),
        };
        rows.truncate(search.limit);
        let last = rows
            .last()
            .filter(|_| more)
            .map(|(rank, _)| (search.sort_by, search.order, rank));
        let next_token = last.map(|position| paging::encode(LIST, &position)).transpose()?;
        Ok(Found {
            secrets: rows.into_iter().map(|(_, secret)| secret).collect(),
            next_token,
        })
    }
}
