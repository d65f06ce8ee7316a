use data_encoding::HEXLOWER;
use strongroom_base::KeyMaterialId;

use super::FixedInput;

#[test]
fn a_key_is_bound_to_label_salt_and_material() {
    let input = FixedInput::new(&[1; 16], &KeyMaterialId::from_bytes([2; 32]));
    let text = HEXLOWER.encode(input.as_bytes());
    let (label, rest) = text.split_at(50);
    assert_eq!(
        HEXLOWER.decode(label.as_bytes()).unwrap(),
        b"strongroom/message-key/1\0"
    );
    assert_eq!(rest, "01".repeat(16) + &"02".repeat(32));
}
