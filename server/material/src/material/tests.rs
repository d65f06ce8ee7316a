use std::convert::Infallible;

use super::{FillFault, Material};
use crate::kind::{DataKey, Plaintext};

fn material(bytes: &[u8]) -> Material<Plaintext> {
    Material::take(bytes.to_vec())
}

#[test]
fn fill_writes_in_place() {
    let filled = Material::<DataKey>::fill(4, |bytes| {
        bytes.copy_from_slice(&[1, 2, 3, 4]);
        Ok::<(), Infallible>(())
    });
    let Ok(filled) = filled else { panic!("filling failed") };
    assert_eq!(filled.reveal_to_cipher(<[u8]>::to_vec), [1, 2, 3, 4]);
    assert_eq!(filled.len(), 4);
}

#[test]
fn fill_refuses_a_length_of_zero() {
    let filled = Material::<DataKey>::fill(0, |_| Ok::<(), Infallible>(()));
    assert!(matches!(filled, Err(FillFault::Empty)));
}

#[test]
fn fill_hands_on_what_the_source_says() {
    let filled = Material::<DataKey>::fill(1, |_| Err("no entropy"));
    assert!(matches!(filled, Err(FillFault::Source("no entropy"))));
}

#[test]
fn equality_is_of_all_bytes() {
    assert!(bool::from(material(b"abc").ct_eq(&material(b"abc"))));
    assert!(!bool::from(material(b"abc").ct_eq(&material(b"abd"))));
    assert!(!bool::from(material(b"abc").ct_eq(&material(b"ab"))));
}

#[test]
fn repurposing_keeps_the_bytes() {
    let key: Material<DataKey> = material(b"abc").repurpose();
    assert_eq!(key.reveal_to_wire(<[u8]>::to_vec), b"abc");
}
