//! [`Network`]: an address, or a block of addresses (RFC 4632, RFC 4291).

use std::net::IpAddr;
use std::str::FromStr;

/// An address, or a block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    /// How many leading bits count.
    prefix: u32,
}

/// Not an address, nor a block of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotANetwork;

/// The bits before an IPv4 address in IPv6's clothes, `::ffff:0:0/96` (RFC 4291, section 2.5.5.2).
const MAPPED_BITS: u32 = 96;

impl Network {
    /// A block of IPv4 addresses in IPv6's clothes is one of IPv4 addresses, as addresses are for [`Self::contains`]. IPv4
    /// has no prefix as long as those clothes.
    fn to_canonical(self) -> Self {
        match (self.address.to_canonical(), self.prefix.checked_sub(MAPPED_BITS)) {
            (address @ IpAddr::V4(_), Some(prefix)) => Self { address, prefix },
            _ => self,
        }
    }

    /// How many leading bits its addresses have in common.
    pub(crate) fn prefix(&self) -> u32 {
        self.prefix
    }

    /// Whether its addresses are of IPv4.
    pub(crate) fn is_ipv4(&self) -> bool {
        self.address.is_ipv4()
    }

    /// Whether `address` is in it. An IPv4 address in IPv6's clothes is an IPv4 address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same_start(own.to_bits().into(), other.to_bits().into(), 32, self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => same_start(own.to_bits(), other.to_bits(), 128, self.prefix),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Whether two numbers of `width` bits agree in the first `prefix`.
fn same_start(one: u128, other: u128, width: u32, prefix: u32) -> bool {
    let ignored = width.saturating_sub(prefix);
    (one ^ other).checked_shr(ignored).unwrap_or(0) == 0
}

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (address, prefix) = match text.split_once('/') {
            None => (text, None),
            Some((address, prefix)) => (address, Some(prefix)),
        };
        let address: IpAddr = address.parse().map_err(|_| NotANetwork)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => width,
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| NotANetwork)?
            }
            Some(_) => return Err(NotANetwork),
        };
        let network = (prefix <= width).then_some(Self { address, prefix });
        network.map(Self::to_canonical).ok_or(NotANetwork)
    }
}

#[cfg(test)]
mod tests;
