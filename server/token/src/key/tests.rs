use super::{NONCE_BYTES, Nonce, TAG_BYTES, Witness};

#[test]
fn a_witness_reads_back() {
    let witness = Witness {
        nonce: Nonce::from_bytes([1; NONCE_BYTES]),
        ciphertext: vec![2; 16 + TAG_BYTES].into(),
    };
    let text = serde_json::to_string(&witness).unwrap();
    assert_eq!(serde_json::from_str::<Witness>(&text).unwrap(), witness);
    assert_eq!(format!("{witness:?}"), "Witness(32 bytes)");
}

#[test]
fn what_is_too_short_or_no_base64_is_no_witness() {
    for text in ["\"\"", "\"AQEBAQEBAQEBAQEB\"", "\"!\"", "7"] {
        assert!(serde_json::from_str::<Witness>(text).is_err(), "{text}");
    }
}
