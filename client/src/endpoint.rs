//! [`Endpoint`]: where the service is, checked before anything is sent there.

use std::fmt;
use std::str::FromStr;

use url::{Host, Url};

/// The service's address: `https://HOST:PORT`, or `http://` on this machine only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(Url);

/// An address that is refused. No text repeats the address: it may carry a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointFault {
    /// Not a URL.
    #[error("the endpoint is not a URL ({0}); write it as https://HOST:PORT")]
    Malformed(url::ParseError),
    /// `user:password@`: they would end up in logs and process lists.
    #[error(
        "the endpoint carries a user name or password; remove them: clients are identified by their certificate alone"
    )]
    Credentials,
    /// Neither https nor http.
    #[error("the endpoint's scheme is {0:?}; use https")]
    Scheme(String),
    /// http to another machine: everything would be readable on the way.
    #[error("the endpoint uses http to {0}; use https: http is for this machine only (127.0.0.1, [::1], localhost)")]
    Plaintext(String),
    /// A path, query or fragment.
    #[error("the endpoint has a path, query or fragment; write it as https://HOST:PORT")]
    Path,
}

impl Endpoint {
    /// Whether the connection is encrypted and authenticated.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> String {
        match self.0.host() {
            Some(Host::Domain(name)) => name.to_owned(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(address)) => address.to_string(),
            None => String::new(),
        }
    }

    /// The port; the scheme's own when the address has none.
    pub(crate) fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or_default()
    }

    /// The address as text, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl FromStr for Endpoint {
    type Err = EndpointFault;

    fn from_str(text: &str) -> Result<Self, EndpointFault> {
        let url = Url::parse(text).map_err(EndpointFault::Malformed)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointFault::Credentials);
        }
        let host = url.host().ok_or(EndpointFault::Malformed(url::ParseError::EmptyHost))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(EndpointFault::Plaintext(host.to_string())),
            other => return Err(EndpointFault::Scheme(other.to_owned())),
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointFault::Path);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests;
