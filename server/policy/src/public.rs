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
const NARROWING: [KeyName; 15] = [
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
];

/// Addresses of an IPv4 network that is not most of the Internet: a /8.
const IPV4_ADDRESSES_MAX: u128 = 1 << 24;
/// The same of an IPv6 network: a /32.
const IPV6_ADDRESSES_MAX: u128 = 1 << 96;
/// The largest networks of a family that all networks of a condition may come to: many can be the whole Internet. Those of
/// RFC 1918 come to little more than one.
const LARGEST_NETWORKS_MAX: u128 = 4;
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
        Comparison::Networks(networks) => are_bounded(networks),
        Comparison::Numbers(..) | Comparison::Moments(..) | Comparison::Truths(_) | Comparison::Bytes(_) => false,
    }
}

fn are_bounded(networks: &[Network]) -> bool {
    let of_family = |is_ipv4: bool, bits: u32, most: u128| {
        let family = networks.iter().filter(|network| network.is_ipv4() == is_ipv4);
        let sizes = family.map(|network| 1_u128.checked_shl(bits - network.prefix()).unwrap_or(u128::MAX));
        sizes.clone().all(|size| size <= most) && sizes.fold(0, u128::saturating_add) <= LARGEST_NETWORKS_MAX * most
    };
    of_family(true, u32::BITS, IPV4_ADDRESSES_MAX) && of_family(false, u128::BITS, IPV6_ADDRESSES_MAX)
}

#[cfg(test)]
mod tests;
