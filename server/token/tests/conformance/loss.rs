//! Losing the token, and objects.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use strongroom_base::{Code, Fault};
use strongroom_token::{Encrypted, Health, KeyKind, Token, TokenFault, TokenKey};

use super::{
    AWAY, KEY_UNUSABLE, PATIENCE, Stand, assert_fault, becomes, becomes_usable, connected, label, new_key, opened, run,
    sealed, soon,
};

/// A session copy does not notice; the look at the keys in turn does.
pub(super) fn an_object_that_somebody_destroyed(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let root = new_key(&token, settings.installation, "root").await;
        let key = new_key(&token, settings.installation, "a").await;
        token.set_sentinel(root.clone());
        let encrypted = sealed(&token, &key, b"value").await;
        stand.delete_object(&key.id);

        let begin = Instant::now();
        let fault = loop {
            match opened(&token, &key, &encrypted).await {
                Ok(_) => assert!(begin.elapsed() < PATIENCE, "nobody notices"),
                Err(fault) => break fault,
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert_eq!(fault, TokenFault::KeyMissing { id: key.id });
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        assert!(token.status().counts.alarms >= 1);
        assert_eq!(*token.health().borrow(), Health::Usable);
        let other = sealed(&token, &root, b"other").await;
        assert_eq!(opened(&token, &root, &other).await.unwrap(), b"other");
        token.stop().await;
    });
}

/// What the load saw while the token came and went.
#[derive(Default)]
struct Seen {
    good: AtomicBool,
    away: AtomicBool,
}

impl Seen {
    /// Waits until the load has met, from now on, what `flag` stands for.
    async fn again(flag: &AtomicBool) {
        flag.store(false, Ordering::Release);
        let met = async {
            while !flag.load(Ordering::Acquire) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(PATIENCE, met).await.unwrap();
    }
}

/// Opens one good ciphertext again and again: it may be unavailable, and is never called invalid.
async fn load(token: Token, key: TokenKey, encrypted: Encrypted, seen: Arc<Seen>, stop: Arc<AtomicBool>) {
    while !stop.load(Ordering::Acquire) {
        match opened(&token, &key, &encrypted).await {
            Ok(plaintext) => {
                assert_eq!(plaintext, b"value");
                seen.good.store(true, Ordering::Release);
            }
            Err(fault) => {
                let text = fault.to_string();
                let fault = Fault::from(fault);
                assert!(fault.code() == Code::Unavailable, "{text}");
                assert_eq!(fault.message(), AWAY, "{text}");
                assert!(fault.retry_delay().is_some(), "{text}");
                seen.away.store(true, Ordering::Release);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
}

pub(super) fn a_token_that_goes_and_comes_back(stand: &dyn Stand) {
    for copies in [true, false] {
        run(async {
            let mut settings = stand.settings();
            settings.profile.session_copies = copies;
            let token = connected(stand, settings.clone()).await;
            let root = new_key(&token, settings.installation, "root").await;
            let key = new_key(&token, settings.installation, "a").await;
            token.set_sentinel(root.clone());
            let encrypted = sealed(&token, &key, b"value").await;
            let (seen, stop) = (Arc::new(Seen::default()), Arc::new(AtomicBool::new(false)));
            let loads: Vec<_> = (0..8)
                .map(|_| {
                    let work = load(
                        token.clone(),
                        key.clone(),
                        encrypted.clone(),
                        Arc::clone(&seen),
                        Arc::clone(&stop),
                    );
                    tokio::spawn(work)
                })
                .collect();
            for round in 0..2 {
                Seen::again(&seen.good).await;
                stand.take_away();
                let unusable: fn(&Health) -> bool = |health| matches!(health, Health::Unusable { .. });
                becomes(&token, unusable).await;
                Seen::again(&seen.away).await;
                // From now on every request fails at once, with a time to try again.
                let fault = opened(&token, &key, &encrypted).await.unwrap_err();
                assert!(!matches!(fault, TokenFault::InvalidCiphertext), "round {round}");
                let name = label(settings.installation, "new");
                let id = strongroom_base::KeyMaterialId::random().unwrap();
                let fault = Fault::from(
                    token
                        .create_key(id, &name, KeyKind::SYMMETRIC, soon())
                        .await
                        .unwrap_err(),
                );
                assert_eq!(fault.code(), Code::Unavailable);
                stand.bring_back();
                becomes_usable(&token).await;
                assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
            }
            stop.store(true, Ordering::Release);
            for load in loads {
                load.await.unwrap();
            }
            assert_eq!(token.status().counts.invalid_ciphertexts, 0);
            let name = label(settings.installation, "root");
            let fault = token.destroy_key(root.id, &name, soon()).await.unwrap_err();
            assert!(
                matches!(fault, TokenFault::Defect { .. }),
                "the sentinel must stay: {fault}"
            );
            token.stop().await;
        });
    }
}

/// Before the root key is known the probe has C_GetTokenInfo alone; that must do.
pub(super) fn a_token_that_goes_without_a_sentinel(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        token.forget(key.id);
        stand.take_away();
        // At once, whether the handle fails, the search finds nothing, or all calls do.
        let fault = opened(&token, &key, &encrypted).await.unwrap_err();
        assert_eq!(Fault::from(fault).code(), Code::Unavailable);
        stand.bring_back();
        // Where a lane could only raise a doubt, the probe that confirms it comes after the answer.
        let begin = Instant::now();
        while let Err(fault) = opened(&token, &key, &encrypted).await {
            assert_eq!(Fault::from(fault).code(), Code::Unavailable);
            assert!(begin.elapsed() < PATIENCE, "it does not come back");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        token.stop().await;
    });
}

pub(super) fn a_token_that_is_away_at_the_start(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        stand.take_away();
        let token = stand.start(settings.clone()).unwrap();
        let fault = token.first_contact().await.unwrap_err();
        assert!(
            !fault.needs_operator(),
            "a service must start with its HSM away: {fault}"
        );
        assert_eq!(Fault::from(fault).code(), Code::Unavailable);
        stand.bring_back();
        becomes_usable(&token).await;
        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        token.stop().await;
    });
}
