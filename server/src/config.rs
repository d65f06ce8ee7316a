//! The configuration file: what it may say (`file.rs`), and what the service makes of it ([`Configuration`]).

mod file;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use strongroom_base::limits::{KEY_INVOCATIONS_MAX, KEY_ROTATION_INVOCATIONS_DEFAULT, KEY_ROTATION_INVOCATIONS_MIN};
use strongroom_base::{Arn, InstallationId, Scope};
use strongroom_gate::{Policies, QuotaRates};
use strongroom_hsm_config::Profile;
use strongroom_identity::PrincipalEntry;
use strongroom_policy::PolicyDocument;
use strongroom_token::TokenSettings;

use self::file::File;

/// Why a configuration is refused. Every text names the file and what to change.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigurationFault {
    #[error("cannot read {path}: {cause}")]
    Unreadable { path: PathBuf, cause: std::io::Error },
    #[error("{path}: {cause}")]
    Malformed { path: PathBuf, cause: Box<toml::de::Error> },
    #[error("{path}: version {found} is not one that this program understands; it understands version 1")]
    Version { path: PathBuf, found: u32 },
    #[error("{path}: {what}")]
    Refused { path: PathBuf, what: String },
}

/// A checked configuration.
pub(crate) struct Configuration {
    pub(crate) data_directory: PathBuf,
    pub(crate) scope: Scope,
    pub(crate) token: TokenSection,
    pub(crate) grpc: GrpcSection,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) rotate_after: u64,
    pub(crate) quotas: QuotaRates,
    pub(crate) principals: Vec<PrincipalEntry>,
    pub(crate) policies: Policies,
}

/// Where the token is and how to use it.
pub(crate) struct TokenSection {
    pub(crate) profile: Profile,
    pub(crate) library: PathBuf,
    pub(crate) label: String,
    pub(crate) pin_file: PathBuf,
    pub(crate) sync_directory: Option<PathBuf>,
}

impl TokenSection {
    /// What the token crate is told, for the installation that the store belongs to.
    pub(crate) fn settings(self, state_directory: PathBuf, installation: InstallationId) -> TokenSettings {
        TokenSettings {
            profile: self.profile,
            library: self.library,
            label: self.label,
            pin_file: self.pin_file,
            state_directory,
            sync_directory: self.sync_directory,
            installation,
        }
    }
}

/// Where gRPC is served and how callers are told apart.
pub(crate) struct GrpcSection {
    pub(crate) name: String,
    pub(crate) listen: SocketAddr,
    pub(crate) security: Security,
}

/// How callers are told apart.
pub(crate) enum Security {
    /// By client certificates; the three files are PEM.
    MutualTls {
        certificate: PathBuf,
        private_key: PathBuf,
        client_ca: PathBuf,
    },
    /// Not at all: everybody on this machine is this principal. For measurements, on loopback only.
    PlaintextLoopback(Arn),
}

impl Configuration {
    /// Reads and checks a configuration file. Relative paths are relative to the file.
    pub(crate) fn read(path: &Path) -> Result<Self, ConfigurationFault> {
        let text = read_text(path)?;
        let file: File = toml::from_str(&text).map_err(|cause| ConfigurationFault::Malformed {
            path: path.to_owned(),
            cause: Box::new(cause),
        })?;
        if file.version != 1 {
            return Err(ConfigurationFault::Version {
                path: path.to_owned(),
                found: file.version,
            });
        }
        Reader {
            path,
            directory: path.parent().unwrap_or_else(|| Path::new("")),
        }
        .check(file)
    }
}

/// Checks the parts of one file.
struct Reader<'a> {
    path: &'a Path,
    directory: &'a Path,
}

impl Reader<'_> {
    fn check(&self, file: File) -> Result<Configuration, ConfigurationFault> {
        let scope = Scope::new(&file.scope.partition, &file.scope.region, &file.scope.account);
        let (principals, policies) = self.principals(file.principal)?;
        Ok(Configuration {
            data_directory: self.directory.join(file.data_directory),
            scope: scope.map_err(|fault| self.refused(format!("[scope]: {fault}")))?,
            token: self.token(file.token)?,
            grpc: self.grpc(file.grpc, &principals)?,
            metrics: file.metrics.map(|metrics| metrics.listen),
            rotate_after: self.rotate_after(&file.keys)?,
            quotas: QuotaRates::configured(&file.quotas).map_err(|fault| self.refused(format!("[quotas]: {fault}")))?,
            principals,
            policies,
        })
    }

    fn rotate_after(&self, section: &file::Keys) -> Result<u64, ConfigurationFault> {
        let invocations = section
            .rotate_after_invocations
            .unwrap_or(KEY_ROTATION_INVOCATIONS_DEFAULT);
        if (KEY_ROTATION_INVOCATIONS_MIN..KEY_INVOCATIONS_MAX).contains(&invocations) {
            return Ok(invocations);
        }
        Err(self.refused(format!(
            "[keys]: rotate-after-invocations is {invocations}; it must be at least {KEY_ROTATION_INVOCATIONS_MIN} and less than \
             {KEY_INVOCATIONS_MAX}, the most that a key material may make"
        )))
    }

    fn token(&self, section: file::Token) -> Result<TokenSection, ConfigurationFault> {
        let profile = Profile::named(&section.profile).map_err(|fault| self.refused(format!("[token]: {fault}")))?;
        let library = match section.library {
            Some(library) => self.directory.join(library),
            None => self.default_library(&profile)?,
        };
        Ok(TokenSection {
            profile,
            library,
            label: section.label,
            pin_file: self.directory.join(section.pin_file),
            sync_directory: section.sync_directory.map(|directory| self.directory.join(directory)),
        })
    }

    fn default_library(&self, profile: &Profile) -> Result<PathBuf, ConfigurationFault> {
        let found = profile.library_paths.iter().find(|path| path.exists());
        found.cloned().ok_or_else(|| {
            let paths: Vec<_> = profile
                .library_paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            self.refused(format!(
                "[token]: no PKCS#11 module at {}; install it, or name it with `library`",
                paths.join(" or ")
            ))
        })
    }

    fn grpc(&self, section: file::Grpc, principals: &[PrincipalEntry]) -> Result<GrpcSection, ConfigurationFault> {
        let listen = section.listen;
        let security = match (
            section.certificate,
            section.private_key,
            section.client_ca,
            section.plaintext_loopback_principal,
        ) {
            (Some(certificate), Some(private_key), Some(client_ca), None) => Security::MutualTls {
                certificate: self.directory.join(certificate),
                private_key: self.directory.join(private_key),
                client_ca: self.directory.join(client_ca),
            },
            (None, None, None, Some(principal)) => {
                if !listen.ip().is_loopback() {
                    return Err(self.refused(format!(
                        "[grpc]: plaintext-loopback-principal is for loopback addresses alone, and {listen} is not one"
                    )));
                }
                if !principals.iter().any(|entry| entry.arn == principal) {
                    return Err(self.refused(format!("[grpc]: {principal} is not the arn of any [[principal]]")));
                }
                Security::PlaintextLoopback(principal)
            }
            (_, _, _, _) => {
                return Err(self.refused(
                    "[grpc]: give certificate, private-key and client-ca, or plaintext-loopback-principal alone"
                        .to_owned(),
                ));
            }
        };
        Ok(GrpcSection {
            name: section.name,
            listen,
            security,
        })
    }

    fn principals(
        &self,
        sections: Vec<file::Principal>,
    ) -> Result<(Vec<PrincipalEntry>, Policies), ConfigurationFault> {
        let mut policies = Policies::default();
        let mut entries = Vec::with_capacity(sections.len());
        for section in sections {
            if let Some(policy) = section.policy {
                let path = self.directory.join(policy);
                let document =
                    PolicyDocument::parse(&read_text(&path)?).map_err(|fault| ConfigurationFault::Refused {
                        path,
                        what: fault.to_string(),
                    })?;
                policies.attach(section.arn.clone(), document);
            }
            entries.push(PrincipalEntry {
                arn: section.arn,
                names: section.names,
                tags: section.tags,
            });
        }
        Ok((entries, policies))
    }

    fn refused(&self, what: String) -> ConfigurationFault {
        ConfigurationFault::Refused {
            path: self.path.to_owned(),
            what,
        }
    }
}

fn read_text(path: &Path) -> Result<String, ConfigurationFault> {
    std::fs::read_to_string(path).map_err(|cause| ConfigurationFault::Unreadable {
        path: path.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests;
