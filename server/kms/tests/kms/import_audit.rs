//! What the operations of import leave on the trail: who imported what into which key until when; never the import token, the
//! public key or the encrypted material.

use data_encoding::{BASE64, HEXLOWER};
use serde_json::{Value, json};
use strongroom_base::{KeySpec, WrappingAlgorithm};
use strongroom_kms::op::{
    DeleteExpiredKeyMaterial, DeleteImportedKeyMaterial, GetParametersForImport, ImportKeyMaterial, NewImport,
};

use crate::audit::{arn, assert_records, change, left_by};
use crate::bench::{Bench, principal, system};
use crate::importing::{DAY, FIRST, SECOND, as_new, external, import_with, parameters, until};

#[tokio::test]
async fn parameters_leave_what_was_asked_for_and_until_when() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let (algorithm, spec) = (WrappingAlgorithm::RsaesOaepSha1, KeySpec::Rsa2048);
    let asked = GetParametersForImport::new(key, algorithm, spec).unwrap();
    let [intent, outcome] = change(&bench, asked, "GetParametersForImport", &[arn(key)]).await;
    let parameters = json!({
        "keyId": key.to_string(),
        "wrappingAlgorithm": "RSAES_OAEP_SHA_1",
        "wrappingKeySpec": "RSA_2048",
    });
    assert_eq!(intent["requestParameters"], parameters);
    let answered = json!({"keyId": arn(key), "parametersValidTo": bench.now() + DAY});
    assert_eq!(outcome["responseElements"], answered);
}

#[tokio::test]
async fn an_import_leaves_intent_and_outcome_and_nothing_of_the_material() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let at = bench.now() + DAY;
    let given = parameters(&bench, key).await.unwrap();
    let new = NewImport {
        description: Some("vault: 2026".to_owned()),
        ..until(at)(as_new(import_with(key, &given, &FIRST)))
    };
    let secret = [
        FIRST.to_vec(),
        new.import_token.clone(),
        new.import_token[57..].to_vec(),
        new.encrypted_key_material.clone(),
        given.public_key.clone(),
    ];
    let [intent, outcome] = change(
        &bench,
        ImportKeyMaterial::new(new).unwrap(),
        "ImportKeyMaterial",
        &[arn(key)],
    )
    .await;
    let asked = json!({
        "keyId": key.to_string(),
        "expirationModel": "KEY_MATERIAL_EXPIRES",
        "validTo": at,
        "importType": "NEW_KEY_MATERIAL",
        "keyMaterialDescription": "vault: 2026",
    });
    assert_eq!(intent["requestParameters"], asked);
    let material = bench.describe(key).await.versions[0].version.material;
    let answered = json!({"keyId": arn(key), "keyMaterialId": material.to_string()});
    assert_eq!(outcome["responseElements"], answered);

    // Nor does anything of it get there when it is refused.
    let given = parameters(&bench, key).await.unwrap();
    let other = import_with(key, &given, &SECOND);
    let more = [
        SECOND.to_vec(),
        other.import_token.clone(),
        other.encrypted_key_material.clone(),
    ];
    let records = left_by(
        &bench,
        &principal("administrator"),
        ImportKeyMaterial::new(other).unwrap(),
    )
    .await;
    assert_eq!(records[1]["errorCode"], "IncorrectKeyMaterialException");
    let trail = bench.trail_text();
    for secret in secret.iter().chain(&more) {
        // Alignment changes what BASE64 makes of a part: its middle is looked for in each.
        let texts = (0..3).map(|skipped| BASE64.encode(&secret[skipped..secret.len() - secret.len() % 3]));
        for text in texts.chain([HEXLOWER.encode(secret), format!("{secret:?}")]) {
            let middle = &text[4..text.len() - 4];
            assert!(!trail.contains(middle), "{middle}");
        }
    }
}

#[tokio::test]
async fn deletion_and_expiry_leave_intent_and_outcome() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let import = async || {
        let new = until(bench.now() + DAY);
        crate::importing::import(&bench, key, &FIRST, new).await.unwrap()
    };
    let material = import().await;
    let both = json!({"keyId": key.to_string(), "keyMaterialId": material.to_string()});
    let operation = DeleteImportedKeyMaterial {
        key,
        material: Some(material),
    };
    let [intent, outcome] = change(&bench, operation, "DeleteImportedKeyMaterial", &[arn(key)]).await;
    assert_eq!(intent["requestParameters"], both);
    let answered = json!({"keyId": arn(key), "keyMaterialId": material.to_string()});
    assert_eq!(outcome["responseElements"], answered);

    import().await;
    bench.advance_days(1);
    let records = left_by(&bench, &system(), DeleteExpiredKeyMaterial { key, material }).await;
    let phases: Vec<&Value> = records
        .iter()
        .map(|record| &record["additionalEventData"]["phase"])
        .collect();
    assert_eq!(phases, ["intent", "outcome"]);
    for record in &records {
        assert_eq!(record["eventName"], "DeleteExpiredKeyMaterial");
        assert_eq!(record["userIdentity"]["type"], "AWSService");
        assert_eq!(record["requestParameters"], both);
        assert!(record["errorCode"].is_null(), "{record}");
    }
}

/// Whether a request was refused or not, there is a record of who asked.
#[tokio::test]
async fn a_refused_import_is_on_the_trail() {
    let bench = Bench::new().await;
    let key = external(&bench).await;
    let given = parameters(&bench, key).await.unwrap();
    let new = ImportKeyMaterial::new(import_with(key, &given, &FIRST)).unwrap();
    let records = left_by(&bench, &principal("stranger"), new).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["errorCode"], "AccessDeniedException");
    assert_eq!(records[0]["eventName"], "ImportKeyMaterial");
    let unread = GetParametersForImport::new(key, WrappingAlgorithm::RsaesOaepSha256, KeySpec::Rsa2048).unwrap();
    let records = left_by(&bench, &principal("administrator"), unread).await;
    assert_records(&records, "GetParametersForImport", true, &[arn(key)]);
}
