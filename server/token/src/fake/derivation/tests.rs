use data_encoding::HEXLOWER;
use strongroom_base::KeyMaterialId;

use super::derived;
use crate::message_key::FixedInput;

/// Computed with another implementation of HMAC from the formula in `docs/formats.md`.
#[test]
fn the_golden_vector_holds() {
    let salt = std::array::from_fn(|index| u8::try_from(index).unwrap());
    let input = FixedInput::new(&salt, &KeyMaterialId::from_bytes([9; 32]));
    assert_eq!(
        HEXLOWER.encode(&derived(&[7; 32], &input)),
        "8e6619b3e4c8759fe979f8c9f3b73d3e694f1541084b948109953e108e698367"
    );
}
