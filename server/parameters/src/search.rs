//! A walk over a part of the hierarchy that reads nothing else, and as much of it as one page asks for.

use strongroom_base::limits::{PARAMETER_ARN_LENGTH_MAX, PARAMETER_WALK_PAGE, PARAMETERS_EXAMINED_PER_PAGE_MAX};
use strongroom_base::{Code, Fault, paging};
use strongroom_store::Stored;

use crate::filter::Filter;
use crate::label::Label;
use crate::name::ParameterPath;
use crate::parameters::{Parameters, is_absence};
use crate::record::ParameterRecord;

/// A list of parameters, one page at a time.
pub(crate) struct Search {
    /// What the ids of the records begin with that the list is about; none begins with another.
    ranges: Vec<String>,
    filters: Vec<Filter>,
    limit: usize,
    after: Option<Position>,
}

/// A range, and the last id in it that was looked at.
type Position = (String, String);

const LIST: &str = "parameters";

/// A page: parameters, each with the number of the version that is meant.
pub(crate) struct Found {
    pub(crate) parameters: Vec<(Stored<ParameterRecord>, u64)>,
    pub(crate) next_token: Option<String>,
}

impl Search {
    /// All parameters that the filters choose.
    pub(crate) fn of_all(filters: Vec<Filter>, limit: usize, token: Option<&str>) -> Result<Self, Fault> {
        let ranges = filters.iter().find_map(Filter::ranges);
        Self::over(ranges.unwrap_or_else(|| vec![String::new()]), filters, limit, token)
    }

    /// The parameters of one level, or of all below it too.
    pub(crate) fn of_path(
        (path, recursive): (&ParameterPath, bool),
        filters: Vec<Filter>,
        limit: usize,
        token: Option<&str>,
    ) -> Result<Self, Fault> {
        let below = recursive.then(|| path.below());
        let ranges = std::iter::once(path.level()).chain(below).collect();
        Self::over(ranges, filters, limit, token)
    }

    fn over(mut ranges: Vec<String>, filters: Vec<Filter>, limit: usize, token: Option<&str>) -> Result<Self, Fault> {
        // In order, what begins with another comes right after it.
        ranges.sort_unstable();
        ranges.dedup_by(|next, one| next.starts_with(one.as_str()));
        let foreign = || Fault::new(Code::InvalidPageToken, "The specified token isn't valid.");
        let after = token.map(|token| paging::decode::<Position>(LIST, token).map_err(|_| foreign()));
        let after = after.transpose()?;
        let fits = |(range, id): &Position| ranges.contains(range) && id.starts_with(range.as_str()) && is_id(id);
        if after.as_ref().is_some_and(|after| !fits(after)) {
            return Err(foreign());
        }
        Ok(Self {
            ranges,
            filters,
            limit,
            after,
        })
    }

    pub(crate) fn filters(&self) -> &[Filter] {
        &self.filters
    }
}

/// Whether a text can be the id of a parameter's record; those in tokens come from outside.
fn is_id(text: &str) -> bool {
    (1..=PARAMETER_ARN_LENGTH_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Parameters {
    /// Reads one page.
    pub(crate) async fn search(&self, search: &Search) -> Result<Found, Fault> {
        let mut found = Vec::new();
        let mut examined = 0;
        let mut position = search.after.clone();
        let begin = position.as_ref().map(|(range, _)| range.clone());
        let begun = search
            .ranges
            .iter()
            .skip_while(|range| begin.as_ref().is_some_and(|begin| begin != *range));
        for range in begun {
            let mut after = position
                .as_ref()
                .filter(|(of, _)| of == range)
                .map(|(_, id)| id.clone());
            // The first look reads what a page without filters needs.
            let mut chunk = search.limit.saturating_add(1).min(PARAMETER_WALK_PAGE);
            loop {
                let page = self
                    .records
                    .page::<ParameterRecord>(range, after.as_deref(), chunk)
                    .await?;
                let more = page.len() == chunk;
                for (id, parameter) in page {
                    if let Some(version) = self.chosen(search, &parameter).await? {
                        if found.len() == search.limit {
                            return page_of(found, position);
                        }
                        found.push((parameter, version));
                    }
                    examined += 1;
                    after = Some(id.clone());
                    position = Some((range.clone(), id));
                }
                // Before the next range too: many short ones are as much as a long one.
                if examined >= PARAMETERS_EXAMINED_PER_PAGE_MAX {
                    return page_of(found, position);
                }
                if !more {
                    break;
                }
                chunk = PARAMETER_WALK_PAGE;
            }
        }
        page_of(found, None)
    }

    /// The version of a parameter that the list is about, if it is about the parameter at all.
    async fn chosen(&self, search: &Search, parameter: &ParameterRecord) -> Result<Option<u64>, Fault> {
        if !search.filters.iter().all(|filter| filter.matches(parameter)) {
            return Ok(None);
        }
        let Some(wanted) = search.filters.iter().find_map(Filter::labels) else {
            return Ok(Some(parameter.version));
        };
        let labels = match self.labels(parameter.uid, &parameter.name).await {
            Ok(labels) => labels,
            // It went meanwhile.
            Err(fault) if is_absence(fault.code()) => return Ok(None),
            Err(fault) => return Err(fault),
        };
        let mut held = wanted
            .iter()
            .filter_map(|label| labels.0.get(&Label::parse(label)?).copied());
        Ok(held.next())
    }
}

fn page_of(parameters: Vec<(Stored<ParameterRecord>, u64)>, next: Option<Position>) -> Result<Found, Fault> {
    Ok(Found {
        parameters,
        next_token: next.map(|next| paging::encode(LIST, &next)).transpose()?,
    })
}
