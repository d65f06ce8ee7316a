//! Which conditions keep an Allow for everybody from being public.
//!
//! AWS asks an automated reasoner (Zelkova). This looks at how a condition is written, and errs on the side of public: a
//! condition narrows only if the request must have the key, and every value that the policy accepts is fixed: no wildcard,
//! no policy variable. Source of keys and bounds: Amazon S3 User Guide, "The meaning of 'public'", to which the Secrets
//! Manager User Guide refers.

use crate::comparison::Comparison;
use crate::condition_key::{ConditionKey, KeyName};
use crate::network::Network;
use crate::operator::{Operator, Qualifier};
use crate::template::Template;

/// The keys of which fixed values stand for known accounts, organisations, principals or networks.
const NARROWING: [KeyName; 16] = [
    KeyName::CallerAccount,
    KeyName::PrincipalAccount,
    KeyName::PrincipalArn,
    KeyName::PrincipalOrgId,
    KeyName::PrincipalOrgPaths,
    KeyName::SourceAccount,
    KeyName::SourceArn,
    KeyName::SourceIp,
    KeyName::SourceOrgId,
    KeyName::SourceVpc,
    KeyName::SourceVpcArn,
    KeyName::SourceVpce,
    KeyName::UserId,
    KeyName::VpceAccount,
    KeyName::VpceOrgId,
    KeyName::VpcSourceIp,
];

/// Leading bits of an IPv4 network that is not most of the Internet.
const IPV4_PREFIX_MIN: u32 = 8;
/// The same of an IPv6 network.
const IPV6_PREFIX_MIN: u32 = 32;
/// The place of the account among the parts of an ARN.
const ARN_ACCOUNT: usize = 4;

/// Whether a condition lets in known accounts, principals or networks alone.
pub(crate) fn narrows(operator: Operator, key: &ConditionKey, comparison: &Comparison) -> bool {
    // These hold of requests without the key, or of all values but some.
    let is_open = operator.negated || operator.if_exists || operator.qualifier == Qualifier::ForAll;
    !is_open && key.name().is_some_and(|name| NARROWING.contains(&name)) && accepts_known_values(comparison)
}

/// The values are alternatives, so each must be known.
fn accepts_known_values(comparison: &Comparison) -> bool {
    match comparison {
        Comparison::Texts(texts) => texts.iter().all(Template::is_fixed_text),
        // Which principals of a known account are meant may be left open.
        Comparison::Arns(arns) => arns
            .iter()
            .all(|parts| parts.get(ARN_ACCOUNT).is_some_and(Template::is_fixed_text)),
        Comparison::Networks(networks) => networks.iter().all(is_bounded),
        Comparison::Numbers(..) | Comparison::Moments(..) | Comparison::Truths(_) | Comparison::Bytes(_) => false,
    }
}

fn is_bounded(network: &Network) -> bool {
    network.prefix()
        >= if network.is_ipv4() {
            IPV4_PREFIX_MIN
        } else {
            IPV6_PREFIX_MIN
        }
}

#[cfg(test)]
mod tests;
