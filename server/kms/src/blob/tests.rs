use proptest::prelude::*;
use strongroom_base::{Code, KeyId, KeyMaterialId};
use strongroom_token::{Encrypted, Nonce, Suite};

use super::{Blob, BlobKey};
use crate::context::EncryptionContext;

fn key() -> BlobKey {
    BlobKey {
        key: KeyId::from_bytes([0x11; 16]),
        material: KeyMaterialId::from_bytes([0x22; 32]),
        suite: Suite::Direct,
    }
}

fn derived_key() -> BlobKey {
    BlobKey {
        suite: Suite::Derived,
        ..key()
    }
}

/// As the token gives it: salt, ciphertext, tag.
fn derived() -> Encrypted {
    Encrypted {
        ciphertext: [[0x55; 16].as_slice(), &[0x44; 20]].concat().into(),
        ..encrypted()
    }
}

fn encrypted() -> Encrypted {
    Encrypted {
        nonce: Nonce::from_bytes([0x33; 12]),
        ciphertext: vec![0x44; 20].into(),
        invocations: 1,
    }
}

/// The layout never changes: every ciphertext that exists depends on it.
#[test]
fn golden_layout() {
    let expected = [&[1, 1][..], &[0x11; 16], &[0x22; 32], &[0x33; 12], &[0x44; 20]].concat();
    assert_eq!(Blob::join(&key(), &encrypted()), expected);
}

#[test]
fn golden_layout_of_the_derived_suite() {
    let parts = [
        &[1, 2][..],
        &[0x11; 16],
        &[0x22; 32],
        &[0x33; 12],
        &[0x55; 16],
        &[0x44; 20],
    ];
    assert_eq!(Blob::join(&derived_key(), &derived()), parts.concat());
    let context = EncryptionContext::new([]).unwrap();
    assert_eq!(derived_key().authenticated_data(&context)[..2], [1, 2]);
    let blob = Blob::parse(&parts.concat()).unwrap();
    assert_eq!((blob.key, blob.ciphertext), (derived_key(), derived().ciphertext));
}

#[test]
fn authenticated_data_is_header_and_context_digest() {
    let context = EncryptionContext::new([("a".to_owned(), "b".to_owned())]).unwrap();
    let data = key().authenticated_data(&context);
    assert_eq!(data[..50], [&[1, 1][..], &[0x11; 16], &[0x22; 32]].concat()[..]);
    assert_eq!(data[50..], context.digest());
}

#[test]
fn what_was_joined_is_split_again() {
    let blob = Blob::parse(&Blob::join(&key(), &encrypted())).unwrap();
    assert_eq!(
        blob,
        Blob {
            key: key(),
            nonce: encrypted().nonce,
            ciphertext: encrypted().ciphertext
        }
    );
}

#[test]
fn whatever_is_not_ours_gets_one_answer() {
    let good = Blob::join(&key(), &encrypted());
    let mut other_version = good.clone();
    other_version[0] = 2;
    let mut other_suite = good.clone();
    other_suite[1] = 9;
    let without_tag = good[..62 + 15].to_vec();
    let without_salt = Blob::join(&derived_key(), &derived())[..62 + 16 + 15].to_vec();
    let oversized = [good.clone(), vec![0; 6_144]].concat();
    let aws = vec![0x01, 0x02, 0x02, 0x00, 0x78];
    for bytes in [
        vec![],
        vec![1],
        vec![1, 1],
        other_version,
        other_suite,
        without_tag,
        without_salt,
        oversized,
        aws,
    ] {
        let fault = Blob::parse(&bytes).unwrap_err();
        assert_eq!(fault.code(), Code::InvalidCiphertext);
        assert_eq!(fault.message(), "The ciphertext is not valid.");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_and_joins_back(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(blob) = Blob::parse(&bytes) {
            let again = Encrypted { nonce: blob.nonce, ciphertext: blob.ciphertext, invocations: 1 };
            prop_assert_eq!(Blob::join(&blob.key, &again), bytes);
        }
    }
}
