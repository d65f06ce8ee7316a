use super::{Provenance, checked};
use crate::kind::KeyKind;
use crate::module::Attributes;

fn attributes() -> Attributes {
    let expected = Provenance::of_generated(KeyKind::SYMMETRIC, true);
    Attributes {
        class: Some(expected.class),
        key_type: Some(expected.key_type),
        value_len: expected.value_len,
        key_gen_mechanism: Some(expected.key_gen_mechanism),
        token: Some(true),
        private: Some(true),
        local: Some(true),
        always_sensitive: Some(true),
        never_extractable: Some(true),
        sensitive: Some(true),
        extractable: Some(false),
        encrypt: Some(true),
        decrypt: Some(true),
        sign: Some(false),
        verify: Some(false),
        wrap: Some(false),
        unwrap: Some(false),
        derive: Some(false),
        modifiable: Some(true),
        copyable: Some(true),
        ..Attributes::default()
    }
}

#[test]
fn a_generated_key_is_as_expected_and_its_record_reads_back() {
    let provenance = checked(&attributes(), Some(KeyKind::SYMMETRIC), Some(true)).unwrap();
    let text = serde_json::to_string(&provenance).unwrap();
    assert_eq!(serde_json::from_str::<Provenance>(&text).unwrap(), provenance);
    assert!(text.contains("\"neverExtractable\":true"), "{text}");
}

/// Each flag matters: what turns any one of them is refused, by name.
#[test]
fn every_deviation_is_named() {
    type Change = fn(&mut Attributes);
    let cases: [(Change, &str); 8] = [
        (|a| a.extractable = Some(true), "CKA_EXTRACTABLE"),
        (|a| a.sensitive = Some(false), "CKA_SENSITIVE"),
        (|a| a.never_extractable = Some(false), "CKA_NEVER_EXTRACTABLE"),
        (|a| a.local = Some(false), "CKA_LOCAL"),
        (|a| a.derive = Some(true), "CKA_DERIVE"),
        (|a| a.wrap = Some(true), "CKA_WRAP"),
        (|a| a.value_len = Some(16), "CKA_VALUE_LEN"),
        (
            |a| a.key_gen_mechanism = Some("CKM 0x1".to_owned()),
            "CKA_KEY_GEN_MECHANISM",
        ),
    ];
    for (change, name) in cases {
        let mut changed = attributes();
        change(&mut changed);
        assert_eq!(
            checked(&changed, None, None).unwrap_err(),
            format!("{name} is not as a key made by this service has it")
        );
    }
    let half = Attributes {
        copyable: Some(false),
        ..attributes()
    };
    assert_eq!(
        checked(&half, None, None).unwrap_err(),
        "CKA_MODIFIABLE is not as a key made by this service has it"
    );
    assert!(checked(&attributes(), None, None).is_ok());
    assert_eq!(
        checked(&attributes(), None, Some(false)).unwrap_err(),
        "CKA_MODIFIABLE, CKA_COPYABLE is not as a key made by this service has it"
    );
}

/// A half-truncated object file of SoftHSM shows itself as a key without CKA_DECRYPT.
#[test]
fn an_attribute_that_is_not_told_is_named() {
    let half = Attributes {
        decrypt: None,
        ..attributes()
    };
    assert_eq!(
        checked(&half, None, None).unwrap_err(),
        "the token does not tell its CKA_DECRYPT"
    );
}
