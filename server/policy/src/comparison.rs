//! [`Comparison`]: the values of a condition, ready to be compared.

use std::borrow::Cow;
use std::net::IpAddr;

use data_encoding::BASE64;
use strongroom_base::Timestamp;

use crate::document::Language;
use crate::fault::PolicyFault;
use crate::glob::Case;
use crate::json::Node;
use crate::moment;
use crate::network::Network;
use crate::operator::{Family, Relation};
use crate::pattern::is_resource;
use crate::request::Request;
use crate::template::{InDoubt, Template, Wildcards};
use crate::value::Value;

/// The values of a condition, of which one must compare.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Comparison {
    Texts(Box<[Template]>),
    Arns(Box<[Box<[Template]>]>),
    Numbers(Relation, Box<[f64]>),
    Moments(Relation, Box<[Timestamp]>),
    Truths(Box<[bool]>),
    Bytes(Box<[Box<[u8]>]>),
    Networks(Box<[Network]>),
}

/// Numbers come from digits, so none of them is not a number.
impl Eq for Comparison {}

impl Comparison {
    /// Reads the values: one, or a list.
    pub(crate) fn parse(family: Family, value: Node<'_>, language: Language) -> Result<Self, PolicyFault> {
        let texts = |case, wildcards| {
            each(family, value, |item, text| {
                Template::parse(item, text, (wildcards, case), language).map(Some)
            })
        };
        Ok(match family {
            Family::Text => Self::Texts(texts(Case::Matters, Wildcards::No)?),
            Family::TextIgnoringCase => Self::Texts(texts(Case::Ignored, Wildcards::No)?),
            Family::TextLike => Self::Texts(texts(Case::Matters, Wildcards::Yes)?),
            Family::Arn => Self::Arns(each(family, value, |item, text| parse_arn(item, text, language))?),
            Family::Number(relation) => Self::Numbers(relation, each(family, value, |_, text| Ok(parse_number(text)))?),
            Family::Date(relation) => Self::Moments(relation, each(family, value, |_, text| Ok(moment::parse(text)))?),
            Family::Bool | Family::Null => Self::Truths(each(family, value, |_, text| Ok(text.parse().ok()))?),
            Family::Binary => Self::Bytes(each(family, value, |_, text| {
                Ok(BASE64.decode(text.as_bytes()).ok().map(Into::into))
            })?),
            Family::Address => Self::Networks(each(family, value, |_, text| Ok(text.parse().ok()))?),
        })
    }

    /// Whether the request's value compares with one of these.
    pub(crate) fn matches(&self, value: &Value<'_>, request: &dyn Request, in_doubt: InDoubt) -> bool {
        match self {
            Self::Texts(patterns) => {
                let text = value.text();
                patterns.iter().any(|pattern| pattern.matches(&text, request, in_doubt))
            }
            Self::Arns(patterns) => {
                let text = value.text();
                patterns
                    .iter()
                    .any(|parts| arn_matches(parts, &text, request, in_doubt))
            }
            Self::Numbers(relation, numbers) => number_of(value).is_some_and(|own| {
                let mut orderings = numbers.iter().filter_map(|number| own.partial_cmp(number));
                orderings.any(|ordering| relation.holds(ordering))
            }),
            Self::Moments(relation, moments) => {
                moment_of(value).is_some_and(|own| moments.iter().any(|moment| relation.holds(own.cmp(moment))))
            }
            Self::Truths(truths) => truth_of(value).is_some_and(|own| truths.contains(&own)),
            Self::Bytes(texts) => texts.iter().any(|bytes| **bytes == *value.text().as_bytes()),
            Self::Networks(networks) => {
                address_of(value).is_some_and(|own| networks.iter().any(|network| network.contains(own)))
            }
        }
    }

    /// Of `Null`: whether `absent` is what is asked for.
    pub(crate) fn wants_absence(&self, absent: bool) -> bool {
        matches!(self, Self::Truths(truths) if truths.contains(&absent))
    }
}

/// Compiles one value or each of a list. Numbers and truths may stand without quotes, as in IAM.
fn each<T>(
    family: Family,
    value: Node<'_>,
    read: impl Fn(Node<'_>, &str) -> Result<Option<T>, PolicyFault>,
) -> Result<Box<[T]>, PolicyFault> {
    let items = value.items()?;
    if items.is_empty() {
        return Err(PolicyFault::Empty {
            place: value.place(),
            name: "a condition's value",
        });
    }
    let compiled = items.into_iter().map(|item| {
        let text: Cow<'_, str> = item.scalar()?.ok_or_else(|| PolicyFault::WrongType {
            place: item.place(),
            name: "a condition's value",
            expected: "a string, a number, true, false, or a list of those",
        })?;
        read(item, &text)?.ok_or_else(|| PolicyFault::ConditionValue {
            place: item.place(),
            expected: family.expects(),
            found: text.into_owned(),
        })
    });
    compiled.collect()
}

/// The six parts of an ARN, compared one by one: a `*` does not stand for a colon before the last of them.
fn parse_arn(item: Node<'_>, text: &str, language: Language) -> Result<Option<Box<[Template]>>, PolicyFault> {
    if !is_resource(text) {
        return Ok(None);
    }
    let whole = crate::pattern::arn_template(item, text, language)?;
    if text == "*" {
        return Ok(Some(Box::new([whole])));
    }
    let parts = text.splitn(6, ':');
    let compiled = parts.map(|part| Template::parse(item, part, (Wildcards::Yes, Case::Matters), language));
    compiled.collect::<Result<_, _>>().map(Some)
}

fn arn_matches(patterns: &[Template], text: &str, request: &dyn Request, in_doubt: InDoubt) -> bool {
    if let [all] = patterns {
        return all.matches(text, request, in_doubt);
    }
    let mut parts = text.splitn(6, ':');
    let mut patterns = patterns.iter();
    patterns.all(|pattern| {
        parts
            .next()
            .is_some_and(|part| pattern.matches(part, request, in_doubt))
    })
}

/// Digits, perhaps with a sign before and a fraction behind.
fn parse_number(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let fits = text.len() <= NUMBER_LENGTH_MAX && digits(whole) && digits(fraction);
    fits.then(|| text.parse().ok()).flatten()
}

/// Characters of a number: more than a comparison could tell apart.
const NUMBER_LENGTH_MAX: usize = 16;

fn number_of(value: &Value<'_>) -> Option<f64> {
    match value {
        Value::Text(text) => parse_number(text),
        #[expect(clippy::cast_precision_loss, reason = "days, lengths and seconds are far below 2^53")]
        Value::Number(number) => Some(*number as f64),
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
        Value::Moment(moment) => Some(moment.as_millis().div_euclid(1_000) as f64),
        Value::Bool(_) | Value::Address(_) => None,
    }
}

fn moment_of(value: &Value<'_>) -> Option<Timestamp> {
    match value {
        Value::Text(text) => moment::parse(text),
        Value::Number(seconds) => seconds.checked_mul(1_000).map(Timestamp),
        Value::Moment(moment) => Some(*moment),
        Value::Bool(_) | Value::Address(_) => None,
    }
}

fn truth_of(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Text(text) => text.parse().ok(),
        Value::Bool(truth) => Some(*truth),
        Value::Number(_) | Value::Moment(_) | Value::Address(_) => None,
    }
}

fn address_of(value: &Value<'_>) -> Option<IpAddr> {
    match value {
        Value::Text(text) => text.parse().ok(),
        Value::Address(address) => Some(*address),
        Value::Bool(_) | Value::Number(_) | Value::Moment(_) => None,
    }
}
