//! The condition keys of import: what a wrapping key is like, and whether and when material expires.

use strongroom_base::{KeySpec, WrappingAlgorithm};
use strongroom_kms::op::{DeleteImportedKeyMaterial, GetParametersForImport, ImportKeyMaterial, NewImport};

use crate::bench::Bench;
use crate::conditions::{equals, passes};
use crate::importing::{DAY, FIRST, external, import_with, parameters, until};

#[tokio::test]
async fn parameters_answer_algorithm_and_wrapping_key() {
    let mut bench = Bench::new().await;
    let key = external(&bench).await;
    let ask = |algorithm, spec| GetParametersForImport::new(key, algorithm, spec).unwrap();
    let usual = || ask(WrappingAlgorithm::RsaesOaepSha256, KeySpec::Rsa2048);
    for (condition, expected) in [
        (equals("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256"), true),
        (equals("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_1"), false),
        (equals("kms:WrappingKeySpec", "RSA_2048"), true),
        (equals("kms:WrappingKeySpec", "RSA_4096"), false),
        (equals("kms:KeyOrigin", "EXTERNAL"), true),
        // It expires nothing.
        (equals("kms:ExpirationModel", "KEY_MATERIAL_EXPIRES"), false),
    ] {
        assert_eq!(passes(&mut bench, &condition, usual()).await, expected, "{condition}");
    }
}

#[tokio::test]
async fn an_import_answers_whether_and_when_material_expires() {
    let mut bench = Bench::new().await;
    let key = external(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let for_ever = || {
        ImportKeyMaterial::new(NewImport {
            material: None,
            ..import_with(key, &given, &FIRST)
        })
        .unwrap()
    };
    // 2027-01-15T08:00:00Z is when the bench begins.
    let in_a_day = bench.now() + DAY;
    let for_a_day = || ImportKeyMaterial::new(until(in_a_day)(import_with(key, &given, &FIRST))).unwrap();
    let expires = equals("kms:ExpirationModel", "KEY_MATERIAL_EXPIRES");
    let does_not = equals("kms:ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE");
    let before = |at: &str| format!(r#"{{"DateLessThan":{{"kms:ValidTo":"{at}"}}}}"#);
    let stands = r#"{"Null":{"kms:ValidTo":"false"}}"#;
    for (condition, limited, unlimited) in [
        (expires.as_str(), true, false),
        (does_not.as_str(), false, true),
        (&before("2027-01-16T08:00:01Z"), true, false),
        (&before("2027-01-16T08:00:00Z"), false, false),
        (stands, true, false),
        // The wrapping was decided when the parameters were made.
        (&equals("kms:WrappingAlgorithm", "RSAES_OAEP_SHA_256"), false, false),
    ] {
        assert_eq!(passes(&mut bench, condition, for_a_day()).await, limited, "{condition}");
        assert_eq!(
            passes(&mut bench, condition, for_ever()).await,
            unlimited,
            "{condition}"
        );
        let delete = DeleteImportedKeyMaterial { key, material: None };
        assert!(
            !passes(&mut bench, condition, delete).await,
            "{condition} of a deletion"
        );
    }
}
