use super::{bit_string, integer, object_identifier, octet_string, sequence};

#[test]
fn integers_are_minimal_and_never_negative() {
    let cases: [(&[u8], &[u8]); 6] = [
        (&[], &[2, 1, 0]),
        (&[0, 0], &[2, 1, 0]),
        (&[0x7f], &[2, 1, 0x7f]),
        (&[0x80], &[2, 2, 0, 0x80]),
        (&[0, 0, 1, 0], &[2, 2, 1, 0]),
        (&[0, 0xff, 1], &[2, 3, 0, 0xff, 1]),
    ];
    for (number, expected) in cases {
        assert_eq!(integer(number), expected, "{number:?}");
    }
}

#[test]
fn lengths_have_the_short_form_as_long_as_it_goes() {
    assert_eq!(octet_string(&[7; 127])[..3], [4, 127, 7]);
    assert_eq!(octet_string(&[7; 128])[..4], [4, 0x81, 128, 7]);
    assert_eq!(octet_string(&[7; 256])[..5], [4, 0x82, 1, 0, 7]);
    assert_eq!(bit_string(&[9]), [3, 2, 0, 9]);
    assert_eq!(
        sequence(&[&object_identifier(&[0x2b]), &[5, 0]]),
        [0x30, 5, 6, 1, 0x2b, 5, 0]
    );
}
