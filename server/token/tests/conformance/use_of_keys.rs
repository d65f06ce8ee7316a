//! Encryption, decryption, data keys.

use std::time::Duration;

use strongroom_base::{Code, Deadline};
use strongroom_material::{DataKey, Plaintext};
use strongroom_token::{Encrypted, Nonce, TAG_BYTES, TokenFault};

use super::{AAD, INVALID, Stand, assert_fault, connected, new_key, opened, plaintext, revealed, run, sealed, soon};

pub(super) fn round_trips(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let other = new_key(&token, settings.installation, "b").await;
        let prefix = token.suite().unwrap().prefix_bytes();

        for length in [0, 1, 16, 31, 4_096] {
            let bytes = vec![0xa5; length];
            let encrypted = sealed(&token, &key, &bytes).await;
            assert_eq!(
                (encrypted.ciphertext.len(), encrypted.invocations),
                (prefix + length + TAG_BYTES, 1)
            );
            assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), bytes);
        }

        let generated = token.generate_data_key(&key, AAD, 32, soon()).await.unwrap();
        let again: strongroom_material::Material<DataKey> = token
            .decrypt(
                &key,
                generated.encrypted.nonce,
                AAD,
                &generated.encrypted.ciphertext,
                soon(),
            )
            .await
            .unwrap();
        assert_eq!(generated.plaintext.len(), 32);
        assert!(bool::from(generated.plaintext.ct_eq(&again)));

        let encrypted = sealed(&token, &key, b"moving").await;
        let moved = token
            .re_encrypt(
                &key,
                encrypted.nonce,
                AAD,
                &encrypted.ciphertext,
                &other,
                b"elsewhere",
                soon(),
            )
            .await;
        let moved = moved.unwrap();
        let there = token
            .decrypt(&other, moved.nonce, b"elsewhere", &moved.ciphertext, soon())
            .await
            .unwrap();
        assert_eq!(revealed(&there), b"moving");

        let first = token.random::<Plaintext>(32, soon()).await.unwrap();
        let second = token.random::<Plaintext>(32, soon()).await.unwrap();
        assert!(!bool::from(first.ct_eq(&second)));
        assert_ne!(
            sealed(&token, &key, b"x").await.nonce,
            sealed(&token, &key, b"x").await.nonce
        );
        token.stop().await;
    });
}

/// One answer for all: it never says what is wrong.
pub(super) fn what_was_changed_does_not_open(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let other = new_key(&token, settings.installation, "b").await;
        let good = sealed(&token, &key, b"value").await;
        let changed = |index: usize| {
            let mut ciphertext = good.ciphertext.clone();
            ciphertext[index] ^= 1;
            Encrypted {
                ciphertext,
                ..good.clone()
            }
        };
        let mut nonce = *good.nonce.as_bytes();
        nonce[11] ^= 1;
        let cut = |length: usize| Encrypted {
            ciphertext: good.ciphertext[..length].into(),
            ..good.clone()
        };
        let last = good.ciphertext.len() - 1;
        let cases = [
            ("a bit of the text", changed(0)),
            ("a bit of the tag", changed(last)),
            (
                "another nonce",
                Encrypted {
                    nonce: Nonce::from_bytes(nonce),
                    ..good.clone()
                },
            ),
            ("the last byte is missing", cut(last)),
            ("nothing but a tag", cut(TAG_BYTES)),
            ("shorter than a tag", cut(TAG_BYTES - 1)),
            ("empty", cut(0)),
        ];
        for (name, encrypted) in cases {
            let fault = opened(&token, &key, &encrypted).await.unwrap_err();
            assert_eq!(fault, TokenFault::InvalidCiphertext, "{name}");
            assert_fault(fault, Code::InvalidCiphertext, INVALID);
        }
        let elsewhere = token
            .decrypt::<Plaintext>(&key, good.nonce, b"another", &good.ciphertext, soon())
            .await;
        assert_fault(elsewhere.err().unwrap(), Code::InvalidCiphertext, INVALID);
        assert_fault(
            opened(&token, &other, &good).await.unwrap_err(),
            Code::InvalidCiphertext,
            INVALID,
        );

        let moved = token
            .re_encrypt(&other, good.nonce, AAD, &good.ciphertext, &key, AAD, soon())
            .await;
        assert_fault(moved.unwrap_err(), Code::InvalidCiphertext, INVALID);
        assert_eq!(opened(&token, &key, &good).await.unwrap(), b"value");
        assert_eq!(
            token.status().counts.connections,
            1,
            "bad ciphertexts must not cost a reconnection"
        );
        token.stop().await;
    });
}

pub(super) fn what_must_not_be_asked_is_refused(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let text = "The service asked the HSM for something that it must not.";
        assert_fault(
            token.encrypt(&key, b"", plaintext(b"x"), soon()).await.unwrap_err(),
            Code::Internal,
            text,
        );
        assert_fault(
            token.generate_data_key(&key, b"", 32, soon()).await.err().unwrap(),
            Code::Internal,
            text,
        );
        for length in [0, 1_025] {
            assert_fault(
                token.random::<Plaintext>(length, soon()).await.err().unwrap(),
                Code::Internal,
                text,
            );
        }
        let none = token
            .decrypt::<Plaintext>(&key, Nonce::from_bytes([0; 12]), b"", &[0; 32], soon())
            .await;
        assert_fault(none.err().unwrap(), Code::Internal, text);
        token.stop().await;
    });
}

pub(super) fn a_deadline_that_passed_is_kept(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let jobs = token.status().counts.jobs;
        let late = token
            .encrypt(&key, AAD, plaintext(b"x"), Deadline::after(Duration::ZERO))
            .await;
        let text = "The HSM did not answer within the request's deadline; try again.";
        assert_fault(late.unwrap_err(), Code::DependencyTimeout, text);
        let late = token.objects(Deadline::after(Duration::ZERO)).await;
        assert_fault(late.unwrap_err(), Code::DependencyTimeout, text);
        assert_eq!((token.status().counts.jobs, token.status().counts.expired), (jobs, 2));
        token.stop().await;
    });
}

pub(super) fn copies_are_dropped_and_made_again(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        assert_eq!(token.status().counts.copies, 1);
        token.forget(key.id);
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        assert_eq!(token.status().counts.copies, 2);
        token.stop().await;
    });
}
