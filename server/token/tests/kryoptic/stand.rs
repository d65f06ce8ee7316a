//! A Kryoptic token under a temporary directory.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use strongroom_base::KeyMaterialId;
use strongroom_token::{Token, TokenFault, TokenSettings};

use crate::cases::OWN_CASES;
use crate::conformance::Stand;
use crate::real::{self, Missing, OwnCase, RealStand};

/// Names a Kryoptic module elsewhere.
const LIBRARY_VARIABLE: &str = "STRONGROOM_KRYOPTIC_LIBRARY";
/// What a machine without Kryoptic is told.
const BUILD: &str = "Kryoptic is not built: run `cargo ci` or `cargo dev --token kryoptic`, which build it";

/// A Kryoptic token under `directory`; this process has KRYOPTIC_CONF pointing there.
pub(crate) struct Kryoptic {
    directory: PathBuf,
}

impl Kryoptic {
    /// The directory with the token's one file.
    fn token(&self) -> PathBuf {
        self.directory.join("token")
    }

    fn aside(&self) -> PathBuf {
        self.directory.join("token.aside")
    }
}

/// Where `cargo ci` has built it: below `target`, which this program is below too.
fn built() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let places = program
        .ancestors()
        .map(|folder| folder.join("kryoptic/build/debug/libkryoptic_pkcs11.so"));
    places.into_iter().find(|library| library.is_file())
}

impl RealStand for Kryoptic {
    const PROFILE: &'static str = "kryoptic";
    const OWN_CASES: &'static [OwnCase<Self>] = OWN_CASES;

    fn at(directory: PathBuf) -> Self {
        Self { directory }
    }

    fn library() -> Result<PathBuf, Missing> {
        let named = env::var_os(LIBRARY_VARIABLE).map(PathBuf::from);
        named.or_else(built).ok_or_else(|| Missing::Skip(BUILD.to_owned()))
    }

    fn configure(directory: &Path) -> std::io::Result<PathBuf> {
        let (configuration, token) = (directory.join("kryoptic.conf"), directory.join("token"));
        fs::create_dir_all(&token)?;
        let file = token.join("token.sql");
        let text = format!(
            "[[slots]]\nslot = 0\ndbtype = \"sqlite\"\ndbargs = \"{}\"\n",
            file.display()
        );
        fs::write(&configuration, text)?;
        Ok(configuration)
    }
}

impl Stand for Kryoptic {
    fn settings(&self) -> TokenSettings {
        real::settings::<Self>(&self.directory, None)
    }

    fn start(&self, settings: TokenSettings) -> Result<Token, TokenFault> {
        Token::start(settings)
    }

    /// SQLite keeps its file open, and an open file goes on working when its directory has moved: so a copy is moved aside
    /// and the file itself is emptied, as a volume that is lost takes its content with it.
    fn take_away(&self) {
        let (token, aside) = (self.token(), self.aside());
        fs::create_dir(&aside).unwrap();
        fs::copy(token.join("token.sql"), aside.join("token.sql")).unwrap();
        File::options()
            .write(true)
            .truncate(true)
            .open(token.join("token.sql"))
            .unwrap();
        fs::remove_dir_all(&token).unwrap();
    }

    fn bring_back(&self) {
        fs::rename(self.aside(), self.token()).unwrap();
    }

    fn session_objects(&self) -> usize {
        real::session_objects::<Self>()
    }

    fn delete_object(&self, id: &KeyMaterialId) {
        real::delete_object::<Self>(id);
    }
}
