//! strongroomd's configuration file and policy documents, written by fixtures.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use crate::authority::{Authority, client_uri};
use crate::software_token::SoftwareToken;
use crate::{HarnessFault, private_file};

/// The account of development and test installations.
pub const ACCOUNT: &str = "000000000000";
/// The region of development and test installations.
pub const REGION: &str = "local-1";

/// The whole file, in the service's own terms.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Configuration {
    version: u32,
    data_directory: PathBuf,
    scope: Scope,
    token: Token,
    grpc: Grpc,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Metrics>,
    quotas: BTreeMap<&'static str, u32>,
    principal: Vec<Principal>,
}

#[derive(Debug, Clone, Serialize)]
struct Scope {
    region: &'static str,
    account: &'static str,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Token {
    profile: &'static str,
    library: PathBuf,
    label: String,
    pin_file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_directory: Option<PathBuf>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Grpc {
    listen: SocketAddr,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ca: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plaintext_loopback_principal: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Metrics {
    listen: SocketAddr,
}

#[derive(Debug, Clone, Serialize)]
struct Principal {
    arn: String,
    names: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<PathBuf>,
}

/// How callers reach the service.
pub enum Door<'a> {
    /// Mutual TLS with an authority's certificates.
    MutualTls(&'a Authority),
    /// No TLS, on loopback: everybody is this client. For measurements.
    Plaintext(&'a str),
}

impl Configuration {
    /// A service on `listen` with its data in `directory/data`, this token, and nobody who may call it yet.
    #[must_use]
    pub fn new(directory: &Path, token: &SoftwareToken, listen: SocketAddr, door: &Door<'_>) -> Self {
        Self {
            version: 1,
            data_directory: directory.join("data"),
            scope: Scope {
                region: REGION,
                account: ACCOUNT,
            },
            token: Token {
                profile: token.kind().profile(),
                library: token.library().to_owned(),
                label: token.label().to_owned(),
                pin_file: token.pin_file(),
                sync_directory: token.sync_directory(),
            },
            grpc: Grpc::new(listen, door),
            metrics: None,
            // AWS's quotas are for accounts that share hardware. Measurements and tests have theirs to themselves.
            quotas: BTreeMap::from([("others", 0)]),
            principal: Vec::new(),
        }
    }

    /// Lets an account make so many requests a second of each class; 0 sets no limit.
    #[must_use]
    pub fn with_quota(mut self, requests_per_second: u32) -> Self {
        self.quotas.insert("others", requests_per_second);
        self
    }

    /// Adds the client `name`, whose policy document is in `policy`, if it has one.
    #[must_use]
    pub fn with_principal(mut self, name: &str, policy: Option<PathBuf>) -> Self {
        let names = vec![format!("uri:{}", client_uri(name))];
        self.principal.push(Principal {
            arn: principal_arn(name),
            names,
            policy,
        });
        self
    }

    /// Serves metrics on `listen` too.
    #[must_use]
    pub fn with_metrics(mut self, listen: SocketAddr) -> Self {
        self.metrics = Some(Metrics { listen });
        self
    }

    /// Writes the file.
    ///
    /// # Errors
    /// [`HarnessFault::File`].
    pub fn write(&self, file: &Path) -> Result<(), HarnessFault> {
        let text = toml::to_string(self)
            .map_err(|error| HarnessFault::refused(error.to_string(), "paths must be valid UTF-8"))?;
        private_file::write(file, text.as_bytes())
    }
}

impl Grpc {
    fn new(listen: SocketAddr, door: &Door<'_>) -> Self {
        let closed = Self {
            listen,
            certificate: None,
            private_key: None,
            client_ca: None,
            plaintext_loopback_principal: None,
        };
        match door {
            Door::MutualTls(authority) => Self {
                certificate: Some(authority.certificate("server")),
                private_key: Some(authority.private_key("server")),
                client_ca: Some(authority.certificate("ca")),
                ..closed
            },
            Door::Plaintext(name) => Self {
                plaintext_loopback_principal: Some(principal_arn(name)),
                ..closed
            },
        }
    }
}

/// The ARN of the client `name`.
#[must_use]
pub fn principal_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// Writes a policy document with one Allow statement for `actions` on `resources`.
///
/// # Errors
/// [`HarnessFault::File`].
pub fn write_policy(file: &Path, actions: &[&str], resources: &[&str]) -> Result<(), HarnessFault> {
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "Allowed", "Effect": "Allow", "Action": actions, "Resource": resources }],
    });
    private_file::write(file, format!("{document:#}\n").as_bytes())
}
