//! [`Channel`]: how a request came in, as far as policies may ask.

use std::net::IpAddr;
use std::sync::Arc;

/// How a request came in. That of a background job says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Channel {
    /// The listener's name in the configuration (`aws:SourceVpce`).
    pub listener: Option<Arc<str>>,
    /// The caller's address (`aws:SourceIp`).
    pub address: Option<IpAddr>,
    /// Whether it is encrypted (`aws:SecureTransport`).
    pub encrypted: bool,
}
