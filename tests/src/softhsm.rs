//! A SoftHSM token of one's own: configuration, token files and PINs under one folder.
//!
//! SoftHSM finds its configuration through `SOFTHSM2_CONF`, which only child processes get: the configuration of the
//! user who runs this stays as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{HarnessFault, private_file, process, token_tool};

/// The variable by which SoftHSM finds its configuration.
pub const CONFIGURATION_VARIABLE: &str = "SOFTHSM2_CONF";
/// Random bytes of a PIN: as hexadecimal digits within SoftHSM's 255 characters, and far beyond guessing.
const PIN_BYTES: usize = 16;

/// A token that is ready for use.
#[derive(Debug, Clone)]
pub struct SoftHsm {
    directory: PathBuf,
    library: PathBuf,
    label: String,
    helper: PathBuf,
}

impl SoftHsm {
    /// Makes the token `label` under `directory`, or finishes and checks the one that is there.
    ///
    /// `helper` is a program whose `main` begins with [`token_tool::requested`]: it loads the module in a process of
    /// its own, and takes PINs from files, because command lines can be read by every user of the machine.
    ///
    /// # Errors
    /// When files cannot be written or the module refuses; the fault carries its answer.
    pub fn prepare(directory: &Path, library: &Path, label: &str, helper: &Path) -> Result<Self, HarnessFault> {
        let token = Self {
            directory: directory.to_owned(),
            library: library.to_owned(),
            label: label.to_owned(),
            helper: helper.to_owned(),
        };
        private_file::make_directory(&token.tokens_directory())?;
        private_file::ensure_random(&token.pin_file(), PIN_BYTES)?;
        private_file::ensure_random(&token.security_officer_pin_file(), PIN_BYTES)?;
        token.write_configuration()?;
        let mut initialise = token.tool("initialise");
        initialise
            .arg("--security-officer-pin-file")
            .arg(token.security_officer_pin_file());
        process::output_of(&mut initialise)?;
        Ok(token)
    }

    /// A command of the token tool on this token, with the module, the label and the PIN file as arguments already.
    #[must_use]
    pub fn tool(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.helper);
        command.arg(token_tool::MARK).arg(subcommand);
        command
            .arg("--library")
            .arg(&self.library)
            .arg("--label")
            .arg(&self.label);
        command
            .arg("--pin-file")
            .arg(self.pin_file())
            .env(CONFIGURATION_VARIABLE, self.configuration());
        command
    }

    /// The PKCS#11 module.
    #[must_use]
    pub fn library(&self) -> &Path {
        &self.library
    }

    /// The token's label.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The file that [`CONFIGURATION_VARIABLE`] must name.
    #[must_use]
    pub fn configuration(&self) -> PathBuf {
        self.directory.join("softhsm2.conf")
    }

    /// The folder in which SoftHSM keeps one folder per token.
    #[must_use]
    pub fn tokens_directory(&self) -> PathBuf {
        self.directory.join("tokens")
    }

    /// The user PIN, readable by its owner only.
    #[must_use]
    pub fn pin_file(&self) -> PathBuf {
        self.directory.join("pin")
    }

    /// The PIN that initialised the token; the service never needs it.
    #[must_use]
    pub fn security_officer_pin_file(&self) -> PathBuf {
        self.directory.join("so-pin")
    }

    /// Written at every start, because it holds an absolute path and the folder may have moved.
    fn write_configuration(&self) -> Result<(), HarnessFault> {
        let tokens = self.tokens_directory();
        let tokens = fs::canonicalize(&tokens).map_err(HarnessFault::file("find", &tokens))?;
        let text = format!(
            "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n",
            tokens.display()
        );
        private_file::write(&self.configuration(), text.as_bytes())
    }
}
