use proptest::prelude::*;
use strongroom_material::Material;

use super::Sealer;
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::record::Revision;

const NEWEST: Revision = Revision(1_000);

fn sealer(byte: u8) -> Sealer {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![byte; 32])).unwrap();
    sealer
}

fn key(id: &str) -> RecordKey {
    RecordKey::new("key", id).unwrap()
}

fn what(fault: StoreFault) -> &'static str {
    match fault {
        StoreFault::RecordDamaged { what, .. } => what,
        other => panic!("not damaged: {other}"),
    }
}

#[test]
fn a_sealed_value_has_the_documented_form() {
    let value = sealer(7).seal(&key("1"), Revision(0x0102), b"body").unwrap();
    assert_eq!(value[..9], [1, 0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(value.len(), 1 + 8 + 32 + 4);
    assert_eq!(&value[41..], b"body");
    // Computed independently: HMAC-SHA-256 (Python's hmac) over the input that the module describes.
    let tag = "2b59897f91b4ae11ee130eff366eab494c7b41972b3bf1b19d58e5ed862e5c6c";
    assert_eq!(
        value[9..41]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
        tag
    );
}

#[test]
fn bootstrap_records_need_no_key_and_carry_no_tag() {
    let locked = Sealer::locked();
    let key = RecordKey::new("bootstrap", "sealing-key").unwrap();
    let value = locked.seal(&key, Revision(3), b"wrapped").unwrap();
    assert_eq!(value, b"\x00\0\0\0\0\0\0\0\x03wrapped");
    assert_eq!(&*locked.open(&key, &value, NEWEST).unwrap().body, b"wrapped");
}

#[test]
fn a_locked_sealer_refuses_everything_else() {
    let locked = Sealer::locked();
    assert_eq!(
        locked.seal(&key("1"), Revision(1), b"").unwrap_err(),
        StoreFault::Locked
    );
    assert_eq!(locked.open(&key("1"), b"", NEWEST).unwrap_err(), StoreFault::Locked);
    for prefix in ["", "b", "bootstrap", "bootstrapped/", "key/"] {
        assert_eq!(locked.admit_prefix(prefix).unwrap_err(), StoreFault::Locked, "{prefix}");
    }
    locked.admit_prefix("bootstrap/").unwrap();
    locked.admit_prefix("bootstrap/seal").unwrap();
}

#[test]
fn unlocking_one_clone_unlocks_all_once() {
    let first = Sealer::locked();
    let second = first.clone();
    first.unlock(Material::take(vec![1; 32])).unwrap();
    assert!(!second.is_locked());
    let again = second.unlock(Material::take(vec![1; 32])).unwrap_err();
    assert_eq!(
        again.to_string(),
        "the store is unlocked already: a sealing key is never changed while it is in use"
    );
}

#[test]
fn a_key_of_another_length_is_refused() {
    let fault = Sealer::locked().unlock(Material::take(vec![1; 16])).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the sealing key has 16 bytes instead of 32: its bootstrap record is not this installation's"
    );
}

#[test]
fn a_value_fits_its_own_key_and_sealing_key_only() {
    let value = sealer(7).seal(&key("1"), Revision(5), b"body").unwrap();
    assert_eq!(sealer(7).open(&key("1"), &value, NEWEST).unwrap().revision, Revision(5));
    let edited = "its tag does not fit its name, revision and content, so it was edited, swapped or copied";
    assert_eq!(what(sealer(7).open(&key("2"), &value, NEWEST).unwrap_err()), edited);
    assert_eq!(what(sealer(8).open(&key("1"), &value, NEWEST).unwrap_err()), edited);
}

#[test]
fn a_revision_from_the_future_shows_that_the_sequence_was_put_back() {
    let value = sealer(7).seal(&key("1"), Revision(1_001), b"body").unwrap();
    assert_eq!(
        what(sealer(7).open(&key("1"), &value, NEWEST).unwrap_err()),
        "its revision is later than the store's last one, which was put back"
    );
}

#[test]
fn a_record_cannot_change_between_sealed_and_open_format() {
    let bootstrap = RecordKey::new("bootstrap", "1").unwrap();
    let open = sealer(7).seal(&bootstrap, Revision(1), &[0; 40]).unwrap();
    let sealed = sealer(7).seal(&key("1"), Revision(1), b"").unwrap();
    let format = "its format is not the one of its kind";
    assert_eq!(what(sealer(7).open(&key("1"), &open, NEWEST).unwrap_err()), format);
    assert_eq!(what(sealer(7).open(&bootstrap, &sealed, NEWEST).unwrap_err()), format);
    assert_eq!(what(sealer(7).open(&key("1"), b"", NEWEST).unwrap_err()), "it is empty");
}

proptest! {
    #[test]
    fn every_flipped_bit_is_found(body in proptest::collection::vec(any::<u8>(), 0..64), place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut value = sealer(7).seal(&key("1"), Revision(5), &body).unwrap();
        let place = place.index(value.len());
        value[place] ^= 1_u8 << bit;
        let fault = sealer(7).open(&key("1"), &value, NEWEST).unwrap_err();
        let is_named = matches!(&fault, StoreFault::RecordDamaged { key, .. } if &**key == "key/1");
        prop_assert!(is_named, "{}", fault);
    }

    #[test]
    fn every_cut_is_found(body in proptest::collection::vec(any::<u8>(), 0..64), keep in any::<prop::sample::Index>()) {
        let value = sealer(7).seal(&key("1"), Revision(5), &body).unwrap();
        let cut = &value[..keep.index(value.len())];
        let found = matches!(sealer(7).open(&key("1"), cut, NEWEST), Err(StoreFault::RecordDamaged { .. }));
        prop_assert!(found);
    }

    #[test]
    fn no_two_records_share_a_tag(
        left in ("[a-z]{1,4}", any::<u8>(), proptest::collection::vec(any::<u8>(), 0..6)),
        right in ("[a-z]{1,4}", any::<u8>(), proptest::collection::vec(any::<u8>(), 0..6)),
    ) {
        let tag = |(id, revision, body): &(String, u8, Vec<u8>)| {
            sealer(7).seal(&key(id), Revision(u64::from(*revision)), body).unwrap()[9..41].to_vec()
        };
        prop_assert_eq!(left == right, tag(&left) == tag(&right));
    }
}

/// Computed independently: HMAC-SHA-256 (Python's hmac).
#[test]
fn what_leaves_the_service_has_a_tag_of_its_own() {
    let hex = |tag: [u8; 32]| tag.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sealer = sealer(7);
    assert_eq!(
        hex(sealer.authenticate("purpose", b"bytes").unwrap()),
        "9562bcd0385bdd8c2db3c538c702cd579ee53443261308a12ceddf43c41fa8ef"
    );
    assert_ne!(
        sealer.authenticate("purpose", b"bytes").unwrap(),
        sealer.authenticate("purposeb", b"ytes").unwrap()
    );
    let locked = Sealer::locked().authenticate("purpose", b"bytes");
    assert_eq!(locked.unwrap_err(), StoreFault::Locked);
}
