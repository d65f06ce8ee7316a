//! Options of every command that uses a key.

use clap::Args;

/// What a use of a key brings besides its content.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct KeyUse {
    /// A token of a grant that is too new to be known everywhere; up to ten
    #[arg(long = "grant-token", value_name = "TOKEN")]
    pub(crate) grant_tokens: Vec<String>,
    /// Only check whether it would succeed: permissions, the key's state, and what was given
    #[arg(long)]
    pub(crate) dry_run: bool,
}
