//! Keys for one message: none outlives its job.

use strongroom_base::Code;
use strongroom_token::{Encrypted, Function, ReturnValue};

use super::installation;
use crate::FakeStand;
use crate::conformance::{AAD, INVALID, Stand, assert_fault, connected, new_key, opened, run, sealed, soon};

/// What cannot be destroyed goes with its session, whether or not the message came to anything.
#[test]
fn a_message_key_that_cannot_be_destroyed_goes_with_its_session() {
    run(async {
        let stand = FakeStand::deriving();
        let mut settings = stand.settings();
        settings.profile.session_copies = false;
        settings.profile.probe_interval_ms = 600_000;
        let token = connected(&stand, settings).await;
        let key = new_key(&token, installation(), "a").await;
        let good = sealed(&token, &key, b"value").await;
        let mut ciphertext = good.ciphertext.clone();
        *ciphertext.last_mut().unwrap() ^= 1;
        let damaged = Encrypted {
            ciphertext,
            ..good.clone()
        };
        assert_eq!(stand.fake.copies(), 0);
        for value in [
            ReturnValue::FunctionRejected,
            ReturnValue::ObjectHandleInvalid,
            ReturnValue::ActionProhibited,
            ReturnValue::GeneralError,
        ] {
            stand.fake.fail(Function::DestroyObject, 1, value);
            assert_eq!(opened(&token, &key, &good).await.unwrap(), b"value", "{value}");
            assert_eq!(stand.fake.copies(), 0, "{value}");
            stand.fake.fail(Function::DestroyObject, 1, value);
            assert_fault(
                opened(&token, &key, &damaged).await.unwrap_err(),
                Code::InvalidCiphertext,
                INVALID,
            );
            assert_eq!(stand.fake.copies(), 0, "{value}");
        }
        token.stop().await;
    });
}

/// Nonce and salt, and a data key with them, are drawn by one call.
#[test]
fn an_encryption_draws_once() {
    run(async {
        let stand = FakeStand::deriving();
        let mut settings = stand.settings();
        settings.profile.probe_interval_ms = 600_000;
        let token = connected(&stand, settings).await;
        let key = new_key(&token, installation(), "a").await;
        let before = stand.fake.calls(Function::GenerateRandom);
        sealed(&token, &key, b"value").await;
        assert_eq!(stand.fake.calls(Function::GenerateRandom) - before, 1);
        token.generate_data_key(&key, AAD, 32, soon()).await.unwrap();
        assert_eq!(stand.fake.calls(Function::GenerateRandom) - before, 2);
        token.stop().await;
    });
}
