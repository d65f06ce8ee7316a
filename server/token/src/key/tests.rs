use super::{NONCE_BYTES, TAG_BYTES, Witness};

#[test]
fn a_witness_reads_back() {
    let witness = Witness::from_bytes([1; NONCE_BYTES + 16 + TAG_BYTES]);
    let text = serde_json::to_string(&witness).unwrap();
    assert_eq!(serde_json::from_str::<Witness>(&text).unwrap(), witness);
    assert_eq!(format!("{witness:?}"), "Witness(44 bytes)");
}

#[test]
fn what_is_too_short_or_no_base64_is_no_witness() {
    for text in ["\"\"", "\"AQEBAQEBAQEBAQEB\"", "\"!\"", "7"] {
        assert!(serde_json::from_str::<Witness>(text).is_err(), "{text}");
    }
}
