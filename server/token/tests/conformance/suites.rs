//! How symmetric keys encrypt: with themselves, or with a key derived for each message.

use std::collections::HashSet;

use strongroom_base::{Code, KeyMaterialId};
use strongroom_hsm_config::SuiteName;
use strongroom_token::{KeyKind, Suite, TokenFault, TokenKey};

use super::{
    AAD, INVALID, KEY_UNUSABLE, Stand, assert_fault, connected, label, new_key_of, opened, revealed, run, sealed, soon,
};

/// Keys of both suites work at the same time, ciphertexts move between them, and neither opens the other's.
pub(super) fn both_suites_side_by_side(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        if token.suite().unwrap() == Suite::Direct {
            return token.stop().await;
        }
        let direct = new_key_of(&token, settings.installation, "direct", KeyKind::SYMMETRIC).await;
        let kind = KeyKind::symmetric(Suite::Derived);
        let derived = new_key_of(&token, settings.installation, "derived", kind).await;
        for (from, into) in [(&direct, &derived), (&derived, &direct), (&derived, &derived)] {
            let encrypted = sealed(&token, from, b"moving").await;
            let moved = token
                .re_encrypt(
                    from,
                    encrypted.nonce,
                    AAD,
                    &encrypted.ciphertext,
                    into,
                    b"there",
                    soon(),
                )
                .await
                .unwrap();
            let there = token
                .decrypt(into, moved.nonce, b"there", &moved.ciphertext, soon())
                .await
                .unwrap();
            assert_eq!(revealed(&there), b"moving");
        }
        let salts: HashSet<_> = [
            sealed(&token, &derived, b"x").await,
            sealed(&token, &derived, b"x").await,
        ]
        .into_iter()
        .map(|encrypted| encrypted.ciphertext[..16].to_vec())
        .collect();
        assert_eq!(salts.len(), 2, "each message has a salt of its own");

        // The object says what it does, whatever the caller believes.
        let encrypted = sealed(&token, &derived, b"value").await;
        let mistaken = TokenKey {
            kind: KeyKind::SYMMETRIC,
            ..derived.clone()
        };
        let fault = opened(&token, &mistaken, &encrypted).await.unwrap_err();
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        let id = KeyMaterialId::random().unwrap();
        let name = label(settings.installation, "once");
        token.create_key(id, &name, kind, soon()).await.unwrap();
        let fault = token
            .create_key(id, &name, KeyKind::SYMMETRIC, soon())
            .await
            .unwrap_err();
        let what = "it was made as another kind of key".to_owned();
        assert_eq!(fault, TokenFault::KeyDamaged { id, what });

        // The salt and the material's id are part of what is authenticated: both go into the key.
        let other = new_key_of(&token, settings.installation, "other", kind).await;
        assert_fault(
            opened(&token, &other, &encrypted).await.unwrap_err(),
            Code::InvalidCiphertext,
            INVALID,
        );
        assert_eq!(opened(&token, &derived, &encrypted).await.unwrap(), b"value");
        token.stop().await;
    });
}

/// A profile that does not want it gets the direct suite, and nobody gets the other one by asking.
pub(super) fn a_suite_that_the_token_cannot_do_is_refused(stand: &dyn Stand) {
    run(async {
        let mut settings = stand.settings();
        settings.profile.suite = SuiteName::Aes256Gcm;
        let token = connected(stand, settings.clone()).await;
        assert_eq!(token.suite().unwrap(), Suite::Direct);
        let id = KeyMaterialId::random().unwrap();
        let name = label(settings.installation, "a");
        let kind = KeyKind::symmetric(Suite::Derived);
        let fault = token.create_key(id, &name, kind, soon()).await.unwrap_err();
        let expected = TokenFault::Unsupported {
            missing: "CKM_SP800_108_COUNTER_KDF",
            what: "SYMMETRIC_DEFAULT",
        };
        assert_eq!(fault, expected);
        let key = new_key_of(&token, settings.installation, "b", KeyKind::SYMMETRIC).await;
        let encrypted = sealed(&token, &key, b"value").await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        token.stop().await;
    });
}

/// Thousands of messages leave nothing behind: what a stand can count is the same before and after.
pub(super) fn message_keys_are_gone_afterwards(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let kind = KeyKind::symmetric(token.suite().unwrap());
        let key = new_key_of(&token, settings.installation, "a", kind).await;
        let encrypted = sealed(&token, &key, b"value").await;
        let before = stand.session_objects();
        for _ in 0..500 {
            sealed(&token, &key, b"value").await;
            assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        }
        assert_eq!(stand.session_objects(), before);
        token.stop().await;
    });
}
