use super::{CKM_AES_KEY_WRAP_KWP, mechanism, mechanism_type};

/// What `cryptoki` would send is the standard's number.
#[test]
fn the_mechanism_is_the_standards() {
    assert_eq!(*mechanism_type(), CKM_AES_KEY_WRAP_KWP);
    assert_eq!(*mechanism().mechanism_type(), CKM_AES_KEY_WRAP_KWP);
}
