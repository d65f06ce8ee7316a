//! More work than the token can do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom_base::{Code, Deadline, limits};
use strongroom_material::Plaintext;
use strongroom_token::{Function, KeyKind};

use super::{installation, quiet_stand, stand_with, until};
use crate::conformance::{AAD, AWAY, assert_fault, label, new_key, opened, plaintext, run, sealed, soon};

#[test]
fn a_full_queue_sheds_and_what_waits_is_served() {
    run(async {
        let (stand, token, _) = quiet_stand().await;
        stand.fake.delay(Function::GenerateRandom, 1, Duration::from_secs(2));
        let waiting: Vec<_> = (0..limits::TOKEN_DATA_QUEUE_MAX + 200)
            .map(|_| {
                let token = token.clone();
                tokio::spawn(async move { token.random::<Plaintext>(1, soon()).await.map(|_| ()) })
            })
            .collect();
        let (mut served, mut shed) = (0, 0);
        for job in waiting {
            match job.await.unwrap() {
                Ok(()) => served += 1,
                Err(fault) => {
                    assert_fault(
                        fault,
                        Code::Throttling,
                        "Too many requests wait for the HSM; try again later.",
                    );
                    shed += 1;
                }
            }
        }
        assert!(
            served >= limits::TOKEN_DATA_QUEUE_MAX && shed >= 1,
            "{served} served, {shed} shed"
        );
        assert_eq!(token.status().counts.shed, shed);
        token.stop().await;
    });
}

/// The caller hears in time, and the token is not bothered with what nobody waits for.
#[test]
fn what_expires_in_the_queue_never_reaches_the_token() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        sealed(&token, &key, b"so that there is a copy").await;
        let encrypted = stand.fake.calls(Function::Encrypt);
        stand.fake.delay(Function::Encrypt, 1, Duration::from_secs(2));
        let slow = tokio::spawn({
            let (token, key) = (token.clone(), key.clone());
            async move { token.encrypt(&key, AAD, plaintext(b"x"), soon()).await }
        });
        until("the slow encryption", || {
            stand.fake.calls(Function::Encrypt) > encrypted
        })
        .await;
        let before = stand.fake.calls(Function::EncryptInit);
        let late = token
            .encrypt(&key, AAD, plaintext(b"x"), Deadline::after(Duration::from_millis(50)))
            .await;
        let text = "The HSM did not answer within the request's deadline; try again.";
        assert_fault(late.unwrap_err(), Code::DependencyTimeout, text);
        assert!(!slow.is_finished(), "it waited for the job before it");
        slow.await.unwrap().unwrap();
        token.random::<Plaintext>(1, soon()).await.unwrap();
        assert_eq!(stand.fake.calls(Function::EncryptInit), before);
        assert_eq!(token.status().counts.expired, 1);
        token.stop().await;
    });
}

/// A token that hangs must not take the threads of the async runtime with it.
#[test]
fn forgetting_does_not_wait_for_a_slow_token() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        sealed(&token, &key, b"so that there is a copy").await;
        let encrypted = stand.fake.calls(Function::Encrypt);
        stand.fake.delay(Function::Encrypt, 1, Duration::from_secs(2));
        let slow = tokio::spawn({
            let (token, key) = (token.clone(), key.clone());
            async move { token.encrypt(&key, AAD, plaintext(b"x"), soon()).await }
        });
        until("the slow encryption", || {
            stand.fake.calls(Function::Encrypt) > encrypted
        })
        .await;
        token.forget(key.id);
        assert!(!slow.is_finished(), "it waited for the job");
        slow.await.unwrap().unwrap();
        // The lane drops it after the job under way, without another job.
        stand.wait_for_copies(0).await;
        token.stop().await;
    });
}

/// Lanes, probes, creation, destruction, forgetting and reconnections at once: all ends well, and nothing hangs.
#[test]
fn everything_at_once_ends() {
    run(async {
        let (stand, token, key) = stand_with(|settings| {
            settings.profile.probe_interval_ms = 5;
            settings.profile.data_lanes = 2;
        })
        .await;
        let key = Arc::new(key);
        let until = Instant::now() + Duration::from_secs(2);
        let users: Vec<_> = (0..16)
            .map(|_| {
                let (token, key) = (token.clone(), Arc::clone(&key));
                tokio::spawn(async move {
                    while Instant::now() < until {
                        let Ok(encrypted) = token.encrypt(&key, AAD, plaintext(b"value"), soon()).await else {
                            tokio::task::yield_now().await;
                            continue;
                        };
                        match opened(&token, &key, &encrypted).await {
                            Ok(bytes) => assert_eq!(bytes, b"value"),
                            Err(fault) => assert_fault(fault, Code::Unavailable, AWAY),
                        }
                    }
                })
            })
            .collect();
        while Instant::now() < until {
            token.forget(key.id);
            if token.status().counts.jobs % 3 == 0 {
                stand.fake.take_away();
                tokio::time::sleep(Duration::from_millis(15)).await;
                stand.fake.bring_back();
            }
            let id = strongroom_base::KeyMaterialId::random().unwrap();
            if token
                .create_key(id, &label(installation(), "b"), KeyKind::SYMMETRIC, soon())
                .await
                .is_ok()
            {
                let _ = token.destroy_key(id, &label(installation(), "b"), soon()).await;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        for user in users {
            user.await.unwrap();
        }
        crate::conformance::becomes_usable(&token).await;
        new_key(&token, installation(), "c").await;
        assert_eq!(token.status().counts.invalid_ciphertexts, 0);
        token.stop().await;
    });
}
