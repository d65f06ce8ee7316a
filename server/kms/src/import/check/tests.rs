//! The bound on materials, which no test can fill by way of the gate: rotations on demand are fewer.

use std::collections::BTreeSet;

use strongroom_base::limits::KEY_VERSIONS_MAX;
use strongroom_base::{Code, KeyId, KeyMaterialId, KeyOrigin, KeySpec, KeyUsage, Timestamp};
use strongroom_token::{KeyKind, Provenance, Suite};

use super::check_room;
use crate::key::{KeyManager, KeyRecord, KeyState, KeyVersion, VersionOrigin};

fn version() -> KeyVersion {
    KeyVersion {
        material: KeyMaterialId::random().unwrap(),
        created: Timestamp(0),
        origin: VersionOrigin::RotationOnDemand,
        suite: Suite::Direct,
        provenance: Provenance::of_imported(KeyKind::SYMMETRIC, true),
        token_serial: String::new(),
        witness: None,
        public_key: None,
        import: None,
    }
}

fn key(versions: usize) -> KeyRecord {
    KeyRecord {
        id: KeyId::random(),
        created: Timestamp(0),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: KeyOrigin::External,
        description: String::new(),
        state: KeyState::Enabled,
        manager: KeyManager::Customer,
        aliases: BTreeSet::new(),
        versions: (0..versions).map(|_| version()).collect(),
        pending_rotation: None,
        discarded: None,
        rotation: None,
        drifted: None,
        tags: crate::tags::KeyTags::default(),
        policy: None,
        has_grants: false,
    }
}

#[test]
fn a_key_takes_200_materials_and_one_that_waits() {
    check_room(&key(0)).unwrap();
    check_room(&key(KEY_VERSIONS_MAX - 1)).unwrap();
    let full = key(KEY_VERSIONS_MAX);
    let fault = check_room(&full).unwrap_err();
    let text = format!(
        "Key {} has had 200 materials, which is the limit; create a new key.",
        full.id
    );
    assert_eq!((fault.code(), fault.message()), (Code::LimitExceeded, text.as_str()));
    let waiting = KeyRecord {
        pending_rotation: Some(version()),
        ..key(1)
    };
    let fault = check_room(&waiting).unwrap_err();
    assert_eq!(fault.code(), Code::KmsInvalidState);
}
