use proptest::prelude::*;
use strongroom_base::limits::RECORD_KEY_BYTES_MAX;

use super::RecordKey;
use crate::fault::StoreFault;

#[test]
fn a_key_is_its_kind_and_id() {
    let key = RecordKey::new("secret", "team/prod/db").unwrap();
    assert_eq!(key.as_str(), "secret/team/prod/db");
    assert_eq!((key.kind(), key.id()), ("secret", "team/prod/db"));
    assert_eq!(RecordKey::from_stored(b"secret/team/prod/db"), Some(key));
}

#[test]
fn what_cannot_be_a_key_is_refused_with_the_rule() {
    let kind = "not a record key: the kind may have a-z, 0-9 and '-' only";
    let id = "not a record key: the id may have printable ASCII without blanks only";
    let long = "not a record key: the key is longer than a record's key may be";
    let too_long = "x".repeat(RECORD_KEY_BYTES_MAX);
    for (kind_text, id_text, text) in [
        ("", "x", kind),
        ("a/b", "x", kind),
        ("Key", "x", kind),
        ("\0sequence", "x", kind),
        ("key", "", id),
        ("key", "two words", id),
        ("key", "line\n", id),
        ("key", "käse", id),
        ("key", &too_long, long),
    ] {
        let fault = RecordKey::new(kind_text, id_text).unwrap_err();
        assert!(matches!(fault, StoreFault::KeyMalformed { .. }));
        assert_eq!(fault.to_string(), text);
    }
}

#[test]
fn the_longest_key_is_accepted() {
    let id = "x".repeat(RECORD_KEY_BYTES_MAX - "key/".len());
    assert_eq!(RecordKey::new("key", &id).unwrap().as_str().len(), RECORD_KEY_BYTES_MAX);
}

proptest! {
    #[test]
    fn stored_bytes_are_parsed_only_if_they_give_the_same_key(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        if let Some(key) = RecordKey::from_stored(&bytes) {
            prop_assert_eq!(key.as_str().as_bytes(), &bytes[..]);
        }
    }

    #[test]
    fn keys_order_like_their_bytes(left in "[a-z]{1,3}/[!-~]{1,4}", right in "[a-z]{1,3}/[!-~]{1,4}") {
        let key = |text: &str| RecordKey::from_stored(text.as_bytes()).unwrap();
        prop_assert_eq!(key(&left).cmp(&key(&right)), left.as_bytes().cmp(right.as_bytes()));
    }
}
