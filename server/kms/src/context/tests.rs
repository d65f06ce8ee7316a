use proptest::prelude::*;
use strongroom_base::Code;

use super::EncryptionContext;

fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
    EncryptionContext::new(
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    )
    .unwrap()
}

#[test]
fn order_does_not_count() {
    assert_eq!(
        context(&[("a", "1"), ("b", "2")]).digest(),
        context(&[("b", "2"), ("a", "1")]).digest()
    );
}

#[test]
fn boundaries_between_texts_count() {
    let digests = [
        context(&[]).digest(),
        context(&[("", "")]).digest(),
        context(&[("a", "bc")]).digest(),
        context(&[("ab", "c")]).digest(),
        context(&[("a", "b"), ("c", "")]).digest(),
        context(&[("A", "bc")]).digest(),
    ];
    for (index, digest) in digests.iter().enumerate() {
        assert!(!digests[index + 1..].contains(digest));
    }
}

/// The canonical bytes never change: every ciphertext that exists depends on them.
#[test]
fn golden_digest() {
    let digest = context(&[("SecretARN", "arn:x"), ("SecretVersionId", "1")]).digest();
    assert_eq!(
        data_encoding::HEXLOWER.encode(&digest),
        // Computed independently: SHA-256 over 00000002, then each text after its length in 4 bytes.
        "6b5b17396ef29b2840a61dbf4f7895fdf731de7be5bd24ea968ceabc28efe000"
    );
}

#[test]
fn an_oversized_context_is_refused() {
    let fault = EncryptionContext::new([("k".to_owned(), "v".repeat(8_192))]).unwrap_err();
    assert_eq!(fault.code(), Code::Validation);
    assert!(
        fault
            .message()
            .contains("'encryptionContext' failed to satisfy constraint"),
        "{}",
        fault.message()
    );
    assert!(EncryptionContext::new([("k".to_owned(), "v".repeat(8_191))]).is_ok());
}

proptest! {
    #[test]
    fn different_contexts_have_different_digests(
        one in proptest::collection::btree_map(".{0,4}", ".{0,4}", 0..4),
        other in proptest::collection::btree_map(".{0,4}", ".{0,4}", 0..4),
    ) {
        let same = one == other;
        let one = EncryptionContext::new(one).unwrap();
        let other = EncryptionContext::new(other).unwrap();
        prop_assert_eq!(one.digest() == other.digest(), same);
    }
}
