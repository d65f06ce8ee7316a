use std::time::Duration;

use strongroom_base::KeyId;

use super::KeyLocks;

fn key(first: u8) -> KeyId {
    let mut bytes = [0; 16];
    bytes[0] = first;
    KeyId::from_bytes(bytes)
}

#[tokio::test]
async fn no_key_waits_for_another() {
    let locks = KeyLocks::default();
    let mut held = Vec::new();
    for first in 0..=u8::MAX {
        let lock = tokio::time::timeout(Duration::from_secs(5), locks.lock(&key(first))).await;
        held.push(lock.unwrap());
    }
    assert_eq!(locks.all().len(), 256);
    drop(held);
    assert!(locks.all().is_empty());
}

#[tokio::test]
async fn a_key_is_held_once_and_nothing_is_left_of_who_gave_up() {
    let locks = KeyLocks::default();
    let held = locks.lock(&key(1)).await;
    let waited = tokio::time::timeout(Duration::from_millis(20), locks.lock(&key(1))).await;
    assert!(waited.is_err(), "two hold it");
    assert_eq!(locks.all().len(), 1);
    let next = async {
        let lock = locks.lock(&key(1)).await;
        assert_eq!(locks.all().len(), 1);
        drop(lock);
    };
    let release = async { drop(held) };
    tokio::join!(next, release);
    assert!(locks.all().is_empty());

    // Who gives up last leaves nothing either.
    let held = locks.lock(&key(2)).await;
    let second = key(2);
    let mut waiting = Box::pin(locks.lock(&second));
    let waited = tokio::time::timeout(Duration::from_millis(20), &mut waiting).await;
    assert!(waited.is_err());
    drop(held);
    drop(waiting);
    assert!(locks.all().is_empty());
}
