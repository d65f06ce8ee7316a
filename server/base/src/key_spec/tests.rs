use super::*;

#[test]
fn every_spec_is_for_something_and_has_an_algorithm_for_it() {
    for spec in KeySpec::ALL {
        for usage in spec.usages() {
            let able = match usage {
                KeyUsage::EncryptDecrypt => !spec.encryption_algorithms().is_empty(),
                KeyUsage::SignVerify => !spec.signing_algorithms().is_empty(),
                KeyUsage::GenerateVerifyMac => spec.mac_algorithm().is_some(),
                KeyUsage::KeyAgreement => spec.key_agreement_algorithm().is_some(),
                KeyUsage::EncapsulateDecapsulate => spec.encapsulation_algorithm().is_some(),
            };
            assert!(able, "{spec} for {usage}");
        }
        assert!(!spec.usages().is_empty(), "{spec}");
    }
}

#[test]
fn names_come_back_and_others_are_told_what_there_is() {
    for spec in KeySpec::ALL {
        assert_eq!(spec.as_str().parse(), Ok(*spec));
    }
    let unknown: Result<KeyOrigin, _> = "AWS".parse();
    assert_eq!(
        unknown.unwrap_err().to_string(),
        "\"AWS\" is none of AWS_KMS, EXTERNAL, AWS_CLOUDHSM, EXTERNAL_KEY_STORE"
    );
}

#[test]
fn a_data_key_pair_is_called_like_the_key() {
    for spec in crate::DataKeyPairSpec::ALL {
        assert_eq!(spec.as_str(), spec.key_spec().as_str());
    }
}
