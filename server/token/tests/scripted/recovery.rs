//! Getting well again, and what is tried on the way.

use std::time::Duration;

use strongroom_base::{Code, Fault};
use strongroom_token::{Function, Health, ReturnValue, TokenFault};

use super::{installation, quiet_stand, stand_with};
use crate::FakeStand;
use crate::conformance::{
    AAD, AWAY, CONFIGURED, Stand, assert_fault, becomes, becomes_usable, connected, new_key, opened, plaintext, run,
    sealed, soon, write_pin,
};

/// A spoilt session is replaced and the job tried again: with another nonce, and counted.
#[test]
fn a_spoilt_session_is_replaced_within_the_job() {
    run(async {
        for value in [
            ReturnValue::SessionHandleInvalid,
            ReturnValue::OperationActive,
            ReturnValue::BufferTooSmall,
        ] {
            let (stand, token, key) = quiet_stand().await;
            sealed(&token, &key, b"so that there is a copy").await;
            let (random, sessions) = (
                stand.fake.calls(Function::GenerateRandom),
                stand.fake.calls(Function::OpenSession),
            );
            stand.fake.fail(Function::Encrypt, 1, value);
            let encrypted = sealed(&token, &key, b"value").await;
            assert_eq!(encrypted.invocations, 2, "{value}");
            assert_eq!(stand.fake.calls(Function::GenerateRandom) - random, 2, "a nonce each");
            assert_eq!(stand.fake.calls(Function::OpenSession) - sessions, 1);
            assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
            assert_eq!(token.status().counts.connections, 1);
            token.stop().await;
        }
    });
}

#[test]
fn tries_come_to_an_end() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let before = stand.fake.calls(Function::EncryptInit);
        stand.fake.fail(Function::Encrypt, 100, ReturnValue::FunctionCanceled);
        let fault = token.encrypt(&key, AAD, plaintext(b"x"), soon()).await.unwrap_err();
        assert_fault(fault, Code::Unavailable, AWAY);
        assert_eq!(stand.fake.calls(Function::EncryptInit) - before, 3);
        token.stop().await;
    });
}

/// An object that is lost in the last try is not found again: the caller's budget is charged three encryptions.
#[test]
fn an_object_lost_with_the_last_try_is_not_tried_a_fourth_time() {
    run(async {
        let (stand, token, key) = stand_with(|settings| {
            settings.profile.session_copies = false;
            settings.profile.probe_interval_ms = 600_000;
        })
        .await;
        sealed(&token, &key, b"so that the lane has a session").await;
        let before = stand.fake.calls(Function::Encrypt);
        stand.fake.fail(Function::Encrypt, 2, ReturnValue::FunctionCanceled);
        stand.fake.fail(Function::Encrypt, 1, ReturnValue::ObjectHandleInvalid);
        let fault = token.encrypt(&key, AAD, plaintext(b"x"), soon()).await.unwrap_err();
        let expected = format!("the object of {} was lost with the last one", key.id);
        assert!(fault.to_string().contains(&expected), "{fault}");
        assert_fault(fault, Code::Unavailable, AWAY);
        assert_eq!(stand.fake.calls(Function::Encrypt) - before, 3);
        sealed(&token, &key, b"the next job finds it").await;
        token.stop().await;
    });
}

/// Somebody else logged the process out: no handle holds, no object can be seen, and C_GetTokenInfo is content.
#[test]
fn a_logout_by_somebody_else_is_healed_by_one_login() {
    run(async {
        for with_sentinel in [true, false] {
            let stand = FakeStand::new();
            let mut settings = stand.settings();
            settings.profile.probe_interval_ms = 600_000;
            let token = connected(&stand, settings).await;
            let root = new_key(&token, installation(), "root").await;
            let key = new_key(&token, installation(), "a").await;
            if with_sentinel {
                token.set_sentinel(root);
            }
            let encrypted = sealed(&token, &key, b"value").await;
            stand.fake.log_out();
            let fault = opened(&token, &key, &encrypted).await.unwrap_err();
            assert_eq!(Fault::from(fault).code(), Code::Unavailable);
            becomes_usable(&token).await;
            assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
            assert_eq!(stand.fake.calls(Function::Login), 2);
            token.stop().await;
        }
    });
}

#[test]
fn a_lane_that_finds_nobody_logged_in_gets_a_login_without_c_finalize() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let encrypted = sealed(&token, &key, b"value").await;
        stand.fake.fail(Function::DecryptInit, 1, ReturnValue::UserNotLoggedIn);
        let fault = opened(&token, &key, &encrypted).await.unwrap_err();
        assert_fault(fault, Code::Unavailable, AWAY);
        while token.status().counts.connections < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        becomes_usable(&token).await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        assert_eq!(stand.fake.calls(Function::Finalize), 0);
        token.stop().await;
    });
}

/// An odd answer makes the control lane look at once, and a token that is well goes on as it was.
#[test]
fn a_suspicious_answer_is_probed_at_once_and_does_not_cost_the_connection() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        stand.fake.fail(Function::EncryptInit, 1, ReturnValue::DeviceError);
        let fault = token.encrypt(&key, AAD, plaintext(b"x"), soon()).await.unwrap_err();
        assert_fault(fault, Code::Unavailable, AWAY);
        while token.status().counts.probes == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        sealed(&token, &key, b"x").await;
        let counts = token.status().counts;
        assert_eq!((counts.probe_failures, counts.connections), (0, 1));
        token.stop().await;
    });
}

/// A failed probe takes the copies away, and refuses what waits.
#[test]
fn a_failed_probe_drops_all_copies() {
    run(async {
        let (stand, token, key) = stand_with(|_| {}).await;
        sealed(&token, &key, b"x").await;
        assert_eq!(stand.fake.copies(), 1);
        stand
            .fake
            .fail(Function::Initialize, u64::MAX, ReturnValue::DeviceError);
        stand.fake.fail(Function::GetTokenInfo, 1, ReturnValue::DeviceRemoved);
        becomes(&token, |health| *health == Health::Unusable { reason: AWAY }).await;
        let fault = token.encrypt(&key, AAD, plaintext(b"x"), soon()).await.unwrap_err();
        assert_fault(fault, Code::Unavailable, AWAY);
        stand.wait_for_copies(0).await;
        assert!(token.status().cause.unwrap().contains("CKR_DEVICE_"));
        stand.fake.clear_script();
        becomes_usable(&token).await;
        sealed(&token, &key, b"x").await;
        token.stop().await;
    });
}

/// The label is right and the token is another one: never work with it.
#[test]
fn a_token_that_was_initialised_again_is_refused() {
    run(async {
        let (stand, token, key) = stand_with(|_| {}).await;
        let encrypted = sealed(&token, &key, b"value").await;
        stand.fake.reinitialise();
        becomes(&token, |health| *health == Health::Unusable { reason: CONFIGURED }).await;
        let fault = opened(&token, &key, &encrypted).await.unwrap_err();
        assert_eq!(
            fault,
            TokenFault::TokenReplaced {
                expected: "1".to_owned(),
                found: "2".to_owned()
            }
        );
        assert_fault(fault, Code::Unavailable, CONFIGURED);
        token.stop().await;
    });
}

/// C_Login calls that the token sees, not those that we count.
#[test]
fn the_token_sees_a_wrong_pin_once() {
    run(async {
        let stand = FakeStand::new();
        let settings = stand.settings();
        write_pin(&settings, "0000", 0o600);
        for _ in 0..3 {
            let token = stand.start(settings.clone()).unwrap();
            assert_fault(token.first_contact().await.unwrap_err(), Code::Unavailable, CONFIGURED);
            token.stop().await;
        }
        assert_eq!(stand.fake.calls(Function::Login), 1);
    });
}

/// A PIN whose refusal could not be remembered would be tried again by every restart.
#[test]
fn no_pin_is_tried_when_a_refusal_could_not_be_remembered() {
    run(async {
        let stand = FakeStand::new();
        let settings = stand.settings();
        let right = std::fs::read_to_string(&settings.pin_file).unwrap();
        write_pin(&settings, "0000", 0o600);
        // A directory in its place stops root, too, who may write anywhere.
        let prepared = settings.state_directory.join("pin-latch.prepared");
        std::fs::create_dir(&prepared).unwrap();
        let token = stand.start(settings.clone()).unwrap();
        let fault = token.first_contact().await.unwrap_err();
        let text = fault.to_string();
        assert!(
            text.contains("pin-latch.prepared cannot be used: Is a directory")
                && text.ends_with("make its directory writable, with room on its disk"),
            "{text}"
        );
        assert_fault(fault, Code::Unavailable, CONFIGURED);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(stand.fake.calls(Function::Login), 0);

        // Without a restart: the file can be written again, and the right PIN is there.
        write_pin(&settings, right.trim_end(), 0o600);
        std::fs::remove_dir(&prepared).unwrap();
        becomes_usable(&token).await;
        token.stop().await;
        let left = std::fs::read_dir(&settings.state_directory).unwrap().count();
        assert_eq!(left, 0, "a login that succeeds leaves no file");
    });
}

/// The disk goes while the token answers: this process remembers all the same.
#[test]
fn a_refusal_that_cannot_be_put_on_disk_is_remembered_in_memory() {
    run(async {
        let stand = FakeStand::new();
        let settings = stand.settings();
        let right = std::fs::read_to_string(&settings.pin_file).unwrap();
        write_pin(&settings, "0000", 0o600);
        let delay = Duration::from_secs(2);
        stand.fake.delay(Function::Login, 1, delay);
        let token = stand.start(settings.clone()).unwrap();
        let prepared = settings.state_directory.join("pin-latch.prepared");
        while stand.fake.calls(Function::Login) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        std::fs::remove_file(prepared).unwrap();
        let expected = TokenFault::PinIncorrect {
            pin_file: settings.pin_file.clone(),
        };
        assert_eq!(token.first_contact().await.unwrap_err(), expected);
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(stand.fake.calls(Function::Login), 1);
        assert_eq!(token.objects(soon()).await.unwrap_err(), expected);

        write_pin(&settings, right.trim_end(), 0o600);
        becomes_usable(&token).await;
        assert_eq!(stand.fake.calls(Function::Login), 2);
        token.stop().await;
    });
}

#[test]
fn no_pin_is_tried_on_a_token_that_is_locked_or_would_lock() {
    run(async {
        for (final_try, locked, expected) in [
            (true, false, TokenFault::PinFinalTry),
            (true, true, TokenFault::PinLocked),
        ] {
            let stand = FakeStand::new();
            stand.fake.set_pin_flags(final_try, locked);
            let token = stand.start(stand.settings()).unwrap();
            let fault = token.first_contact().await.unwrap_err();
            assert_eq!(fault, expected);
            assert_fault(fault, Code::Unavailable, CONFIGURED);
            assert_eq!(stand.fake.calls(Function::Login), 0);
            stand.fake.set_pin_flags(false, false);
            becomes_usable(&token).await;
            token.stop().await;
        }
    });
}

#[test]
fn before_the_first_contact_nothing_is_taken() {
    run(async {
        let stand = FakeStand::new();
        stand.fake.delay(Function::Initialize, 1, Duration::from_secs(2));
        let token = stand.start(stand.settings()).unwrap();
        assert_eq!(*token.health().borrow(), Health::Unknown);
        assert_fault(token.objects(soon()).await.unwrap_err(), Code::Unavailable, AWAY);
        token.first_contact().await.unwrap();
        token.objects(soon()).await.unwrap();
        token.stop().await;
    });
}
