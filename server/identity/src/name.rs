//! [`Name`]: what a client certificate can call its holder.

use std::fmt;
use std::str::FromStr;

use crate::fault::IdentityFault;

/// A subject alternative name that identifies a caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Name {
    /// A URI, such as `spiffe://strongroom.local/developer`; compared byte for byte.
    Uri(Box<str>),
    /// A host name, in lower case: letters of either case are the same (RFC 4343).
    Dns(Box<str>),
}

impl Name {
    /// The name with this URI.
    #[must_use]
    pub fn uri(text: &str) -> Self {
        Self::Uri(text.into())
    }

    /// The name with this host name.
    #[must_use]
    pub fn dns(text: &str) -> Self {
        Self::Dns(text.to_ascii_lowercase().into())
    }
}

impl FromStr for Name {
    type Err = IdentityFault;

    /// Reads `uri:...` or `dns:...`, as the configuration writes names. A URL that carries credentials is refused without
    /// repeating them: names are in certificates, logs and audit records, for everybody to read.
    fn from_str(text: &str) -> Result<Self, IdentityFault> {
        if let Some(shown) = without_credentials(text) {
            return Err(IdentityFault::Credentials { shown });
        }
        let name = match text.split_once(':') {
            Some(("uri", uri)) if is_uri(uri) => Some(Self::uri(uri)),
            Some(("dns", dns)) if is_host_name(dns) => Some(Self::dns(dns)),
            _ => None,
        };
        name.ok_or_else(|| IdentityFault::NotAName { found: text.to_owned() })
    }
}

impl fmt::Display for Name {
    /// A name from a certificate may hold anything: what cannot be printed is escaped.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(text) => write!(formatter, "uri:{}", text.escape_debug()),
            Self::Dns(text) => write!(formatter, "dns:{}", text.escape_debug()),
        }
    }
}

/// A scheme and something after it, in printable ASCII (RFC 3986): anything else could never match a certificate.
fn is_uri(text: &str) -> bool {
    let scheme_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let parts = text.split_once(':');
    parts.is_some_and(|(scheme, rest)| !scheme.is_empty() && scheme.bytes().all(scheme_byte) && !rest.is_empty())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The text without the user information (RFC 3986 section 3.2.1) of a URL in it; `None` if it has none.
fn without_credentials(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    let (_credentials, host) = authority.rsplit_once('@')?;
    Some(format!("{scheme}://{host}{path}"))
}

/// Labels of letters, digits, `-` and `_`. No wildcards: a name identifies one caller.
fn is_host_name(text: &str) -> bool {
    let label_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() <= 253
        && text
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63 && label.bytes().all(label_byte))
}
