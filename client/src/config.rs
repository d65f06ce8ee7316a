//! [`ClientConfig`]: where the service is and which certificates to show and trust; from code or from a TOML file.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::endpoint::{Endpoint, EndpointFault};

/// Time that a call may take, with all its tries, unless the configuration says otherwise.
pub const CALL_DEADLINE_DEFAULT: Duration = Duration::from_secs(10);
/// The version of the configuration file that this library reads.
const FILE_VERSION: u32 = 1;

/// What a client must know before it can call.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Where the service is.
    pub endpoint: Endpoint,
    /// The certificates; required for https, unused for http.
    pub tls: Option<TlsFiles>,
    /// The name that the server's certificate must have, if it is not the endpoint's host.
    pub server_name: Option<String>,
    /// Time that a call may take, with all its tries. The service allows 60 seconds at most.
    pub call_deadline: Duration,
}

/// PEM files of mutual TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The authorities that may have signed the server's certificate.
    pub certificate_authority: PathBuf,
    /// The client's certificate, with its chain.
    pub certificate: PathBuf,
    /// The client's private key.
    pub private_key: PathBuf,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigFault {
    /// The file, or a PEM file that it names, cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Not TOML, an unknown field, or a field of the wrong type.
    #[error("{} is not a client configuration: {place}{message}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Line and column, where there are any.
        place: String,
        /// What is wrong there, in one line.
        message: String,
    },
    /// Written for another version of the library.
    #[error("{} has version = {found}; this client reads version = 1", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// What it says.
        found: u32,
    },
    /// The endpoint is refused.
    #[error(transparent)]
    Endpoint(#[from] EndpointFault),
    /// https without certificates.
    #[error("an https endpoint needs ca, certificate and private-key in the client's configuration")]
    CertificatesMissing,
    /// A PEM file without what it should hold.
    #[error("{} has no {missing} in PEM", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        missing: &'static str,
    },
    /// The certificates are not what they should be, or do not belong together.
    #[error("the certificates cannot be used: {0}; check that certificate and private-key belong together")]
    Certificates(tokio_rustls::rustls::Error),
    /// A name that no certificate can have.
    #[error("{0:?} is not a server's name; set server-name to a name in the server's certificate")]
    ServerName(String),
    /// The transport refuses the endpoint.
    #[error("the endpoint cannot be used: {0}")]
    Transport(tonic::transport::Error),
}

impl ClientConfig {
    /// A configuration for this endpoint, without certificates, with the default deadline.
    ///
    /// # Errors
    /// [`EndpointFault`] if the address is refused.
    pub fn new(endpoint: &str) -> Result<Self, EndpointFault> {
        Ok(Self {
            endpoint: endpoint.parse()?,
            tls: None,
            server_name: None,
            call_deadline: CALL_DEADLINE_DEFAULT,
        })
    }

    /// Reads a TOML file. Paths in it are relative to the file's folder.
    ///
    /// # Errors
    /// [`ConfigFault`] naming the file, and line and column where there is one.
    pub fn from_file(path: &Path) -> Result<Self, ConfigFault> {
        let text = fs::read_to_string(path).map_err(|cause| ConfigFault::Unreadable {
            path: path.to_owned(),
            cause,
        })?;
        let file: File = toml::from_str(&text).map_err(|cause| ConfigFault::Malformed {
            path: path.to_owned(),
            place: cause.span().map_or_else(String::new, |span| place(&text, span.start)),
            message: cause.message().trim_end().replace('\n', "; "),
        })?;
        if file.version != FILE_VERSION {
            return Err(ConfigFault::Version {
                path: path.to_owned(),
                found: file.version,
            });
        }
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        Ok(Self {
            tls: file.tls(folder),
            server_name: file.server_name,
            ..Self::new(&file.endpoint)?
        })
    }
}

/// Line and column of a byte of the text, both counted from 1.
fn place(text: &str, byte: usize) -> String {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("line {line}, column {column}: ")
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    version: u32,
    endpoint: String,
    ca: Option<PathBuf>,
    certificate: Option<PathBuf>,
    private_key: Option<PathBuf>,
    server_name: Option<String>,
}

impl File {
    /// All three or none: one that is missing is reported when https needs it.
    fn tls(&self, folder: &Path) -> Option<TlsFiles> {
        Some(TlsFiles {
            certificate_authority: folder.join(self.ca.as_ref()?),
            certificate: folder.join(self.certificate.as_ref()?),
            private_key: folder.join(self.private_key.as_ref()?),
        })
    }
}

#[cfg(test)]
mod tests;
