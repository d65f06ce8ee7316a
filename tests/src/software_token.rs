//! A software token of one's own, of either kind: configuration, token files and PINs under one folder.
//!
//! Modules find their configuration through an environment variable, which only child processes get: the configuration of
//! the user who runs this stays as it is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::ValueEnum;

use crate::{HarnessFault, install, private_file, process, token_tool};

/// Random bytes of a PIN: as hexadecimal digits within SoftHSM's 255 characters, and far beyond guessing.
const PIN_BYTES: usize = 16;

/// Which module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TokenKind {
    /// SoftHSM 2, which distributions have.
    #[value(name = "softhsm2")]
    SoftHsm,
    /// Kryoptic, built from source at the first use.
    Kryoptic,
}

impl TokenKind {
    /// The name of its profile.
    #[must_use]
    pub const fn profile(self) -> &'static str {
        match self {
            Self::SoftHsm => "softhsm2",
            Self::Kryoptic => "kryoptic",
        }
    }

    /// The variable by which the module finds its configuration.
    #[must_use]
    pub const fn variable(self) -> &'static str {
        match self {
            Self::SoftHsm => "SOFTHSM2_CONF",
            Self::Kryoptic => "KRYOPTIC_CONF",
        }
    }

    /// The module of this machine, installed or built if need be.
    ///
    /// # Errors
    /// As [`install::softhsm`] and [`install::kryoptic::ensure`].
    pub fn library(self) -> Result<PathBuf, HarnessFault> {
        match self {
            Self::SoftHsm => install::softhsm(),
            Self::Kryoptic => install::kryoptic::ensure(),
        }
    }

    /// The name of the module's configuration file in a token's folder.
    const fn configuration(self) -> &'static str {
        match self {
            Self::SoftHsm => "softhsm2.conf",
            Self::Kryoptic => "kryoptic.conf",
        }
    }

    /// The configuration's text, for tokens below `tokens`.
    fn text(self, tokens: &Path) -> String {
        let tokens = tokens.display();
        match self {
            Self::SoftHsm => format!(
                "directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n"
            ),
            Self::Kryoptic => {
                format!("[[slots]]\nslot = 0\ndbtype = \"sqlite\"\ndbargs = \"{tokens}/token.sql\"\n")
            }
        }
    }
}

/// A token that is ready for use.
#[derive(Debug, Clone)]
pub struct SoftwareToken {
    kind: TokenKind,
    directory: PathBuf,
    library: PathBuf,
    label: String,
    helper: PathBuf,
}

impl SoftwareToken {
    /// Makes the token `label` under `directory`, or finishes and checks the one that is there.
    ///
    /// `helper` is a program whose `main` begins with [`token_tool::requested`]: it loads the module in a process of
    /// its own, and takes PINs from files, because command lines can be read by every user of the machine.
    ///
    /// # Errors
    /// When there is no module, files cannot be written or the module refuses; the fault carries its answer.
    pub fn prepare(kind: TokenKind, directory: &Path, label: &str, helper: &Path) -> Result<Self, HarnessFault> {
        let token = Self {
            kind,
            directory: directory.to_owned(),
            library: kind.library()?,
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

    /// Which kind of token an earlier [`Self::prepare`] made in `directory`, if it did.
    #[must_use]
    pub fn kind_in(directory: &Path) -> Option<TokenKind> {
        let is_there = |kind: &&TokenKind| directory.join(kind.configuration()).is_file();
        TokenKind::value_variants().iter().find(is_there).copied()
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
            .env(self.kind.variable(), self.configuration());
        command
    }

    /// Which module it is of.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
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

    /// The file that [`TokenKind::variable`] must name.
    #[must_use]
    pub fn configuration(&self) -> PathBuf {
        self.directory.join(self.kind.configuration())
    }

    /// The folder in which the module keeps its tokens.
    #[must_use]
    pub fn tokens_directory(&self) -> PathBuf {
        self.directory.join("tokens")
    }

    /// The folder whose files the service must sync, where the module does not do so itself.
    #[must_use]
    pub fn sync_directory(&self) -> Option<PathBuf> {
        match self.kind {
            TokenKind::SoftHsm => Some(self.tokens_directory()),
            TokenKind::Kryoptic => None,
        }
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
        private_file::write(&self.configuration(), self.kind.text(&tokens).as_bytes())
    }
}
