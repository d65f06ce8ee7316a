//! [`Operator`]: how a condition compares, as IAM names it.

use std::cmp::Ordering;

use crate::condition_key::ValueType;

/// Over which of a request's values a condition goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Qualifier {
    /// Not said: one that compares is enough; of a negated operator none may.
    None,
    /// `ForAllValues:`: every one, and none at all is every one.
    ForAll,
    /// `ForAnyValue:`: at least one.
    ForAny,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// Texts, byte for byte.
    Text,
    /// Texts, whatever the case of their letters.
    TextIgnoringCase,
    /// Texts with wildcards.
    TextLike,
    /// ARNs, part by part with wildcards.
    Arn,
    /// Numbers: the request's value must stand so to the policy's.
    Number(Relation),
    /// Moments.
    Date(Relation),
    /// Truths.
    Bool,
    /// Bytes.
    Binary,
    /// Addresses and networks.
    Address,
    /// Whether there is a value.
    Null,
}

/// How the request's value stands to the policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    pub(crate) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// A condition operator with what may stand around its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) qualifier: Qualifier,
    pub(crate) family: Family,
    /// Whether it asks for the opposite: a value that does not compare, or no value.
    pub(crate) negated: bool,
    /// Whether it holds of requests without the key.
    pub(crate) if_exists: bool,
}

/// Name, family, and whether it is negated. Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
const OPERATORS: [(&str, Family, bool); 27] = [
    ("StringEquals", Family::Text, false),
    ("StringNotEquals", Family::Text, true),
    ("StringEqualsIgnoreCase", Family::TextIgnoringCase, false),
    ("StringNotEqualsIgnoreCase", Family::TextIgnoringCase, true),
    ("StringLike", Family::TextLike, false),
    ("StringNotLike", Family::TextLike, true),
    ("ArnEquals", Family::Arn, false),
    ("ArnLike", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnNotLike", Family::Arn, true),
    ("NumericEquals", Family::Number(Relation::Equal), false),
    ("NumericNotEquals", Family::Number(Relation::Equal), true),
    ("NumericLessThan", Family::Number(Relation::Less), false),
    ("NumericLessThanEquals", Family::Number(Relation::LessOrEqual), false),
    ("NumericGreaterThan", Family::Number(Relation::Greater), false),
    (
        "NumericGreaterThanEquals",
        Family::Number(Relation::GreaterOrEqual),
        false,
    ),
    ("DateEquals", Family::Date(Relation::Equal), false),
    ("DateNotEquals", Family::Date(Relation::Equal), true),
    ("DateLessThan", Family::Date(Relation::Less), false),
    ("DateLessThanEquals", Family::Date(Relation::LessOrEqual), false),
    ("DateGreaterThan", Family::Date(Relation::Greater), false),
    ("DateGreaterThanEquals", Family::Date(Relation::GreaterOrEqual), false),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::Address, false),
    ("NotIpAddress", Family::Address, true),
    ("Null", Family::Null, false),
];

impl Operator {
    /// Reads `[ForAllValues:|ForAnyValue:]Name[IfExists]`. `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (qualifier, rest) = match text.split_once(':') {
            None => (Qualifier::None, text),
            Some(("ForAllValues", rest)) => (Qualifier::ForAll, rest),
            Some(("ForAnyValue", rest)) => (Qualifier::ForAny, rest),
            Some(_) => return None,
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (_, family, negated) = OPERATORS.into_iter().find(|(known, ..)| *known == name)?;
        let is_bare = qualifier == Qualifier::None && !if_exists;
        (family != Family::Null || is_bare).then_some(Self {
            qualifier,
            family,
            negated,
            if_exists,
        })
    }
}

impl Family {
    /// Whether values of this type can be compared so. What cannot would never match, and a Deny would deny nothing.
    pub(crate) fn compares(self, value_type: ValueType) -> bool {
        match self {
            Self::Null => true,
            Self::Text | Self::TextIgnoringCase | Self::TextLike => {
                matches!(
                    value_type,
                    ValueType::Text | ValueType::Arn | ValueType::Bool | ValueType::Number
                )
            }
            Self::Arn => matches!(value_type, ValueType::Text | ValueType::Arn),
            Self::Number(_) => matches!(value_type, ValueType::Number | ValueType::Epoch),
            Self::Date(_) => matches!(value_type, ValueType::Date | ValueType::Epoch),
            Self::Bool => value_type == ValueType::Bool,
            Self::Binary => value_type == ValueType::Text,
            Self::Address => value_type == ValueType::Address,
        }
    }

    /// What a policy's value must be.
    pub(crate) fn expects(self) -> &'static str {
        match self {
            Self::Text | Self::TextIgnoringCase | Self::TextLike => "text",
            Self::Arn => "\"*\" or an ARN such as \"arn:aws:iam::123456789012:user/*\"",
            Self::Number(_) => "a number such as 90 or -1.5",
            Self::Date(_) => "a date such as \"2026-03-01T12:00:00Z\", or seconds since 1970",
            Self::Bool | Self::Null => "true or false",
            Self::Binary => "base64",
            Self::Address => "an address or a network such as \"192.0.2.0/24\" or \"2001:db8::/32\"",
        }
    }
}
