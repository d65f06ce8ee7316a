//! The token's limits: queues, copies, looks at keys, attempts to connect.

use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom_base::limits::{
    TOKEN_CONTROL_QUEUE_MAX, TOKEN_KEYS_ATTESTED_AT_ONCE_MAX, TOKEN_KEYS_CHECKED_PER_PROBE_MAX,
    TOKEN_RECONNECT_DELAY_MIN, TOKEN_SESSION_COPIES_MAX,
};
use strongroom_base::{Code, KeyMaterialId};
use strongroom_token::{Function, KeyKind, ReturnValue, TokenKey};

use super::{installation, quiet_stand, until};
use crate::FakeStand;
use crate::conformance::{Stand, assert_fault, becomes_usable, connected, label, run, sealed, soon};

/// The id of the key object that [`plant`] plants under this number.
fn planted(number: usize) -> KeyMaterialId {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    KeyMaterialId::from_bytes(bytes)
}

/// A token with so many keys of ours, before anybody works with it.
fn plant(stand: &FakeStand, keys: usize) {
    let name = label(installation(), "planted");
    for number in 0..keys {
        stand.fake.plant_object(name.as_str(), &planted(number));
    }
}

#[test]
fn a_full_control_queue_sheds_and_what_waits_is_served() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let before = stand.fake.calls(Function::GenerateKey);
        stand.fake.delay(Function::GenerateKey, 1, Duration::from_secs(2));
        let slow = tokio::spawn({
            let (token, id) = (token.clone(), KeyMaterialId::random().unwrap());
            async move {
                token
                    .create_key(id, &label(installation(), "slow"), KeyKind::SYMMETRIC, soon())
                    .await
            }
        });
        until("the slow creation", || stand.fake.calls(Function::GenerateKey) > before).await;
        let waiting: Vec<_> = (0..TOKEN_CONTROL_QUEUE_MAX)
            .map(|_| {
                let token = token.clone();
                tokio::spawn(async move { token.objects(soon()).await })
            })
            .collect();
        let full = || token.status().control_queue_depth == TOKEN_CONTROL_QUEUE_MAX;
        until("a full queue", full).await;
        let text = "Too many requests wait for the HSM; try again later.";
        assert_fault(token.objects(soon()).await.unwrap_err(), Code::Throttling, text);
        assert!(!slow.is_finished());
        slow.await.unwrap().unwrap();
        for list in waiting {
            list.await.unwrap().unwrap();
        }
        assert_eq!(token.status().counts.shed, 1);
        token.stop().await;
    });
}

/// A probe does not wait for more.
#[test]
fn sixty_four_witnesses_are_opened_at_once() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let many = vec![key; TOKEN_KEYS_ATTESTED_AT_ONCE_MAX + 1];
        let before = stand.fake.calls(Function::Decrypt);
        let most = &many[1..];
        assert_eq!(token.attest(most, soon()).await.unwrap(), []);
        assert!(stand.fake.calls(Function::Decrypt) >= before + 64);
        let fault = token.attest(&many, soon()).await.unwrap_err();
        let text = "The service asked the HSM for something that it must not.";
        assert_fault(fault, Code::Internal, text);
        token.stop().await;
    });
}

/// Copies cost the token memory: further keys are used by their token handle.
#[test]
fn a_lane_has_ten_thousand_session_copies_at_most() {
    run(async {
        let stand = FakeStand::new();
        plant(&stand, TOKEN_SESSION_COPIES_MAX + 1);
        let mut settings = stand.settings();
        settings.profile.probe_interval_ms = 600_000;
        let token = connected(&stand, settings).await;
        let last = planted(TOKEN_SESSION_COPIES_MAX);
        let created = token
            .create_key(last, &label(installation(), "planted"), KeyKind::SYMMETRIC, soon())
            .await;
        let witness = created.unwrap().witness.map(Arc::new);
        let key = |id| TokenKey {
            id,
            kind: KeyKind::SYMMETRIC,
            witness: witness.clone(),
        };
        for number in 0..TOKEN_SESSION_COPIES_MAX {
            sealed(&token, &key(planted(number)), b"value").await;
        }
        assert_eq!(stand.fake.copies(), TOKEN_SESSION_COPIES_MAX);
        for _ in 0..2 {
            sealed(&token, &key(last), b"value").await;
        }
        assert_eq!(stand.fake.calls(Function::CopyObject), 10_000);

        // One that is forgotten makes room.
        token.forget(planted(0));
        stand.wait_for_copies(TOKEN_SESSION_COPIES_MAX - 1).await;
        sealed(&token, &key(last), b"value").await;
        assert_eq!(stand.fake.copies(), TOKEN_SESSION_COPIES_MAX);
        token.stop().await;
    });
}

/// A probe looks at sixteen keys, and the next one at others, until all have had their turn.
#[test]
fn a_probe_looks_at_sixteen_keys_in_turns() {
    const KEYS: u64 = 40;
    run(async {
        let stand = FakeStand::new();
        plant(&stand, 40);
        let looks_and_probes = async |probes| {
            let before = stand.fake.calls(Function::GetAttributeValue);
            let mut settings = stand.settings();
            settings.profile.probe_interval_ms = if probes == 0 { 600_000 } else { 5 };
            let token = connected(&stand, settings).await;
            until("the probes", || token.status().counts.probes >= probes).await;
            token.stop().await;
            let looks = stand.fake.calls(Function::GetAttributeValue) - before;
            (looks, token.status().counts.probes)
        };
        let (at_start, 0) = looks_and_probes(0).await else {
            panic!("a probe that nobody asked for")
        };
        let (looks, probes) = looks_and_probes(7).await;
        // Without a sentinel each probe looks at one key more: whether the token still knows any.
        let in_turns = looks - at_start - probes;
        let of_this_round = (probes % 3) * u64::try_from(TOKEN_KEYS_CHECKED_PER_PROBE_MAX).unwrap();
        assert_eq!(in_turns, probes / 3 * KEYS + of_this_round.min(KEYS), "{probes} probes");
    });
}

#[test]
fn a_token_that_could_not_be_reached_is_left_alone_for_a_quarter_of_a_second() {
    run(async {
        let stand = FakeStand::new();
        stand.fake.fail(Function::Initialize, 2, ReturnValue::DeviceError);
        let begin = Instant::now();
        let token = stand.start(stand.settings()).unwrap();
        token.first_contact().await.unwrap_err();
        becomes_usable(&token).await;
        let delays = TOKEN_RECONNECT_DELAY_MIN + 2 * TOKEN_RECONNECT_DELAY_MIN;
        assert!(begin.elapsed() >= delays, "{:?}", begin.elapsed());
        assert_eq!(stand.fake.calls(Function::Initialize), 3);
        token.stop().await;
    });
}
