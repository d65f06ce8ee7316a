use proptest::prelude::*;
use strongroom_base::{Code, GrantId, KeyId};
use strongroom_material::Material;
use strongroom_store::Sealer;

use super::{BASE64, GrantToken};

fn sealer(byte: u8) -> Sealer {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![byte; 32])).unwrap();
    sealer
}

fn token() -> GrantToken {
    GrantToken {
        key: KeyId::from_bytes([3; 16]),
        grant: GrantId::from_bytes([4; 32]),
    }
}

#[track_caller]
fn refused(text: &str) {
    let fault = GrantToken::parse(text, &sealer(7)).unwrap_err();
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::InvalidGrantToken, "The grant token is not valid.")
    );
}

#[test]
fn a_token_names_its_grant_and_each_is_another_text() {
    let (one, other) = (token().issue(&sealer(7)).unwrap(), token().issue(&sealer(7)).unwrap());
    assert_ne!(one, other);
    for text in [one, other] {
        assert_eq!(text.len(), 132);
        assert_eq!(GrantToken::parse(&text, &sealer(7)).unwrap(), token());
    }
}

/// Computed independently: HMAC-SHA-256 (Python's hmac) over what `docs/formats.md` describes.
#[test]
fn golden_layout() {
    let body = [&[1][..], &[3; 16], &[4; 32], &[5; 16]].concat();
    let tag = sealer(7).authenticate("grant-token", &body).unwrap();
    assert_eq!(data_encoding::HEXLOWER.encode(&tag), GOLDEN_TAG);
    let text = BASE64.encode(&[&body[..], &tag].concat());
    assert_eq!(GrantToken::parse(&text, &sealer(7)).unwrap(), token());
}

const GOLDEN_TAG: &str = "c291874043dd06ee68d6da176824a1aadd409ef48f99814ff288a4332f7d232d";

#[test]
fn a_token_of_another_installation_is_refused() {
    refused(&token().issue(&sealer(8)).unwrap());
}

#[test]
fn another_length_or_format_is_refused_even_with_a_tag() {
    for body in [
        vec![],
        [&[2][..], &[0; 64]].concat(),
        [&[1][..], &[0; 63]].concat(),
        [&[1][..], &[0; 65]].concat(),
    ] {
        let tag = sealer(7).authenticate("grant-token", &body).unwrap();
        refused(&BASE64.encode(&[&body[..], &tag].concat()));
    }
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let bytes = BASE64.decode(token().issue(&sealer(7)).unwrap().as_bytes()).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut damaged = bytes.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        refused(&BASE64.encode(&damaged));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        refused(&text);
    }
}
