//! A whole installation under one folder: token, certificates, policies, configuration; started as often as needed.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use tonic::transport::Channel;

use crate::authority::Authority;
use crate::daemon::configuration::{Configuration, Door, write_policy};
use crate::daemon::{Daemon, DaemonCommand};
use crate::software_token::{SoftwareToken, TokenKind};
use crate::{HarnessFault, connection, workspace};

/// A client that the installation knows: its name, and the actions and resources that its policy allows. Without actions
/// it has no policy.
pub type Client<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

/// The client that may do everything.
pub const EVERYTHING: Client<'static> = (
    "developer",
    &["kms:*", "secretsmanager:*", "ssm:*", "strongroom:*"],
    &["*"],
);

/// An installation of the service.
pub struct Installation {
    root: PathBuf,
    token: SoftwareToken,
    authority: Authority,
    plaintext: Option<String>,
    command: DaemonCommand,
}

impl Installation {
    /// Prepares an installation with mutual TLS on a port of its own.
    ///
    /// # Errors
    /// What its parts answer.
    pub fn prepare(root: &Path, clients: &[Client<'_>], helper: &Path) -> Result<Self, HarnessFault> {
        Self::prepare_on(TokenKind::SoftHsm, root, clients, helper)
    }

    /// The same on a token of the kind that is asked for.
    ///
    /// # Errors
    /// What its parts answer.
    pub fn prepare_on(
        kind: TokenKind,
        root: &Path,
        clients: &[Client<'_>],
        helper: &Path,
    ) -> Result<Self, HarnessFault> {
        Self::with_door(kind, root, clients, helper, None)
    }

    /// Prepares an installation without TLS, where everybody is `client`.
    ///
    /// # Errors
    /// What its parts answer.
    pub fn prepare_plaintext(root: &Path, client: Client<'_>, helper: &Path) -> Result<Self, HarnessFault> {
        let plaintext = Some(client.0.to_owned());
        Self::with_door(TokenKind::SoftHsm, root, &[client], helper, plaintext)
    }

    fn with_door(
        kind: TokenKind,
        root: &Path,
        clients: &[Client<'_>],
        helper: &Path,
        plaintext: Option<String>,
    ) -> Result<Self, HarnessFault> {
        let token = SoftwareToken::prepare(kind, &root.join("token"), "strongroom-test", helper)?;
        let names: Vec<&str> = clients.iter().map(|(name, ..)| *name).collect();
        let authority = Authority::prepare(&root.join("certificates"), &names)?;
        let door = plaintext
            .as_deref()
            .map_or(Door::MutualTls(&authority), Door::Plaintext);
        let mut configuration = Configuration::new(root, &token, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &door);
        for (name, actions, resources) in clients {
            let policy = (!actions.is_empty()).then(|| root.join(format!("{name}.json")));
            if let Some(policy) = &policy {
                write_policy(policy, actions, resources)?;
            }
            configuration = configuration.with_principal(name, policy);
        }
        let command = DaemonCommand {
            program: workspace::strongroomd()?,
            configuration: root.join("strongroomd.toml"),
            module_configuration: (kind.variable(), token.configuration()),
            log: root.join("strongroomd.log"),
        };
        configuration.write(&command.configuration)?;
        Ok(Self {
            root: root.to_owned(),
            token,
            authority,
            plaintext,
            command,
        })
    }

    /// Starts the service.
    ///
    /// # Errors
    /// As [`DaemonCommand::start`].
    pub fn start(&self) -> Result<Daemon, HarnessFault> {
        self.command.start()
    }

    /// Opens a connection as `client`.
    ///
    /// # Errors
    /// As [`connection::connect`].
    pub async fn connect(&self, daemon: &Daemon, client: &str) -> Result<Channel, HarnessFault> {
        let client = self.plaintext.is_none().then_some((&self.authority, client));
        connection::connect(daemon.address(), client).await
    }

    /// The folder with everything.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &SoftwareToken {
        &self.token
    }

    /// The certificates.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// How the service is started; for starts with other files.
    #[must_use]
    pub fn command(&self) -> &DaemonCommand {
        &self.command
    }

    /// Where the service keeps its data.
    #[must_use]
    pub fn data_directory(&self) -> PathBuf {
        self.root.join("data")
    }
}
