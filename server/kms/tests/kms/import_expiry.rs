//! Imported material whose time is over: not used from that moment on, destroyed soon after.

use strongroom_base::{Code, KeyId, KeyMaterialId, Timestamp};
use strongroom_kms::op::{
    CreateGrant, DisableKey, EnableKey, GenerateDataKey, GenerateDataKeyWithoutPlaintext, ListKeyRotations,
    MaterialState, ReEncrypt, RotateKeyOnDemand,
};
use strongroom_kms::{EncryptionContext, Expiration, GrantOperation, KeyReference, KeyState, Presence};

use crate::bench::{Bench, bytes, fault, new_grant, refused, scope};
use crate::importing::{DAY, FIRST, SECOND, as_it_is, as_new, expire_due, external, import, until};

/// A key whose material expires in a day.
async fn short_lived(bench: &Bench) -> (KeyId, KeyMaterialId) {
    let key = external(bench).await;
    let material = import(bench, key, &FIRST, until(bench.now() + DAY)).await.unwrap();
    (key, material)
}

async fn presences(bench: &Bench, key: KeyId) -> Vec<(MaterialState, Presence)> {
    let page = bench
        .admin(ListKeyRotations::new(key, true, None, None).unwrap())
        .await
        .unwrap();
    let row = |(version, state): &(strongroom_kms::KeyVersion, _)| (*state, version.import.as_ref().unwrap().presence);
    page.versions.iter().map(row).collect()
}

/// No job has looked yet: whatever needs the key is refused, and whoever asks what state it is in is told the same.
#[tokio::test]
async fn expired_material_is_refused_from_its_time_on() {
    let bench = Bench::new().await;
    let (key, material) = short_lived(&bench).await;
    let other = bench.key().await;
    let blob = bench.encrypt(key, b"value").await.unwrap().blob;
    let others = bench.encrypt(other, b"value").await.unwrap().blob;
    bench.advance(DAY - 1);
    bench.encrypt(key, b"x").await.unwrap();
    bench.advance(1);
    let named = || KeyReference::Key(key);
    let none = EncryptionContext::default;
    let length = strongroom_kms::op::DataKeyLength::AES_256;
    let grant = CreateGrant::new(key, new_grant("somebody", &[GrantOperation::Decrypt])).unwrap();
    let re_encrypt = |blob: &[u8], to| ReEncrypt::new(None, none(), blob, KeyReference::Key(to), none()).unwrap();
    let refusals = [
        fault(bench.encrypt(key, b"x").await),
        fault(bench.decrypt(&blob).await),
        fault(
            bench
                .admin(GenerateDataKey {
                    key: named(),
                    context: none(),
                    length,
                })
                .await,
        ),
        fault(
            bench
                .admin(GenerateDataKeyWithoutPlaintext {
                    key: named(),
                    context: none(),
                    length,
                })
                .await,
        ),
        fault(bench.admin(re_encrypt(&blob, other)).await),
        fault(bench.admin(re_encrypt(&others, key)).await),
        fault(bench.admin(grant).await),
        fault(bench.admin(RotateKeyOnDemand { key }).await),
        fault(bench.admin(EnableKey { key }).await),
        fault(bench.admin(DisableKey { key }).await),
    ];
    let text = format!("{} is pending import.", scope().key_arn(&key));
    for refusal in refusals {
        assert_eq!(
            (refusal.code(), refusal.message()),
            (Code::KmsInvalidState, text.as_str())
        );
    }
    let described = bench.describe(key).await.record;
    assert_eq!(
        (described.state, described.expiration()),
        (KeyState::PendingImport, None)
    );
    assert_eq!(
        presences(&bench, key).await,
        [(MaterialState::Current, Presence::Removing)]
    );
    assert_eq!(bench.fake.objects(), 3, "the object is the job's");

    assert_eq!(expire_due(&bench).await, [(key, material)]);
    assert_eq!(bench.fake.objects(), 2);
    assert_eq!(
        presences(&bench, key).await,
        [(MaterialState::Current, Presence::Absent)]
    );
    import(&bench, key, &FIRST, as_it_is).await.unwrap();
    assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), b"value");
}

/// Imported again before the job looks: the object stays, and the key is enabled as it would be after that.
#[tokio::test]
async fn expired_material_that_is_imported_again_is_in_use_at_once() {
    let bench = Bench::new().await;
    let (key, material) = short_lived(&bench).await;
    let blob = bench.encrypt(key, b"value").await.unwrap().blob;
    bench.admin(DisableKey { key }).await.unwrap();
    bench.advance_days(1);
    let at = bench.now() + DAY;
    assert_eq!(import(&bench, key, &FIRST, until(at)).await.unwrap(), material);
    let described = bench.describe(key).await.record;
    assert_eq!(
        (described.state, described.expiration()),
        (KeyState::Enabled, Some(Expiration::At(Timestamp(at))))
    );
    bench.decrypt(&blob).await.unwrap();
    assert_eq!(expire_due(&bench).await, []);
}

/// A key needs all its materials, and what waits for a rotation is none of them yet.
#[tokio::test]
async fn each_material_expires_for_itself() {
    let bench = Bench::new().await;
    let (key, first) = short_lived(&bench).await;
    let day = 2 * DAY;
    let second = import(&bench, key, &SECOND, |new| until(bench.now() + day)(as_new(new)))
        .await
        .unwrap();
    import(&bench, key, &FIRST, |new| until(bench.now() + 3 * DAY)(new))
        .await
        .unwrap();
    bench.advance_days(2);
    bench.encrypt(key, b"x").await.unwrap();
    refused(
        bench.admin(RotateKeyOnDemand { key }).await,
        Code::KmsInvalidState,
        &format!(
            "No available key material pending rotation for the key: {}.",
            scope().key_arn(&key)
        ),
    );
    assert_eq!(expire_due(&bench).await, [(key, second)]);
    bench.encrypt(key, b"x").await.unwrap();
    bench.advance_days(1);
    assert_eq!(fault(bench.encrypt(key, b"x").await).code(), Code::KmsInvalidState);
    assert_eq!(expire_due(&bench).await, [(key, first)]);
}

/// Nobody's keys go because somebody set the clock forward: they are refused while it is, and in use again afterwards.
#[tokio::test]
async fn a_wall_clock_that_is_set_forward_destroys_nothing() {
    let mut bench = Bench::new().await;
    let (key, material) = short_lived(&bench).await;
    bench.set_clock_forward(10);
    assert_eq!(expire_due(&bench).await, []);
    assert_eq!(fault(bench.encrypt(key, b"x").await).code(), Code::KmsInvalidState);
    // Nor is it written down that the material is gone, whatever else is.
    bench.name("alias/a", key).await.unwrap();
    bench.set_clock_forward(-10);
    bench.encrypt(key, b"x").await.unwrap();
    assert_eq!(bench.fake.objects(), 2);
    bench.set_clock_forward(10);
    bench.restart();
    assert_eq!(expire_due(&bench).await, [(key, material)]);
}

#[tokio::test]
async fn expiry_waits_for_a_token_that_is_away() {
    let bench = Bench::new().await;
    let (key, material) = short_lived(&bench).await;
    bench.advance_days(1);
    bench.fake.take_away();
    bench.until_usable(false).await;
    assert_eq!(expire_due(&bench).await, [(key, material)]);
    assert_eq!(
        bench.describe(key).await.record.state,
        KeyState::PendingImport,
        "nobody uses it from here on"
    );
    bench.fake.bring_back();
    bench.until_usable(true).await;
    assert_eq!(bench.fake.objects(), 2);
    assert_eq!(expire_due(&bench).await, [(key, material)]);
    assert_eq!((expire_due(&bench).await, bench.fake.objects()), (vec![], 1));
}
