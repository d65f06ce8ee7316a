//! [`Filter`]: which parameters a list is about.

use serde_json::{Value, json};
use strongroom_base::limits::{PARAMETER_FILTER_VALUE_LENGTH_MAX, PARAMETER_FILTER_VALUES_MAX, PARAMETER_FILTERS_MAX};
use strongroom_base::{Code, Fault, ParameterTier, ParameterType};

use crate::constraint;
use crate::name::ParameterPath;
use crate::record::ParameterRecord;

/// What a list takes filters for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    /// DescribeParameters.
    All,
    /// GetParametersByPath.
    ByPath,
}

/// What a filter looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
enum FilterKey {
    Name,
    Type,
    KeyId,
    Path,
    Tier,
    DataType,
    Label,
    Tag(String),
}

/// How it compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    BeginsWith,
    Contains,
    Recursive,
    OneLevel,
}

impl Comparison {
    const ALL: [Self; 5] = [
        Self::BeginsWith,
        Self::Contains,
        Self::Equals,
        Self::OneLevel,
        Self::Recursive,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Equals => "Equals",
            Self::BeginsWith => "BeginsWith",
            Self::Contains => "Contains",
            Self::Recursive => "Recursive",
            Self::OneLevel => "OneLevel",
        }
    }
}

/// Chooses parameters that fit one of its values. Several filters must all fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    key: FilterKey,
    comparison: Comparison,
    values: Vec<String>,
}

/// A filter as a request has it: key, option and values.
pub type WrittenFilter = (String, Option<String>, Vec<String>);

impl Filter {
    /// The filters of a request.
    ///
    /// # Errors
    /// ValidationException for what the model does not allow; InvalidFilterKey, InvalidFilterOption and InvalidFilterValue for
    /// what this list does not, and for a key that comes twice.
    pub(crate) fn parse_all(written: Vec<WrittenFilter>, list: List) -> Result<Vec<Self>, Fault> {
        constraint::length("parameterFilters", written.len(), 0, PARAMETER_FILTERS_MAX)?;
        let mut filters = Vec::<Self>::with_capacity(written.len());
        for (key, option, values) in written {
            let filter = Self::parse(&key, option.as_deref(), values, list)?;
            if filters.iter().any(|other| other.key == filter.key) {
                return Err(Fault::new(
                    Code::InvalidFilterKey,
                    format!(
                        "The following filter key is duplicated in the request: {key}. A request can contain only one \
                         instance of a specific filter."
                    ),
                ));
            }
            filters.push(filter);
        }
        Ok(filters)
    }

    fn parse(key: &str, option: Option<&str>, values: Vec<String>, list: List) -> Result<Self, Fault> {
        let parsed = parse_key(key, list)?;
        let comparison = parse_option(&parsed, option, list)?;
        if values.is_empty() && !matches!(parsed, FilterKey::Tag(_)) {
            return Err(Fault::new(
                Code::InvalidFilterValue,
                format!("The following filter values are missing : null for filter key {key}"),
            ));
        }
        constraint::length(
            "parameterFilters.member.values",
            values.len(),
            0,
            PARAMETER_FILTER_VALUES_MAX,
        )?;
        for value in &values {
            let length = value.chars().count();
            constraint::length(
                "parameterFilters.member.values",
                length,
                1,
                PARAMETER_FILTER_VALUE_LENGTH_MAX,
            )?;
            check_value(&parsed, comparison, value)?;
        }
        Ok(Self {
            key: parsed,
            comparison,
            values,
        })
    }

    /// The filter for the audit record.
    pub(crate) fn parameter(&self) -> Value {
        json!({"key": self.key.name(), "option": self.comparison.name(), "values": self.values})
    }

    /// The labels that the versions of a list must have one of.
    pub(crate) fn labels(&self) -> Option<&[String]> {
        (self.key == FilterKey::Label).then_some(&self.values)
    }

    /// What the ids of the records that can fit begin with; `None` where any can.
    pub(crate) fn ranges(&self) -> Option<Vec<String>> {
        let of = |value: &String| match self.key {
            FilterKey::Path => Some(self.levels(value)),
            FilterKey::Name => named_like(value, self.comparison),
            _ => None,
        };
        let ranges: Option<Vec<_>> = self.values.iter().map(of).collect();
        ranges.map(|ranges| ranges.concat()).filter(|ranges| !ranges.is_empty())
    }

    pub(crate) fn matches(&self, parameter: &ParameterRecord) -> bool {
        let compare = |held: &str| self.values.iter().any(|value| self.compares(held, value));
        match &self.key {
            FilterKey::Name => self
                .values
                .iter()
                .any(|value| self.names(parameter.name.as_str(), value)),
            FilterKey::Type => compare(parameter.kind.as_str()),
            FilterKey::KeyId => parameter.key.as_deref().is_some_and(compare),
            FilterKey::Tier => compare(parameter.tier.as_str()),
            FilterKey::DataType => compare(parameter.data_type.as_str()),
            FilterKey::Tag(key) => {
                let mut held = parameter.tags.pairs().filter(|(name, _)| name == key);
                held.any(|(_, value)| self.values.is_empty() || compare(value))
            }
            FilterKey::Path => {
                let id = parameter.name.id();
                let mut levels = self.values.iter().flat_map(|value| self.levels(value));
                levels.any(|level| id.starts_with(&level))
            }
            // Labels are on versions.
            FilterKey::Label => true,
        }
    }

    /// What the ids of the records of a path begin with.
    fn levels(&self, path: &str) -> Vec<String> {
        let Ok(path) = ParameterPath::parse(path) else {
            return Vec::new();
        };
        let below = (self.comparison == Comparison::Recursive).then(|| path.below());
        std::iter::once(path.level()).chain(below).collect()
    }

    /// A name with a slash before it is the same as without.
    fn names(&self, name: &str, value: &str) -> bool {
        let name = format!("/{}", name.trim_start_matches('/'));
        match self.comparison {
            Comparison::Equals => name.trim_start_matches('/') == value.trim_start_matches('/'),
            Comparison::Contains => name.contains(value),
            _ if value.starts_with('/') => name.starts_with(value),
            _ => name.trim_start_matches('/').starts_with(value),
        }
    }

    fn compares(&self, held: &str, value: &str) -> bool {
        match self.comparison {
            Comparison::Equals => held == value,
            Comparison::BeginsWith => held.starts_with(value),
            Comparison::Contains => held.contains(value),
            Comparison::Recursive | Comparison::OneLevel => false,
        }
    }
}

impl FilterKey {
    fn name(&self) -> String {
        match self {
            Self::Name => "Name".to_owned(),
            Self::Type => "Type".to_owned(),
            Self::KeyId => "KeyId".to_owned(),
            Self::Path => "Path".to_owned(),
            Self::Tier => "Tier".to_owned(),
            Self::DataType => "DataType".to_owned(),
            Self::Label => "Label".to_owned(),
            Self::Tag(key) => format!("tag:{key}"),
        }
    }
}

fn parse_key(key: &str, list: List) -> Result<FilterKey, Fault> {
    let parsed = match key {
        "Name" => FilterKey::Name,
        "Type" => FilterKey::Type,
        "KeyId" => FilterKey::KeyId,
        "Path" => FilterKey::Path,
        "Tier" => FilterKey::Tier,
        "DataType" => FilterKey::DataType,
        "Label" => FilterKey::Label,
        other => match other.strip_prefix("tag:") {
            Some(tag) if !tag.is_empty() && other.chars().count() <= 132 => FilterKey::Tag(tag.to_owned()),
            Some(_) | None => {
                let rule = "Member must satisfy regular expression pattern: \
                            ^(tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$";
                return Err(constraint::broken("parameterFilters.member.key", rule));
            }
        },
    };
    let by_path = matches!(parsed, FilterKey::Type | FilterKey::KeyId | FilterKey::Label);
    let (fits, valid) = match list {
        List::All => (
            parsed != FilterKey::Label,
            "DataType, KeyId, Name, Path, Tier, Type, tag:",
        ),
        List::ByPath => (by_path, "KeyId, Label, Type"),
    };
    if fits {
        return Ok(parsed);
    }
    Err(Fault::new(
        Code::InvalidFilterKey,
        format!("The following filter key is not valid: {key}. Valid filter keys include: [{valid}]"),
    ))
}

fn parse_option(key: &FilterKey, option: Option<&str>, list: List) -> Result<Comparison, Fault> {
    use Comparison::{BeginsWith, Contains, Equals, OneLevel, Recursive};
    let valid: &[Comparison] = match (key, list) {
        (FilterKey::Path, _) => &[OneLevel, Recursive],
        (FilterKey::Label, _) => &[Equals],
        (FilterKey::Name, List::All) => &[Equals, BeginsWith, Contains],
        (_, _) => &[Equals, BeginsWith],
    };
    let Some(option) = option else {
        return Ok(valid.first().copied().unwrap_or(Equals));
    };
    constraint::length("parameterFilters.member.option", option.chars().count(), 1, 10)?;
    let found = Comparison::ALL
        .into_iter()
        .find(|comparison| comparison.name() == option);
    found.filter(|found| valid.contains(found)).ok_or_else(|| {
        let valid = Vec::from_iter(valid.iter().map(|comparison| comparison.name())).join(", ");
        Fault::new(
            Code::InvalidFilterOption,
            format!("The following filter option is not valid: {option}. Valid options include: [{valid}]"),
        )
    })
}

fn check_value(key: &FilterKey, comparison: Comparison, value: &str) -> Result<(), Fault> {
    let refused = |valid: String| {
        Err(Fault::new(
            Code::InvalidFilterValue,
            format!("The following filter value is not valid: {value}. Valid values include: [{valid}]"),
        ))
    };
    match (key, comparison) {
        (FilterKey::Type, Comparison::Equals) if value.parse::<ParameterType>().is_err() => {
            refused(Vec::from_iter(ParameterType::ALL.iter().map(|kind| kind.as_str())).join(", "))
        }
        (FilterKey::Tier, Comparison::Equals) if value.parse::<ParameterTier>().is_err() => {
            refused(Vec::from_iter(ParameterTier::ALL.iter().map(|tier| tier.as_str())).join(", "))
        }
        (FilterKey::Path, _) => ParameterPath::parse(value).map(drop),
        (_, _) => Ok(()),
    }
}

/// What the ids of parameters begin with that a filter by name can choose: those of the name's level, and where the name goes
/// on those of the levels that begin with it.
fn named_like(value: &str, comparison: Comparison) -> Option<Vec<String>> {
    let name = format!("/{}", value.trim_start_matches('/'));
    let (level, last) = name.rsplit_once('/').unwrap_or_default();
    let level = format!("{level}:{last}");
    match comparison {
        Comparison::Equals => Some(vec![level]),
        Comparison::BeginsWith => Some(vec![level, name]),
        Comparison::Contains | Comparison::Recursive | Comparison::OneLevel => None,
    }
}

#[cfg(test)]
mod tests;
