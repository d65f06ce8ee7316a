//! A key that rotates while it is used.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use strongroom_proto::v1;
use strongroom_tests::installation::EVERYTHING;
use tokio::task::JoinSet;
use tonic::transport::Channel;

use crate::world::{World, create_key, keys, told};

/// Callers that encrypt and decrypt all the time.
const CALLERS: usize = 64;
/// As many as a key may be rotated on demand.
const ROTATIONS: usize = 25;

#[tokio::test(flavor = "multi_thread")]
async fn a_key_rotates_under_load_and_no_request_fails() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let key = create_key(&channel).await;
    let done = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let (channel, key, done) = (channel.clone(), key.clone(), Arc::clone(&done));
        callers.spawn(async move {
            let mut made = Vec::new();
            while !done.load(Ordering::Relaxed) {
                made.push(round_trip(&channel, &key, format!("text {number}.{}", made.len())).await);
            }
            made
        });
    }
    for _ in 0..ROTATIONS {
        rotate(&channel, &key).await;
    }
    done.store(true, Ordering::Relaxed);
    let made: Vec<Sealed> = callers.join_all().await.into_iter().flatten().collect();
    let materials: HashSet<_> = made.iter().map(|sealed| sealed.material.as_str()).collect();
    assert!(
        materials.len() > ROTATIONS / 2,
        "{} materials were used",
        materials.len()
    );
    for sealed in &made {
        assert_eq!(open(&channel, sealed).await, sealed.text);
    }
    is_told_in_full(&channel, &key).await;
}

/// A ciphertext and what is in it.
struct Sealed {
    blob: Vec<u8>,
    material: String,
    text: String,
}

async fn round_trip(channel: &Channel, key: &str, text: String) -> Sealed {
    let request = v1::EncryptRequest {
        key_id: key.to_owned(),
        plaintext: text.clone().into_bytes(),
        ..Default::default()
    };
    let answer = keys(channel).encrypt(request).await;
    let answer = answer
        .unwrap_or_else(|status| panic!("{}", told::<()>(Err(status))))
        .into_inner();
    let sealed = Sealed {
        blob: answer.ciphertext_blob,
        material: answer.key_material_id,
        text,
    };
    assert_eq!(open(channel, &sealed).await, sealed.text);
    sealed
}

async fn open(channel: &Channel, sealed: &Sealed) -> String {
    let request = v1::DecryptRequest {
        ciphertext_blob: sealed.blob.clone(),
        ..Default::default()
    };
    let answer = keys(channel).decrypt(request).await;
    let answer = answer
        .unwrap_or_else(|status| panic!("{}", told::<()>(Err(status))))
        .into_inner();
    assert_eq!(answer.key_material_id, sealed.material);
    String::from_utf8(answer.plaintext).unwrap()
}

async fn rotate(channel: &Channel, key: &str) {
    let request = v1::RotateKeyOnDemandRequest { key_id: key.to_owned() };
    let answer = keys(channel).rotate_key_on_demand(request).await;
    let answer = answer.unwrap_or_else(|status| panic!("{}", told::<()>(Err(status))));
    assert!(key.ends_with(&answer.into_inner().key_id));
}

/// What DescribeKey, GetKeyRotationStatus and ListKeyRotations say after the rotations, and one more.
async fn is_told_in_full(channel: &Channel, key: &str) {
    let described = v1::DescribeKeyRequest {
        key_id: key.to_owned(),
        ..v1::DescribeKeyRequest::default()
    };
    let described = keys(channel).describe_key(described).await.unwrap().into_inner();
    let described = described.key_metadata.unwrap();
    assert_eq!(described.key_versions.len(), ROTATIONS + 1);
    let budget = described.key_versions[ROTATIONS].invocations.unwrap();
    assert_eq!((budget.rotation_limit, budget.limit), (1 << 31, 1 << 32));

    let rotations = v1::ListKeyRotationsRequest {
        key_id: key.to_owned(),
        include_key_material: v1::IncludeKeyMaterial::AllKeyMaterial.into(),
        ..Default::default()
    };
    let rotations = keys(channel)
        .list_key_rotations(rotations)
        .await
        .unwrap()
        .into_inner()
        .rotations;
    let listed: Vec<_> = rotations.iter().map(|row| &row.key_material_id).collect();
    let versions: Vec<_> = described.key_versions.iter().map(|row| &row.key_material_id).collect();
    assert_eq!(listed, versions);
    assert_eq!(rotations[0].rotation_type(), v1::RotationType::Unspecified);
    assert_eq!(rotations[0].rotation_date, None);
    assert_eq!(rotations[1].rotation_type(), v1::RotationType::OnDemand);
    assert_eq!(rotations[1].key_material_state(), v1::KeyMaterialState::NonCurrent);
    let last = &rotations[ROTATIONS];
    assert_eq!(last.key_material_state(), v1::KeyMaterialState::Current);
    assert_eq!(last.key_material_id, described.current_key_material_id);

    let status = v1::GetKeyRotationStatusRequest { key_id: key.to_owned() };
    let status = keys(channel)
        .get_key_rotation_status(status)
        .await
        .unwrap()
        .into_inner();
    assert!(!status.key_rotation_enabled);
    let once_more = v1::RotateKeyOnDemandRequest { key_id: key.to_owned() };
    let id = &described.key_id;
    assert_eq!(
        told(keys(channel).rotate_key_on_demand(once_more).await),
        format!(
            "ResourceExhausted LimitExceededException: Key {id} has been rotated on demand 25 times, which is the limit; \
             create a new key."
        )
    );
}
