//! The conformance suite against the fake, and what only its script of faults can show.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that fails panics"
)]

mod conformance;
mod scripted;

use std::time::{Duration, Instant};

use strongroom_base::{InstallationId, KeyMaterialId};
use strongroom_token::fake::FakeToken;
use strongroom_token::{Token, TokenFault, TokenSettings};

use conformance::{CASES, PATIENCE, Stand};

/// A fake token and a directory for its settings.
pub(crate) struct FakeStand {
    pub(crate) fake: FakeToken,
    directory: tempfile::TempDir,
}

impl FakeStand {
    pub(crate) fn new() -> Self {
        Self {
            fake: FakeToken::new(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    /// A stand whose profile wants a key for each message.
    fn deriving() -> Self {
        Self {
            fake: FakeToken::deriving(),
            ..Self::new()
        }
    }
}

impl FakeStand {
    /// Lanes drop copies between two jobs, moments after they have answered the last one.
    pub(crate) async fn wait_for_copies(&self, number: usize) {
        let begin = Instant::now();
        while self.fake.copies() != number {
            assert!(begin.elapsed() < PATIENCE, "there are {} copies", self.fake.copies());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Stand for FakeStand {
    fn settings(&self) -> TokenSettings {
        self.fake
            .settings(self.directory.path(), InstallationId::from_bytes([7; 16]))
            .unwrap()
    }

    fn start(&self, settings: TokenSettings) -> Result<Token, TokenFault> {
        Token::start_with(self.fake.module(), settings)
    }

    fn take_away(&self) {
        self.fake.take_away();
    }

    fn bring_back(&self) {
        self.fake.bring_back();
    }

    fn session_objects(&self) -> usize {
        self.fake.copies()
    }

    fn delete_object(&self, id: &KeyMaterialId) {
        self.fake.delete_object(id);
    }
}

#[test]
fn the_fake_conforms() {
    for (name, case) in CASES {
        println!("{name}");
        case(&FakeStand::new());
    }
}

/// The same with a key derived for each message.
#[test]
fn the_deriving_fake_conforms() {
    for (name, case) in CASES {
        println!("{name}");
        case(&FakeStand::deriving());
    }
}
