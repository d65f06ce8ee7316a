//! Witnesses on a token that fails now and then, objects that change under the service, and wrapping keys.

use std::time::{Duration, Instant};

use strongroom_base::{Deadline, KeyMaterialId, KeySpec, WrappingAlgorithm};
use strongroom_token::{Function, ReturnValue, TokenFault};

use super::{installation, quiet_stand, stand_with};
use crate::FakeStand;
use crate::conformance::attest::OTHER_KEY;
use crate::conformance::import::{MATERIAL, Wrapping, import};
use crate::conformance::{
    KEY_UNUSABLE, PATIENCE, Stand, assert_fault, becomes_usable, connected, label, new_key, opened, run, sealed, soon,
};

/// No answer of a sick token makes a key another one.
#[test]
fn a_fault_that_goes_makes_no_key_another_one() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        for function in [Function::DecryptInit, Function::Decrypt] {
            for value in [
                ReturnValue::GeneralError,
                ReturnValue::DeviceError,
                ReturnValue::FunctionFailed,
                ReturnValue::ObjectHandleInvalid,
                ReturnValue::KeyHandleInvalid,
                ReturnValue::SessionHandleInvalid,
                ReturnValue::UserNotLoggedIn,
            ] {
                stand.fake.fail(function, 1, value);
                match &token.attest(std::slice::from_ref(&key), soon()).await {
                    Ok(wrong) if matches!(wrong[..], [] | [(_, TokenFault::Unavailable { .. })]) => {}
                    Err(TokenFault::Unavailable { .. }) => {}
                    other => panic!("{function} {value}: {other:?}"),
                }
                stand.fake.clear_script();
                let _ = token.objects(soon()).await;
                becomes_usable(&token).await;
            }
        }
        assert_eq!(token.status().counts.alarms, 0);
        token.stop().await;
    });
}

/// What hinders one key on a token that is well is told of that key, and what it leaves goes with the session.
#[test]
fn a_key_that_the_token_cannot_use_hinders_no_other() {
    run(async {
        let stand = FakeStand::deriving();
        let mut settings = stand.settings();
        settings.profile.session_copies = false;
        settings.profile.probe_interval_ms = 600_000;
        let token = connected(&stand, settings).await;
        let (first, second) = (
            new_key(&token, installation(), "a").await,
            new_key(&token, installation(), "b").await,
        );
        let keys = [first.clone(), second];
        for value in [ReturnValue::FunctionFailed, ReturnValue::ActionProhibited] {
            stand.fake.fail(Function::DestroyObject, 1, value);
            let wrong = token.attest(&keys, soon()).await.unwrap();
            let [(id, TokenFault::Unavailable { cause })] = &wrong[..] else {
                panic!("{wrong:?}")
            };
            assert_eq!(*id, first.id);
            assert!(cause.contains("C_DestroyObject"), "{cause}");
            assert_eq!(token.attest(&keys, soon()).await.unwrap(), []);
            assert_eq!(stand.fake.copies(), 0);
        }
        assert_eq!(token.status().counts.connections, 1);
        token.stop().await;
    });
}

/// Nobody waits for the answer any more.
#[test]
fn witnesses_are_opened_until_the_deadline() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let opened = stand.fake.calls(Function::Decrypt);
        stand
            .fake
            .delay(Function::Decrypt, u64::MAX, Duration::from_millis(200));
        let keys = vec![key; 20];
        let fault = token.attest(&keys, Deadline::after(Duration::from_millis(300))).await;
        assert_eq!(fault, Err(TokenFault::DeadlineExceeded));
        stand.fake.clear_script();
        token.objects(soon()).await.unwrap();
        assert!(stand.fake.calls(Function::Decrypt) - opened < 5);
        token.stop().await;
    });
}

/// Its copies do what the right key did; they are dropped.
#[test]
fn a_substituted_key_loses_its_copies() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let key = new_key(&token, installation(), "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        let copies = stand.fake.copies();
        stand.fake.substitute_object(&key.id);
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value", "by the copy");
        let wrong = token.attest(std::slice::from_ref(&key), soon()).await.unwrap();
        let (id, what) = (key.id, OTHER_KEY.to_owned());
        assert_eq!(wrong, [(id, TokenFault::KeyDamaged { id, what })]);
        assert_eq!(stand.fake.copies(), copies - 1);
        token.stop().await;
    });
}

/// Looked at in turns like all keys, with an alarm; in use again when it is as it was.
#[test]
fn a_wrapping_key_that_gained_a_usage_is_withdrawn() {
    run(async {
        let (stand, token, _) = stand_with(|_| {}).await;
        let wrapping = Wrapping::new(&token, installation(), KeySpec::Rsa2048).await;
        let wrapped = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &MATERIAL);
        assert_eq!(token.recognise(&wrapped, vec![], soon()).await.unwrap(), None);
        let alarms = || token.status().counts.alarms;
        let begin = Instant::now();
        stand.fake.let_wrapping_key_decrypt(true);
        while alarms() == 0 {
            assert!(begin.elapsed() < PATIENCE, "nobody has noticed");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let fault = token.recognise(&wrapped, vec![], soon()).await.unwrap_err();
        assert_fault(fault, strongroom_base::Code::KeyUnavailable, KEY_UNUSABLE);
        stand.fake.let_wrapping_key_decrypt(false);
        while token.recognise(&wrapped, vec![], soon()).await.is_err() {
            assert!(begin.elapsed() < PATIENCE, "it is not used again");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        token.stop().await;
    });
}

/// The id of an imported key that was destroyed is nobody's any more.
#[test]
fn an_imported_key_that_is_gone_is_not_expected_any_more() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        let wrapping = Wrapping::new(&token, installation(), KeySpec::Rsa2048).await;
        let wrapped = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &MATERIAL);
        let (id, name) = (KeyMaterialId::random().unwrap(), label(installation(), "a"));
        let key = import(&token, installation(), &wrapped, id, None).await.unwrap();
        let encrypted = sealed(&token, &key, b"value").await;
        token.destroy_key(id, &name, soon()).await.unwrap();
        stand.fake.plant_imported_object(name.as_str(), &id);
        // Even the same bytes, which open the witness, are somebody else's now.
        let found = token.attest(std::slice::from_ref(&key), soon()).await;
        assert_eq!(found.unwrap(), []);
        let fault = opened(&token, &key, &encrypted).await.unwrap_err();
        let what = "it was not made in the token, and not imported either".to_owned();
        assert_eq!(fault, TokenFault::KeyDamaged { id, what });
        token.stop().await;
    });
}
