//! Faults on cue: what SoftHSM does too rarely, or cannot be made to do.

mod attest;
mod blame;
mod import;
mod limits;
mod load;
mod message_keys;
mod objects;
mod private_keys;
mod recovery;

use std::time::{Duration, Instant};

use strongroom_base::InstallationId;
use strongroom_token::{Token, TokenKey, TokenSettings};

use crate::FakeStand;
use crate::conformance::{PATIENCE, Stand, connected, new_key};

pub(crate) fn installation() -> InstallationId {
    InstallationId::from_bytes([7; 16])
}

/// Waits for something that comes about by itself.
pub(crate) async fn until(what: &str, mut reached: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !reached() {
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// A running fake token with a sentinel and a key, and settings to change before it starts.
pub(crate) async fn stand_with(change: impl FnOnce(&mut TokenSettings)) -> (FakeStand, Token, TokenKey) {
    let stand = FakeStand::new();
    let mut settings = stand.settings();
    change(&mut settings);
    let token = connected(&stand, settings).await;
    let root = new_key(&token, installation(), "root").await;
    token.set_sentinel(root);
    let key = new_key(&token, installation(), "a").await;
    (stand, token, key)
}

/// The same with a probe so rare that only the test's own events count.
pub(crate) async fn quiet_stand() -> (FakeStand, Token, TokenKey) {
    stand_with(|settings| settings.profile.probe_interval_ms = 600_000).await
}
