//! What the configuration file may say, field by field. Unknown fields are refused.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use strongroom_base::Arn;

/// The whole file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct File {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// Where store, audit trail and state are kept.
    pub(super) data_directory: PathBuf,
    pub(super) scope: Scope,
    pub(super) token: Token,
    pub(super) grpc: Grpc,
    pub(super) metrics: Option<Metrics>,
    #[serde(default)]
    pub(super) keys: Keys,
    /// Requests a second of one account, by class of operations; AWS's defaults unless said otherwise, 0 for no limit.
    #[serde(default)]
    pub(super) quotas: BTreeMap<String, f64>,
    #[serde(default)]
    pub(super) principal: Vec<Principal>,
}

/// What ARNs say of this installation.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Scope {
    #[serde(default = "aws")]
    pub(super) partition: String,
    pub(super) region: String,
    /// Twelve digits.
    pub(super) account: String,
}

fn aws() -> String {
    "aws".to_owned()
}

/// The keys of the key service.
#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Keys {
    /// Encryptions of a key's current material after which the key rotates by itself.
    pub(super) rotate_after_invocations: Option<u64>,
}

/// The token.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Token {
    /// Which kind of token, such as `softhsm2`.
    pub(super) profile: String,
    /// The PKCS#11 module; where it is installed by default unless said otherwise.
    pub(super) library: Option<PathBuf>,
    /// The label that the token was initialised with.
    pub(super) label: String,
    /// A file that holds the user PIN and that its owner alone can read.
    pub(super) pin_file: PathBuf,
    /// Where a software token keeps its files.
    pub(super) sync_directory: Option<PathBuf>,
}

/// The gRPC listener.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Grpc {
    /// What policies call the listener (`aws:SourceVpce`).
    #[serde(default = "grpc")]
    pub(super) name: String,
    /// Address and port; port 0 takes any free one.
    pub(super) listen: SocketAddr,
    /// The server's certificate chain.
    pub(super) certificate: Option<PathBuf>,
    /// The server's private key.
    pub(super) private_key: Option<PathBuf>,
    /// The authorities whose client certificates count.
    pub(super) client_ca: Option<PathBuf>,
    /// Instead of the three above: no encryption, no identity check, loopback alone.
    pub(super) plaintext_loopback_principal: Option<Arn>,
}

fn grpc() -> String {
    "grpc".to_owned()
}

/// The metrics listener: plain HTTP, no identity check, nothing secret.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Metrics {
    pub(super) listen: SocketAddr,
}

/// One caller.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Principal {
    pub(super) arn: Arn,
    /// Names in client certificates: `uri:…` or `dns:…`.
    #[serde(default)]
    pub(super) names: Vec<String>,
    /// What policies can ask of it: `aws:PrincipalTag/...`.
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// A file with an IAM policy document; without one the principal may what key policies and grants allow it.
    pub(super) policy: Option<PathBuf>,
}
