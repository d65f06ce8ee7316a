//! A SoftHSM token under a temporary directory.

use std::fs;
use std::path::{Path, PathBuf};

use strongroom_base::KeyMaterialId;
use strongroom_hsm_config::Profile;
use strongroom_token::{Token, TokenFault, TokenSettings};

use crate::cases::OWN_CASES;
use crate::conformance::Stand;
use crate::real::{self, Missing, OwnCase, RealStand};

/// What a machine without SoftHSM is told.
const INSTALL: &str = "SoftHSM 2 is not installed: run `apt-get install softhsm2` (cargo ci does it for you)";

/// A SoftHSM token under `directory`; this process has SOFTHSM2_CONF pointing there.
pub(crate) struct SoftHsm {
    directory: PathBuf,
}

impl SoftHsm {
    pub(crate) fn tokens(&self) -> PathBuf {
        self.directory.join("tokens")
    }

    /// The directory of the one token.
    pub(crate) fn token(&self) -> PathBuf {
        fs::read_dir(self.tokens()).unwrap().next().unwrap().unwrap().path()
    }

    fn aside(&self) -> PathBuf {
        self.directory.join("tokens.aside")
    }
}

impl RealStand for SoftHsm {
    const PROFILE: &'static str = "softhsm2";
    const OWN_CASES: &'static [OwnCase<Self>] = OWN_CASES;

    fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn library() -> Result<PathBuf, Missing> {
        let paths = Profile::named(Self::PROFILE).unwrap().library_paths;
        let library = paths.into_iter().find(|path| path.exists());
        library.ok_or_else(|| Missing::Fatal(INSTALL.to_owned()))
    }

    fn configure(directory: &Path) -> std::io::Result<PathBuf> {
        let (configuration, tokens) = (directory.join("softhsm2.conf"), directory.join("tokens"));
        fs::create_dir_all(&tokens)?;
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(&configuration, text)?;
        Ok(configuration)
    }
}

impl Stand for SoftHsm {
    fn settings(&self) -> TokenSettings {
        real::settings::<Self>(&self.directory, Some(self.tokens()))
    }

    fn start(&self, settings: TokenSettings) -> Result<Token, TokenFault> {
        Token::start(settings)
    }

    fn take_away(&self) {
        fs::rename(self.tokens(), self.aside()).unwrap();
    }

    fn bring_back(&self) {
        fs::rename(self.aside(), self.tokens()).unwrap();
    }

    fn session_objects(&self) -> usize {
        real::session_objects::<Self>()
    }

    fn delete_object(&self, id: &KeyMaterialId) {
        real::delete_object::<Self>(id);
    }
}
