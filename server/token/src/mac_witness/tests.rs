use strongroom_base::limits;

use super::message;

/// No caller can have a code of such a message, nor have one verified.
#[test]
fn a_witness_is_the_code_of_no_callers_message() {
    assert!(message(&[7; 32]).len() > limits::MESSAGE_BYTES_MAX);
    assert!(!bool::from(message(&[7; 32]).ct_eq(&message(&[8; 32]))));
}
