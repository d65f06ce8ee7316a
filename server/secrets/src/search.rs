//! Lists of secrets, a page at a time, in the orders of the index: a page costs what it has, whatever the number of secrets.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strongroom_base::Fault;
use strongroom_base::limits::SECRET_LIST_LOOKS_MAX;
use strongroom_store::Stored;

use crate::filter::Filter;
use crate::index::Rank;
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
    /// The day on which a value was last read; secrets that were never read are the oldest.
    LastAccessedDate,
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
            "last-accessed-date" => Ok(Self::LastAccessedDate),
            "last-changed-date" => Ok(Self::LastChangedDate),
            "name" => Ok(Self::Name),
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

    /// What the names of all secrets of a list that is sorted by name begin with, where a filter says it: the list is then
    /// that part of the index.
    fn prefix(&self) -> &str {
        let mut prefixes = self.filters.iter().filter_map(Filter::name_prefix);
        match self.sort_by {
            SortBy::Name => prefixes.next().unwrap_or_default(),
            SortBy::CreatedDate | SortBy::LastAccessedDate | SortBy::LastChangedDate => "",
        }
    }

    fn wants(&self, secret: &SecretRecord, region: &str) -> bool {
        let visible = self.planned_deletion || secret.deletion.is_none();
        visible && self.filters.iter().all(|filter| filter.matches(secret, region))
    }

    fn token(&self, rank: &Rank) -> Result<String, Fault> {
        paging::encode(LIST, &(self.sort_by, self.order, rank))
    }
}

impl Secrets {
    /// The secrets of the page.
    pub(crate) async fn search(&self, search: &Search) -> Result<Found, Fault> {
        self.ready_index().await?;
        let region = self.scope().region();
        let (mut secrets, mut last_row) = (Vec::new(), None);
        let (mut position, mut looks) = (search.after.clone(), 0);
        let next = loop {
            let sorting = (search.sort_by, search.order);
            let ranks = self
                .index
                .after(sorting, search.prefix(), position.as_ref(), search.limit + 1);
            if ranks.is_empty() {
                break None;
            }
            // One row more than the page tells that there is another page.
            let mut is_full = false;
            for rank in ranks {
                looks += 1;
                // It may have gone since the index was asked.
                let found = self.records.find::<SecretRecord>(&rank.1).await?;
                if let Some(secret) = found.filter(|secret| search.wants(secret, region)) {
                    if secrets.len() == search.limit {
                        is_full = true;
                        break;
                    }
                    secrets.push(secret);
                    last_row = Some(rank.clone());
                }
                position = Some(rank);
            }
            if is_full {
                break last_row;
            }
            if looks >= SECRET_LIST_LOOKS_MAX {
                break position;
            }
        };
        let next_token = next.map(|rank| search.token(&rank)).transpose()?;
        Ok(Found { secrets, next_token })
    }
}
