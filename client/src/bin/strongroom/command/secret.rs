//! `strongroom secret`: store, read and delete secrets.

mod batch;
mod edit;
mod list;
mod password;
mod policy;
mod read;
mod remove;
mod tag;
mod transfer;
mod write;

use clap::Subcommand;

use super::Session;
use crate::fault::CommandFault;

/// Store, read and delete secrets.
#[derive(Subcommand)]
pub(crate) enum SecretCommand {
    /// Make a secret; the value comes from stdin or a file
    Create(write::Create),
    /// Give a secret a new value, from stdin or a file
    Put(write::Put),
    /// Change a secret's text in $EDITOR
    Edit(edit::Edit),
    /// Print a secret's value, as it is
    Get(read::Get),
    /// Print the current values of several secrets
    BatchGet(batch::BatchGet),
    /// List secrets, without their values
    List(list::List),
    /// Show a secret, without its values
    Describe(read::Describe),
    /// List the versions of a secret
    Versions(list::Versions),
    /// Change description or key, and the value if --in is given
    Update(write::Update),
    /// Move a staging label from one version to another, or remove it
    Stage(tag::Stage),
    /// Make a secret unreadable, and remove it after a recovery window
    Delete(remove::Delete),
    /// Take a secret back during its recovery window
    Restore(remove::Restore),
    /// Set tags
    Tag(tag::Tag),
    /// Remove tags
    Untag(tag::Untag),
    /// Read, check, replace and remove a secret's resource policy
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Write the secrets under a prefix to an encrypted file
    Export(transfer::Export),
    /// Make or change secrets from an encrypted file
    Import(transfer::Import),
    /// Make a random password, which is not stored
    Password(password::Password),
}

impl SecretCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        match self {
            Self::Create(command) => command.run(session).await,
            Self::Put(command) => command.run(session).await,
            Self::Edit(command) => command.run(session).await,
            Self::Get(command) => command.run(session).await,
            Self::BatchGet(command) => command.run(session).await,
            Self::List(command) => command.run(session).await,
            Self::Describe(command) => command.run(session).await,
            Self::Versions(command) => command.run(session).await,
            Self::Update(command) => command.run(session).await,
            Self::Stage(command) => command.run(session).await,
            Self::Delete(command) => command.run(session).await,
            Self::Restore(command) => command.run(session).await,
            Self::Tag(command) => command.run(session).await,
            Self::Untag(command) => command.run(session).await,
            Self::Policy(command) => command.run(session).await,
            Self::Export(command) => command.run(session).await,
            Self::Import(command) => command.run(session).await,
            Self::Password(command) => command.run(session).await,
        }
    }
}
