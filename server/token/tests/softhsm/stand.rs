//! A SoftHSM token under a temporary directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::Pkcs11;
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::Session;
use strongroom_base::{InstallationId, KeyMaterialId};
use strongroom_hsm_config::Profile;
use strongroom_token::{Token, TokenFault, TokenSettings};

use crate::conformance::{Stand, write_pin};

const LABEL: &str = "strongroom test";
const PIN: &str = "314159265";

/// What a machine without SoftHSM is told.
pub(crate) const INSTALL: &str =
    "SoftHSM 2 is not installed: run `apt-get install softhsm2` (cargo ci does it for you)";

/// A SoftHSM token under `directory`; this process has SOFTHSM2_CONF pointing there.
pub(crate) struct SoftHsm {
    directory: PathBuf,
}

impl SoftHsm {
    pub(crate) fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// Writes the configuration and initialises the token, in a process of its own.
    pub(crate) fn prepare(directory: &Path) -> Result<PathBuf, String> {
        let configuration = directory.join("softhsm2.conf");
        let tokens = directory.join("tokens");
        fs::create_dir_all(&tokens).map_err(|fault| fault.to_string())?;
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
            tokens.display()
        );
        fs::write(&configuration, text).map_err(|fault| fault.to_string())?;
        let initialised = Command::new("softhsm2-util")
            .args([
                "--init-token",
                "--free",
                "--label",
                LABEL,
                "--so-pin",
                "27182818",
                "--pin",
                PIN,
            ])
            .env("SOFTHSM2_CONF", &configuration)
            .output();
        match initialised {
            Ok(output) if output.status.success() => Ok(configuration),
            Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(_) => Err(INSTALL.to_owned()),
        }
    }

    pub(crate) fn tokens(&self) -> PathBuf {
        self.directory.join("tokens")
    }

    /// The directory of the one token.
    pub(crate) fn token(&self) -> PathBuf {
        fs::read_dir(self.tokens()).unwrap().next().unwrap().unwrap().path()
    }

    /// The module as somebody else in this process sees it. The login is the process's.
    pub(crate) fn behind_the_back(&self) -> Session {
        let context = Pkcs11::new(self.settings().library).unwrap();
        let slot = context.get_slots_with_initialized_token().unwrap()[0];
        context.open_rw_session(slot).unwrap()
    }

    pub(crate) fn find(session: &Session, id: &KeyMaterialId) -> ObjectHandle {
        let template = [Attribute::Token(true), Attribute::Id(id.as_bytes().to_vec())];
        let found = session.find_objects(&template).unwrap();
        assert_eq!(found.len(), 1);
        found[0]
    }

    fn aside(&self) -> PathBuf {
        self.directory.join("tokens.aside")
    }
}

impl Stand for SoftHsm {
    fn settings(&self) -> TokenSettings {
        let mut profile = Profile::named("softhsm2").unwrap();
        profile.probe_interval_ms = 200;
        let state_directory = self.directory.join("state");
        fs::create_dir_all(&state_directory).unwrap();
        let library = profile.library_paths.iter().find(|path| path.exists());
        let settings = TokenSettings {
            library: library.cloned().unwrap_or_else(|| panic!("{INSTALL}")),
            profile,
            label: LABEL.to_owned(),
            pin_file: self.directory.join("pin"),
            state_directory,
            sync_directory: Some(self.tokens()),
            installation: InstallationId::from_bytes([7; 16]),
        };
        if !settings.pin_file.exists() {
            write_pin(&settings, PIN, 0o600);
        }
        settings
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

    fn delete_object(&self, id: &KeyMaterialId) {
        let session = self.behind_the_back();
        let object = Self::find(&session, id);
        session.destroy_object(object).unwrap();
    }
}
