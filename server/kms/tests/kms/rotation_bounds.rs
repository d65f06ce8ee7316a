//! What rotation withstands: wrong clocks, many rotations, damaged counters.

use strongroom_base::Code;
use strongroom_kms::op::{RotateKey, RotateKeyOnDemand, ScheduleKeyDeletion, TagResource, UpdateKeyDescription};

use crate::bench::{Bench, fault};
use crate::rotation::{enable, materials, rotate_due, status};

/// A clock that is set forward rotates nothing, and moves no date.
#[tokio::test]
async fn a_clock_that_is_set_forward_rotates_nothing() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    enable(&bench, key, Some(90)).await;
    let schedule = status(&bench, key).await.schedule;
    bench.set_clock_forward(3_650);
    assert_eq!(rotate_due(&bench).await, []);
    bench.admin(RotateKeyOnDemand { key }).await.unwrap();
    assert_eq!(status(&bench, key).await.schedule, schedule);
}

/// And with all of them its record can still be changed, whatever else is in it.
#[tokio::test]
async fn a_key_has_at_most_200_materials() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let wide = |length: usize| "\u{1d400}".repeat(length);
    let tags = (10..60).map(|number| (format!("{}{number}", wide(126)), wide(256)));
    bench
        .admin(TagResource::new(key, tags.collect()).unwrap())
        .await
        .unwrap();
    let description = UpdateKeyDescription::new(key, wide(8_192)).unwrap();
    bench.admin(description).await.unwrap();
    enable(&bench, key, Some(90)).await;
    for _ in 1..200 {
        bench.advance_days(90);
        assert_eq!(rotate_due(&bench).await, [key]);
    }
    bench.advance_days(90);
    let refused = fault(bench.system(RotateKey { key }).await);
    assert_eq!(
        (refused.code(), refused.message().to_owned()),
        (
            Code::LimitExceeded,
            format!("Key {key} has had 200 materials, which is the limit; create a new key.")
        )
    );
    assert!(bench.encrypt(key, b"x").await.is_ok());
    bench.name("alias/still-changeable", key).await.unwrap();
    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
}

/// One damaged counter must not keep all other keys from rotating.
#[tokio::test]
async fn a_counter_that_cannot_be_read_holds_up_no_other_key() {
    let bench = Bench::new().await;
    let (broken, other) = (bench.key().await, bench.key().await);
    bench.encrypt(broken, b"x").await.unwrap();
    enable(&bench, other, Some(90)).await;
    let counter = format!("key-budget/{}", materials(&bench, broken).await[0].0);
    bench
        .disk
        .tamper(|values| values.retain(|key, _| key.as_str() != counter));
    bench.advance_days(90);
    assert_eq!(rotate_due(&bench).await, [other]);
}
