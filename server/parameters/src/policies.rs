//! [`ParameterPolicy`]: what is to happen to an advanced parameter as time passes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use strongroom_base::limits::{PARAMETER_POLICIES_LENGTH_MAX, PARAMETER_POLICIES_MAX, PARAMETER_POLICY_DAYS_MAX};
use strongroom_base::{Code, Fault, Timestamp};
use strongroom_policy::moment;

use crate::constraint;

/// One policy of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterPolicy {
    /// The policy as it was written: JSON.
    pub text: String,
    /// What it says.
    pub kind: PolicyKind,
    /// Whether it was applied.
    pub status: PolicyStatus,
}

/// What a policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PolicyKind {
    /// The parameter is deleted.
    Expiration {
        /// When.
        at: Timestamp,
    },
    /// Somebody is told that the parameter will expire.
    ExpirationNotification {
        /// How many hours before it does.
        before_hours: u32,
    },
    /// Somebody is told that the parameter has not changed.
    NoChangeNotification {
        /// For how many hours.
        after_hours: u32,
    },
}

/// How far a policy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PolicyStatus {
    /// Its time has not come.
    Pending,
    /// It was applied.
    Finished,
}

impl PolicyStatus {
    /// AWS's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Finished => "Finished",
        }
    }
}

impl PolicyKind {
    /// AWS's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expiration { .. } => "Expiration",
            Self::ExpirationNotification { .. } => "ExpirationNotification",
            Self::NoChangeNotification { .. } => "NoChangeNotification",
        }
    }
}

impl ParameterPolicy {
    /// When it is to be applied, to a parameter that expires and was last changed then; `None` when it was.
    pub(crate) fn due(&self, expires: Option<Timestamp>, changed: Timestamp) -> Option<Timestamp> {
        let pending = self.status == PolicyStatus::Pending;
        let due = match self.kind {
            PolicyKind::Expiration { at } => Some(at),
            PolicyKind::ExpirationNotification { before_hours } => {
                expires.map(|at| Timestamp(at.0.saturating_sub(millis(before_hours))))
            }
            PolicyKind::NoChangeNotification { after_hours } => {
                Some(changed.plus(Duration::from_secs(u64::from(after_hours) * 3_600)))
            }
        };
        due.filter(|_| pending)
    }
}

fn millis(hours: u32) -> i64 {
    i64::from(hours) * 3_600_000
}

/// When a parameter with these policies expires.
pub(crate) fn expires(policies: &[ParameterPolicy]) -> Option<Timestamp> {
    policies.iter().find_map(|policy| match policy.kind {
        PolicyKind::Expiration { at } => Some(at),
        PolicyKind::ExpirationNotification { .. } | PolicyKind::NoChangeNotification { .. } => None,
    })
}

/// When the first of these policies is to be applied.
pub(crate) fn next_due(policies: &[ParameterPolicy], changed: Timestamp) -> Option<Timestamp> {
    let expires = expires(policies);
    policies.iter().filter_map(|policy| policy.due(expires, changed)).min()
}

/// The policies of a parameter whose value changes now: what waits for a change begins to wait again.
pub(crate) fn renewed(policies: &[ParameterPolicy]) -> Vec<ParameterPolicy> {
    let renew = |policy: &ParameterPolicy| match policy.kind {
        PolicyKind::NoChangeNotification { .. } => ParameterPolicy {
            status: PolicyStatus::Pending,
            ..policy.clone()
        },
        PolicyKind::Expiration { .. } | PolicyKind::ExpirationNotification { .. } => policy.clone(),
    };
    policies.iter().map(renew).collect()
}

/// The policies of a request; none for an empty list or an empty policy, which take away those that there are.
///
/// # Errors
/// ValidationException for a text of another length; PoliciesLimitExceededException, InvalidPolicyTypeException,
/// InvalidPolicyAttributeException and IncompatiblePolicyException as their names say.
pub(crate) fn parse(text: &str) -> Result<Vec<ParameterPolicy>, Fault> {
    constraint::length("policies", text.chars().count(), 1, PARAMETER_POLICIES_LENGTH_MAX)?;
    let malformed = |cause: serde_json::Error| {
        Fault::new(
            Code::InvalidPolicyAttribute,
            format!("The policies are not a JSON array of policies: {cause}."),
        )
    };
    if text.trim() == "{}" {
        return Ok(Vec::new());
    }
    let written: Vec<&RawValue> = serde_json::from_str(text).map_err(malformed)?;
    if written.len() > PARAMETER_POLICIES_MAX {
        return Err(Fault::new(
            Code::PoliciesLimitExceeded,
            format!(
                "You specified more than the maximum number of allowed policies for the parameter. The maximum is \
                 {PARAMETER_POLICIES_MAX}."
            ),
        ));
    }
    let given = written.into_iter().filter(|policy| !is_empty(policy));
    let policies = given.map(parse_one).collect::<Result<Vec<_>, _>>()?;
    check_together(&policies)?;
    Ok(policies)
}

fn is_empty(policy: &RawValue) -> bool {
    policy.get().split_whitespace().collect::<String>() == "{}"
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Written {
    r#type: String,
    version: String,
    attributes: Attributes,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Attributes {
    timestamp: Option<String>,
    before: Option<String>,
    after: Option<String>,
    unit: Option<String>,
}

fn parse_one(policy: &RawValue) -> Result<ParameterPolicy, Fault> {
    let written: Written = serde_json::from_str(policy.get())
        .map_err(|cause| attribute(&format!("A policy is not as policies are: {cause}.")))?;
    if written.version != "1.0" {
        return Err(attribute(&format!(
            "The policy version {} isn't supported. The version is 1.0.",
            written.version
        )));
    }
    let Attributes {
        timestamp,
        before,
        after,
        unit,
    } = written.attributes;
    let kind = match (written.r#type.as_str(), timestamp, before, after, unit) {
        ("Expiration", Some(at), None, None, None) => PolicyKind::Expiration { at: parse_moment(&at)? },
        ("ExpirationNotification", None, Some(before), None, Some(unit)) => PolicyKind::ExpirationNotification {
            before_hours: parse_period(&before, &unit)?,
        },
        ("NoChangeNotification", None, None, Some(after), Some(unit)) => PolicyKind::NoChangeNotification {
            after_hours: parse_period(&after, &unit)?,
        },
        ("Expiration", ..) => return Err(wants("Expiration", "Timestamp")),
        ("ExpirationNotification", ..) => return Err(wants("ExpirationNotification", "Before and Unit")),
        ("NoChangeNotification", ..) => return Err(wants("NoChangeNotification", "After and Unit")),
        (other, ..) => {
            return Err(Fault::new(
                Code::InvalidPolicyType,
                format!(
                    "The policy type {other} isn't supported. Parameter Store supports the following policy types: \
                     Expiration, ExpirationNotification, and NoChangeNotification."
                ),
            ));
        }
    };
    Ok(ParameterPolicy {
        text: policy.get().to_owned(),
        kind,
        status: PolicyStatus::Pending,
    })
}

fn parse_moment(text: &str) -> Result<Timestamp, Fault> {
    let moment = text.contains('T').then(|| moment::parse(text)).flatten();
    moment.ok_or_else(|| {
        attribute(&format!(
            "The Timestamp {text} isn't valid. Write it in ISO 8601, for example 2030-12-02T21:34:33.000Z."
        ))
    })
}

/// Hours of a period in days or hours.
fn parse_period(text: &str, unit: &str) -> Result<u32, Fault> {
    let hours_of_one = match unit {
        "Days" => 24,
        "Hours" => 1,
        other => {
            return Err(attribute(&format!(
                "The Unit {other} isn't valid. Valid units are Days and Hours."
            )));
        }
    };
    let hours = text
        .parse::<u32>()
        .ok()
        .and_then(|number| number.checked_mul(hours_of_one));
    let fits = |hours: &u32| (1..=PARAMETER_POLICY_DAYS_MAX * 24).contains(hours);
    hours.filter(fits).ok_or_else(|| {
        attribute(&format!(
            "The period {text} {unit} isn't valid. It is a whole number, at least 1, and at most \
             {PARAMETER_POLICY_DAYS_MAX} days."
        ))
    })
}

fn check_together(policies: &[ParameterPolicy]) -> Result<(), Fault> {
    let count = |name: &str| policies.iter().filter(|policy| policy.kind.name() == name).count();
    let conflict = |why: &'static str| Err(Fault::new(Code::IncompatiblePolicy, why));
    if count("Expiration") > 1 {
        return conflict(
            "There is a conflict in the policies specified for this parameter. You can't specify two Expiration policies \
             for a parameter. Review your policies, and try again.",
        );
    }
    if count("ExpirationNotification") > 0 && count("Expiration") == 0 {
        return conflict(
            "There is a conflict in the policies specified for this parameter. An ExpirationNotification policy needs an \
             Expiration policy. Review your policies, and try again.",
        );
    }
    Ok(())
}

/// Refuses an expiration that is over already.
pub(crate) fn check_future(policies: &[ParameterPolicy], now: Timestamp) -> Result<(), Fault> {
    match expires(policies) {
        Some(at) if at <= now => Err(attribute(
            "The Timestamp of an Expiration policy must be in the future.",
        )),
        Some(_) | None => Ok(()),
    }
}

fn wants(kind: &str, attributes: &str) -> Fault {
    attribute(&format!(
        "A policy of type {kind} has the attribute {attributes}, and no other."
    ))
}

fn attribute(why: &str) -> Fault {
    Fault::new(
        Code::InvalidPolicyAttribute,
        format!("A policy attribute or its value is invalid. {why}"),
    )
}
