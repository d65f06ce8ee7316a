//! [`TokenSettings`]: which token, and how to reach it.

use std::path::PathBuf;

use strongroom_base::InstallationId;
use strongroom_hsm_config::Profile;

/// Which token, and how to reach it. All paths are absolute or relative to the process.
#[derive(Debug, Clone)]
pub struct TokenSettings {
    /// The kind of token.
    pub profile: Profile,
    /// The PKCS#11 library.
    pub library: PathBuf,
    /// The token's label.
    pub label: String,
    /// The file with the user PIN, readable by its owner only.
    pub pin_file: PathBuf,
    /// Where this crate keeps the PIN latch and copies of the token's own file. It must exist.
    pub state_directory: PathBuf,
    /// For tokens in files: the directory that the module keeps them in.
    pub sync_directory: Option<PathBuf>,
    /// Whose objects are ours.
    pub installation: InstallationId,
}
