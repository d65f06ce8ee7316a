//! Objects that are full, damaged, missing, badly made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom_base::{Code, KeyMaterialId};
use strongroom_token::{Destroyed, Function, KeyKind, ReturnValue, TokenFault, TokenKey};

use super::{installation, quiet_stand, stand_with, until};
use crate::FakeStand;
use crate::conformance::{
    AWAY, KEY_UNUSABLE, PATIENCE, Stand, assert_fault, becomes_usable, connected, label, new_key, opened, run, sealed,
    soon,
};

#[test]
fn a_full_token_says_so_and_the_same_id_succeeds_when_there_is_room() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "new"));
        stand.fake.set_full(true);
        let fault = token
            .create_key(id, &name, KeyKind::SYMMETRIC, soon())
            .await
            .unwrap_err();
        let text = "The HSM's storage is full; the operator of the service must make room.";
        assert_fault(fault, Code::StorageFull, text);
        stand.fake.set_full(false);
        token.create_key(id, &name, KeyKind::SYMMETRIC, soon()).await.unwrap();
        token.stop().await;
    });
}

/// The object was made and the answer was lost: the next try finds it, and does not make a second one.
#[test]
fn what_a_failed_creation_left_is_found_by_the_next_try() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "new"));
        let before = stand.fake.objects();
        stand
            .fake
            .fail(Function::GetAttributeValue, 1, ReturnValue::DeviceError);
        let fault = token
            .create_key(id, &name, KeyKind::SYMMETRIC, soon())
            .await
            .unwrap_err();
        assert_fault(fault, Code::Unavailable, AWAY);
        token.create_key(id, &name, KeyKind::SYMMETRIC, soon()).await.unwrap();
        assert_eq!(stand.fake.objects(), before + 1);
        token.stop().await;
    });
}

#[test]
fn a_key_that_comes_out_extractable_is_destroyed_again() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "new"));
        let before = stand.fake.objects();
        stand.fake.set_careless(true);
        let fault = token
            .create_key(id, &name, KeyKind::SYMMETRIC, soon())
            .await
            .unwrap_err();
        assert!(fault.to_string().contains("CKA_EXTRACTABLE"), "{fault}");
        let text = "The HSM did not make the key as it must; the operator of the service must look into it.";
        assert_fault(fault, Code::Internal, text);
        assert_eq!(stand.fake.objects(), before);
        token.stop().await;
    });
}

/// A half-truncated file shows itself as a key without CKA_DECRYPT; one such key does not stop the others.
#[test]
fn a_damaged_object_is_found_at_the_start_and_only_it_is_unusable() {
    run(async {
        let stand = FakeStand::new();
        let token = connected(&stand, stand.settings()).await;
        let (good, bad) = (
            new_key(&token, installation(), "a").await,
            new_key(&token, installation(), "b").await,
        );
        let (of_good, of_bad) = (
            sealed(&token, &good, b"value").await,
            sealed(&token, &bad, b"value").await,
        );
        token.stop().await;
        stand.fake.damage_object(&bad.id);

        let token = connected(&stand, stand.settings()).await;
        assert_eq!(opened(&token, &good, &of_good).await.unwrap(), b"value");
        let fault = opened(&token, &bad, &of_bad).await.unwrap_err();
        let what = "the token does not tell its CKA_DECRYPT".to_owned();
        assert_eq!(
            fault,
            TokenFault::KeyDamaged {
                id: bad.id,
                what: what.clone()
            }
        );
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        let objects = token.objects(soon()).await.unwrap();
        let damaged = objects.iter().find(|object| object.id == bad.id).unwrap();
        assert_eq!(damaged.provenance, Err(what));
        token.stop().await;
    });
}

/// Two objects with one id: nobody can say which is meant.
#[test]
fn an_ambiguous_id_is_unusable() {
    run(async {
        let stand = FakeStand::new();
        let id = KeyMaterialId::from_bytes([3; 32]);
        let name = label(installation(), "a");
        stand.fake.plant_object(name.as_str(), &id);
        stand.fake.plant_object(name.as_str(), &id);
        let token = connected(&stand, stand.settings()).await;
        let fault = token
            .create_key(id, &name, KeyKind::SYMMETRIC, soon())
            .await
            .unwrap_err();
        assert_eq!(
            fault,
            TokenFault::KeyDamaged {
                id,
                what: "several objects have this CKA_ID".to_owned()
            }
        );
        let fault = token.destroy_key(id, &name, soon()).await.unwrap_err();
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        assert_eq!(stand.fake.objects(), 2);
        token.stop().await;
    });
}

/// A find costs a quarter of a second at 10,000 objects: asking for an absent key must not become a weapon.
#[test]
fn an_absent_key_is_looked_for_once_per_probe() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let encrypted = sealed(&token, &key, b"value").await;
        let absent = TokenKey {
            id: KeyMaterialId::random().unwrap(),
            ..key.clone()
        };
        let before = stand.fake.calls(Function::FindObjects);
        for _ in 0..100 {
            let fault = opened(&token, &absent, &encrypted).await.unwrap_err();
            assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        }
        let waiting: Vec<_> = (0..100)
            .map(|_| {
                let (token, absent, encrypted) = (token.clone(), absent.clone(), encrypted.clone());
                tokio::spawn(async move { opened(&token, &absent, &encrypted).await.unwrap_err() })
            })
            .collect();
        for fault in waiting {
            assert_eq!(fault.await.unwrap(), TokenFault::KeyMissing { id: absent.id });
        }
        assert_eq!(
            stand.fake.calls(Function::FindObjects) - before,
            1 + token.status().counts.probes - 1
        );
        token.stop().await;
    });
}

#[test]
fn forgotten_and_destroyed_keys_leave_no_copy() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let other = new_key(&token, installation(), "b").await;
        for key in [&key, &other] {
            sealed(&token, key, b"x").await;
        }
        assert_eq!(stand.fake.copies(), 2);
        token.forget(key.id);
        stand.wait_for_copies(1).await;
        let destroyed = token.destroy_key(other.id, &label(installation(), "b"), soon()).await;
        assert_eq!((destroyed.unwrap(), stand.fake.copies()), (Destroyed::Done, 0));
        token.stop().await;
    });
}

/// Keys made while `session_copies` was on stay usable when it is off, without copies; and the other way round.
#[test]
fn keys_outlive_a_change_of_the_profile() {
    run(async {
        let stand = FakeStand::new();
        // Key 1 is made copyable, key 2 is not. (Setting, keys in use, copies that there are then.)
        for (copies, numbers, expected) in [(true, vec![1], 1), (false, vec![1, 2], 0), (true, vec![1, 2], 1)] {
            let mut settings = stand.settings();
            settings.profile.session_copies = copies;
            let token = connected(&stand, settings).await;
            for id in numbers
                .into_iter()
                .map(|number| KeyMaterialId::from_bytes([number; 32]))
            {
                let created = token
                    .create_key(id, &label(installation(), "a"), KeyKind::SYMMETRIC, soon())
                    .await
                    .unwrap();
                let key = TokenKey {
                    id,
                    kind: KeyKind::SYMMETRIC,
                    witness: created.witness.map(Arc::new),
                };
                let encrypted = sealed(&token, &key, b"value").await;
                assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
            }
            assert_eq!(stand.fake.copies(), expected);
            token.stop().await;
        }
    });
}

#[test]
fn a_handle_that_fails_is_found_again_within_the_job() {
    run(async {
        let (stand, token, key) = stand_with(|settings| {
            settings.profile.probe_interval_ms = 600_000;
            settings.profile.session_copies = false;
        })
        .await;
        stand
            .fake
            .fail(Function::EncryptInit, 1, ReturnValue::ObjectHandleInvalid);
        let encrypted = sealed(&token, &key, b"value").await;
        assert_eq!(encrypted.invocations, 2);
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        assert_eq!(token.status().counts.alarms, 0);
        token.stop().await;
    });
}

/// One object of which nothing can be read keeps nobody from the others: neither at a connection, nor when it is used or
/// looked at; and it is used again when it can be read again.
#[test]
fn an_object_that_cannot_be_read_hinders_no_other() {
    for whole in [false, true] {
        run(async {
            let stand = FakeStand::new();
            let settings = stand.settings();
            let token = connected(&stand, settings.clone()).await;
            let (key, other) = (
                new_key(&token, settings.installation, "a").await,
                new_key(&token, settings.installation, "b").await,
            );
            let encrypted = [
                sealed(&token, &key, b"value").await,
                sealed(&token, &other, b"other").await,
            ];
            token.stop().await;

            stand.fake.make_unreadable(&key.id, whole);
            let token = connected(&stand, settings).await;
            token.set_sentinel(other.clone());
            for _ in 0..3 {
                let fault = opened(&token, &key, &encrypted[0]).await.unwrap_err();
                let what = "its attributes cannot be read: C_GetAttributeValue answered CKR_GENERAL_ERROR".to_owned();
                assert_eq!(fault, TokenFault::KeyDamaged { id: key.id, what });
                assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
                assert_eq!(opened(&token, &other, &encrypted[1]).await.unwrap(), b"other");
            }
            let objects = token.objects(soon()).await.unwrap();
            let damaged = objects.iter().filter(|object| object.provenance.is_err()).count();
            assert_eq!((objects.len(), damaged), if whole { (1, 0) } else { (2, 1) });
            let probes = token.status().counts.probes;
            until("more probes", || token.status().counts.probes > probes + 3).await;
            let counts = token.status().counts;
            assert_eq!((counts.connections, counts.probe_failures), (1, 0));

            stand.fake.make_readable(&key.id);
            let begin = Instant::now();
            while opened(&token, &key, &encrypted[0]).await.is_err() {
                assert!(begin.elapsed() < PATIENCE, "it is not used again");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            token.stop().await;
        });
    }
}

/// While the service runs, the look at the keys in turn notices it.
#[test]
fn an_object_that_cannot_be_read_any_more_is_withdrawn() {
    run(async {
        let (stand, token, key) = stand_with(|_| {}).await;
        let encrypted = sealed(&token, &key, b"value").await;
        stand.fake.make_unreadable(&key.id, true);
        until("an alarm", || token.status().counts.alarms > 0).await;
        let fault = opened(&token, &key, &encrypted).await.unwrap_err();
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        assert_eq!(token.status().counts.connections, 1);
        token.stop().await;
    });
}

/// If nothing can be read it is the token, and no key is called damaged.
#[test]
fn a_token_of_which_nothing_can_be_read_is_away() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let encrypted = sealed(&token, &key, b"value").await;
        token.stop().await;
        stand
            .fake
            .fail(Function::GetAttributeValue, u64::MAX, ReturnValue::GeneralError);
        let token = stand.start(stand.settings()).unwrap();
        assert_fault(token.first_contact().await.unwrap_err(), Code::Unavailable, AWAY);
        stand.fake.clear_script();
        becomes_usable(&token).await;
        // From the second object on, it is not the first one's fault.
        let attempts = stand.fake.calls(Function::Login);
        token.stop().await;
        stand
            .fake
            .fail_after(Function::GetAttributeValue, 1, ReturnValue::GeneralError);
        let token = stand.start(stand.settings()).unwrap();
        assert_fault(token.first_contact().await.unwrap_err(), Code::Unavailable, AWAY);
        assert!(stand.fake.calls(Function::Login) > attempts);
        stand.fake.clear_script();
        becomes_usable(&token).await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        assert_eq!(token.status().counts.alarms, 0);
        token.stop().await;
    });
}
