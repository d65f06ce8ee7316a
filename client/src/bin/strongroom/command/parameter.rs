//! `strongroom parameter`: store, read and delete parameters.

mod change;
mod list;
mod put;
mod read;

use clap::Subcommand;

use super::Session;
use crate::fault::CommandFault;

/// Store, read and delete parameters.
#[derive(Subcommand)]
pub(crate) enum ParameterCommand {
    /// Make a parameter, or give it a new value; the value comes from stdin or a file
    Put(put::Put),
    /// Print a parameter's value, as it is
    Get(read::Get),
    /// Print the parameters below a path with their values
    GetByPath(read::GetByPath),
    /// Print the versions of a parameter with their values
    History(read::History),
    /// List parameters, without their values
    List(list::List),
    /// Put labels on a version
    Label(change::Label),
    /// Take labels off a version
    Unlabel(change::Unlabel),
    /// Delete parameters, at once and for ever
    Delete(change::Delete),
    /// Set tags
    Tag(change::Tag),
    /// Remove tags
    Untag(change::Untag),
    /// List tags
    Tags(list::Tags),
}

impl ParameterCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        match self {
            Self::Put(command) => command.run(session).await,
            Self::Get(command) => command.run(session).await,
            Self::GetByPath(command) => command.run(session).await,
            Self::History(command) => command.run(session).await,
            Self::List(command) => command.run(session).await,
            Self::Label(command) => command.run(session).await,
            Self::Unlabel(command) => command.run(session).await,
            Self::Delete(command) => command.run(session).await,
            Self::Tag(command) => command.run(session).await,
            Self::Untag(command) => command.run(session).await,
            Self::Tags(command) => command.run(session).await,
        }
    }
}
