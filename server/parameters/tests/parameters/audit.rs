//! What the trail says of requests, and that neither it nor the store ever has a secure value.

use serde_json::json;
use strongroom_parameters::op::{GetParametersByPath, NewParameter, PathRequest};

use crate::bench::{Bench, advanced, new, parameter_arn};

#[tokio::test]
async fn records_name_the_request_and_its_key_uses() {
    let bench = Bench::new().await;
    let request = NewParameter {
        tags: vec![("team".to_owned(), "red".to_owned())],
        description: Some("words".to_owned()),
        ..new("/n", "SecureString", "v")
    };
    bench.put(request).await.unwrap();
    bench.get("/n:1").await.unwrap();
    let trail = bench.trail();
    let last = |event: &str| trail.iter().rfind(|record| record["eventName"] == event).unwrap();
    assert_eq!(
        last("PutParameter")["requestParameters"],
        json!({"name": "/n", "type": "SecureString", "description": "words", "overwrite": false, "tagKeys": ["team"]})
    );
    assert_eq!(
        last("PutParameter")["responseElements"],
        json!({"version": 1, "tier": "Standard"})
    );
    assert_eq!(last("PutParameter")["eventSource"], "ssm.amazonaws.com");
    assert_eq!(last("PutParameter")["resources"][0]["ARN"], parameter_arn("n"));
    assert_eq!(
        last("GetParameter")["requestParameters"],
        json!({"name": "/n:1", "withDecryption": true})
    );
    for event in ["Encrypt", "Decrypt"] {
        let context = &last(event)["requestParameters"]["encryptionContext"];
        assert_eq!(*context, json!({"PARAMETER_ARN": parameter_arn("n")}), "{event}");
        assert_eq!(last(event)["userIdentity"]["invokedBy"], "ssm.amazonaws.com");
    }
}

#[tokio::test]
async fn neither_trail_nor_store_ever_has_a_secure_value() {
    let bench = Bench::new().await;
    let value = "unmistakable-value";
    bench.put(new("/a/standard", "SecureString", value)).await.unwrap();
    bench.put(advanced("/a/advanced", "SecureString", value)).await.unwrap();
    bench.overwrite("/a/standard", value).await.unwrap();
    let page = PathRequest {
        path: "/a".to_owned(),
        with_decryption: true,
        ..PathRequest::default()
    };
    assert_eq!(
        bench
            .admin(GetParametersByPath::new(page).unwrap())
            .await
            .unwrap()
            .values
            .len(),
        2
    );
    let encoded = data_encoding::BASE64.encode(value.as_bytes());
    let stored = bench.disk.tamper(|values| values.clone());
    for text in [value, &encoded] {
        assert!(!bench.trail_text().contains(text));
        for (key, record) in &stored {
            assert!(!record.windows(text.len()).any(|part| part == text.as_bytes()), "{key}");
        }
    }
}
