//! [`Draft`]: what a parameter will be after a PutParameter, from the request and what there was.

use strongroom_base::limits::{PARAMETER_ADVANCED_VALUE_BYTES_MAX, PARAMETER_VALUE_BYTES_MAX};
use strongroom_base::{Code, Fault, ParameterDataType, ParameterTier, ParameterType, Timestamp};

use crate::data_type;
use crate::key::NamedKey;
use crate::op::PutParameter;
use crate::pattern::Pattern;
use crate::policies::{self, ParameterPolicy};
use crate::record::ParameterRecord;
use crate::value::Value;

/// A parameter to be. What the request does not say stays as it was, the key excepted: without one it is the service's own.
pub(crate) struct Draft {
    pub(crate) kind: ParameterType,
    pub(crate) data_type: ParameterDataType,
    pub(crate) tier: ParameterTier,
    pub(crate) description: Option<String>,
    pub(crate) allowed_pattern: Option<String>,
    pub(crate) key: Option<NamedKey>,
    pub(crate) policies: Vec<ParameterPolicy>,
}

impl Draft {
    /// What the request makes of `before`, at `now`. With `full` there is no place for another standard parameter.
    ///
    /// # Errors
    /// What AWS refuses: another type, a lower tier, a value that is too long or does not fit, policies without their tier.
    pub(crate) fn of(
        request: &PutParameter,
        before: Option<&ParameterRecord>,
        now: Timestamp,
        full: bool,
    ) -> Result<Self, Fault> {
        let kind = kind(request.kind, before)?;
        if request.key.is_some() && kind != ParameterType::SecureString {
            return Err(invalid("KeyId is required for SecureString type parameter only."));
        }
        let kept = before.map_or(ParameterDataType::Text, |before| before.data_type);
        let data_type = request.data_type.unwrap_or(kept);
        let policies = match (&request.policies, before) {
            (Some((_, given)), _) => {
                policies::check_future(given, now)?;
                given.clone()
            }
            (None, before) => before.map_or_else(Vec::new, |before| policies::renewed(&before.policies)),
        };
        let length = request.value.len();
        let advanced =
            length > PARAMETER_VALUE_BYTES_MAX || !policies.is_empty() || data_type::needs_advanced(data_type);
        let needs_advanced = advanced || (full && before.is_none());
        let tier = tier(request.tier, before.map(|before| before.tier), needs_advanced)?;
        check_tier(tier, length, &policies)?;
        data_type::check_tier(data_type, tier)?;
        data_type::check(data_type, kind, &request.value)?;
        let allowed_pattern = pattern(request.pattern.as_ref(), before, &request.value)?;
        let key = (kind == ParameterType::SecureString).then(|| request.key.clone().unwrap_or_else(NamedKey::own));
        let described = before.and_then(|before| before.description.clone());
        let description = request.description.clone().map_or(described, Some);
        Ok(Self {
            kind,
            data_type,
            tier,
            description: description.filter(|description| !description.is_empty()),
            allowed_pattern,
            key,
            policies,
        })
    }
}

fn kind(asked: Option<ParameterType>, before: Option<&ParameterRecord>) -> Result<ParameterType, Fault> {
    match (asked, before.map(|before| before.kind)) {
        (None, None) => Err(invalid("A parameter type is required when you create a parameter.")),
        (Some(asked), Some(kept)) if asked != kept => Err(Fault::new(
            Code::HierarchyTypeMismatch,
            format!(
                "Parameter Store doesn't support changing a parameter type in a hierarchy. You can't change a parameter from \
                 a {kept} type to a {asked} type. You must create a new, unique parameter."
            ),
        )),
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
    }
}

fn tier(
    asked: Option<ParameterTier>,
    kept: Option<ParameterTier>,
    needs_advanced: bool,
) -> Result<ParameterTier, Fault> {
    use ParameterTier::{Advanced, IntelligentTiering, Standard};
    match (asked, kept) {
        (Some(Standard), Some(Advanced)) => Err(invalid(
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter \
             tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a \
             standard parameter. Be aware that standard parameters have a value limit of 4096 characters.",
        )),
        (Some(Advanced), _) | (None | Some(IntelligentTiering), Some(Advanced)) => Ok(Advanced),
        (Some(IntelligentTiering), _) if needs_advanced => Ok(Advanced),
        (_, _) => Ok(Standard),
    }
}

fn check_tier(tier: ParameterTier, length: usize, policies: &[ParameterPolicy]) -> Result<(), Fault> {
    match tier {
        ParameterTier::Advanced if length > PARAMETER_ADVANCED_VALUE_BYTES_MAX => Err(invalid(
            "Advanced tier parameters support a maximum parameter value of 8192 characters.",
        )),
        ParameterTier::Advanced => Ok(()),
        ParameterTier::Standard | ParameterTier::IntelligentTiering if length > PARAMETER_VALUE_BYTES_MAX => {
            Err(invalid(
                "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter \
             value, upgrade the parameter to use the advanced-parameter tier.",
            ))
        }
        ParameterTier::Standard | ParameterTier::IntelligentTiering if !policies.is_empty() => Err(invalid(
            "Standard tier parameters don't support parameter policies. To use policies, upgrade the parameter to use the \
             advanced-parameter tier.",
        )),
        ParameterTier::Standard | ParameterTier::IntelligentTiering => Ok(()),
    }
}

/// Checks the value against the pattern of the request, or against the one that there is.
fn pattern(asked: Option<&Pattern>, before: Option<&ParameterRecord>, value: &Value) -> Result<Option<String>, Fault> {
    let kept = before.and_then(|before| before.allowed_pattern.clone());
    let compiled;
    let pattern = match (asked, kept) {
        (Some(asked), _) => asked,
        (None, Some(kept)) => {
            compiled = Pattern::parse(kept)?;
            &compiled
        }
        (None, None) => return Ok(None),
    };
    pattern.check(value)?;
    Ok(Some(pattern.as_str().to_owned()).filter(|pattern| !pattern.is_empty()))
}

fn invalid(message: &'static str) -> Fault {
    Fault::new(Code::Validation, message)
}
