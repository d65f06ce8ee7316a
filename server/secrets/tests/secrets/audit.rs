//! What the trail says of requests, and that it never has a value.

use serde_json::{Value as Json, json};
use strongroom_secrets::op::{GetRandomPassword, NewSecret, PasswordRules, SecretUpdate};

use crate::bench::{Bench, new_secret, text, token, update};

/// The last record of an event.
fn last(records: &[Json], event: &str) -> Json {
    records
        .iter()
        .rfind(|record| record["eventName"] == event)
        .unwrap_or_else(|| panic!("no {event}"))
        .clone()
}

#[tokio::test]
async fn records_name_the_request_and_its_key_uses() {
    let bench = Bench::new().await;
    let tags = vec![("team".to_owned(), "red".to_owned())];
    let request = NewSecret {
        tags,
        description: Some("words".to_owned()),
        ..new_secret("n", Some((token(1), "v")))
    };
    let arn = bench.create(request).await.unwrap().arn;
    bench.put("n", 2, "v", &["AWSPENDING"]).await.unwrap();
    bench.read("n").await.unwrap();
    bench.delete("n", Some(9), false).await.unwrap();
    let trail = bench.trail();
    let created = last(&trail, "CreateSecret");
    let parameters = json!({"name": "n", "clientRequestToken": token(1), "description": "words", "tagKeys": ["team"]});
    assert_eq!(created["requestParameters"], parameters);
    assert_eq!(
        created["responseElements"],
        json!({"arn": arn.as_str(), "versionId": token(1)})
    );
    assert_eq!(created["resources"][0]["ARN"], arn.as_str());
    let put = last(&trail, "PutSecretValue");
    let parameters = json!({"secretId": "n", "clientRequestToken": token(2), "versionStages": ["AWSPENDING"]});
    assert_eq!(put["requestParameters"], parameters);
    assert_eq!(
        last(&trail, "GetSecretValue")["requestParameters"],
        json!({"secretId": "n"})
    );
    assert_eq!(
        last(&trail, "DeleteSecret")["requestParameters"],
        json!({"secretId": "n", "recoveryWindowInDays": 9})
    );
    // A key's use is on the trail with the secret that it was for, in the caller's name.
    for (event, version) in [("GenerateDataKey", token(2)), ("Decrypt", token(1))] {
        let used = last(&trail, event);
        let context = json!({"SecretARN": arn.as_str(), "SecretVersionId": version});
        assert_eq!(used["requestParameters"]["encryptionContext"], context, "{event}");
        assert_eq!(
            used["userIdentity"]["arn"],
            "arn:aws:iam::000000000000:user/administrator"
        );
    }
}

#[tokio::test]
async fn neither_trail_nor_store_ever_has_a_value() {
    let bench = Bench::new().await;
    let value = "unmistakable-value";
    bench.secret("n", value).await;
    bench.put("n", 2, &format!("{value}-2"), &[]).await.unwrap();
    bench.put("n", 2, &format!("{value}-other"), &[]).await.unwrap_err();
    bench
        .update(SecretUpdate {
            value: Some(text(&format!("{value}-3"))),
            ..update("n")
        })
        .await
        .unwrap();
    assert_eq!(bench.read("n").await.unwrap(), format!("{value}-3"));
    let password = bench
        .admin(GetRandomPassword::new(&PasswordRules::default()).unwrap())
        .await
        .unwrap();
    let password = password.reveal_to_wire(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
    let trail = bench.trail_text();
    assert!(!trail.contains(value) && !trail.contains(&password));
    let encoded = data_encoding::BASE64.encode(value.as_bytes());
    bench.disk.tamper(|values| {
        for (key, record) in values.iter() {
            let record = String::from_utf8_lossy(record);
            assert!(
                !record.contains(value) && !record.contains(&encoded[..encoded.len() - 2]),
                "{key}"
            );
        }
    });
}
