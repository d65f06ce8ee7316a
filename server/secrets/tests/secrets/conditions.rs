//! What secrets and requests for them answer to the conditions of policies.

use strongroom_base::Code;
use strongroom_gate::Operation;
use strongroom_secrets::Secrets;
use strongroom_secrets::op::{
    CreateSecret, DeleteSecret, GetSecretValue, NewSecret, SecretUpdate, TagResource, UntagResource, UpdateSecret,
    UpdateSecretVersionStage,
};

use crate::bench::{Bench, new_secret, principal, scope};

fn policy(condition: &str) -> (&'static str, String) {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[
            {{"Effect":"Allow","Action":"kms:*","Resource":"*"}},
            {{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*","Condition":{condition}}}]}}"#
    );
    ("bound", policy)
}

/// An installation with the secret `n`, and somebody whom a policy allows everything under this condition.
async fn bench(condition: &str) -> Bench {
    let bench = Bench::with(&[policy(condition)]).await;
    let tags = vec![("Team".to_owned(), "red".to_owned())];
    let new = NewSecret {
        tags,
        ..new_secret("n", None)
    };
    bench.create(new).await.unwrap();
    bench
}

async fn passes<O: Operation<Domain = Secrets>>(condition: &str, operation: O) -> bool {
    let bench = bench(condition).await;
    let answer = bench.run(&principal("bound"), operation).await;
    !matches!(answer, Err(fault) if fault.code() == Code::AccessDenied)
}

fn equals(key: &str, value: &str) -> String {
    format!(r#"{{"StringEquals":{{"{key}":"{value}"}}}}"#)
}

fn get(version: Option<&str>, stage: Option<&str>) -> GetSecretValue {
    GetSecretValue::new("n", version, stage).unwrap()
}

#[tokio::test]
async fn a_read_answers_which_version_it_asks_for() {
    let current = equals("secretsmanager:VersionStage", "AWSCURRENT");
    let version = "11111111-1111-1111-1111-111111111111";
    assert!(passes(&current, get(None, None)).await);
    assert!(passes(&current, get(None, Some("AWSCURRENT"))).await);
    assert!(!passes(&current, get(None, Some("AWSPREVIOUS"))).await);
    assert!(!passes(&current, get(Some(version), None)).await);
    assert!(passes(&equals("secretsmanager:VersionId", version), get(Some(version), None)).await);
    assert!(!passes(&equals("secretsmanager:VersionId", version), get(None, None)).await);
}

#[tokio::test]
async fn a_secret_answers_its_arn_and_tags() {
    let named = r#"{"ArnLike":{"secretsmanager:SecretId":"arn:aws:secretsmanager:*:*:secret:n-*"}}"#;
    assert!(passes(named, get(None, None)).await);
    assert!(!passes(&named.replace("n-*", "m-*"), get(None, None)).await);
    assert!(passes(&equals("secretsmanager:ResourceTag/team", "red"), get(None, None)).await);
    assert!(passes(&equals("aws:ResourceTag/Team", "red"), get(None, None)).await);
    assert!(!passes(&equals("aws:ResourceTag/Team", "blue"), get(None, None)).await);
}

#[tokio::test]
async fn requests_for_changes_answer_what_they_ask_for() {
    let key = "arn:aws:kms:local-1:000000000000:alias/own";
    let new = || {
        let request = NewSecret {
            tags: vec![("Size".to_owned(), "large".to_owned())],
            description: Some("words".to_owned()),
            kms_key_id: Some("alias/own".to_owned()),
            ..new_secret("m", None)
        };
        CreateSecret::new(request, &scope()).unwrap()
    };
    assert!(passes(&equals("secretsmanager:Name", "m"), new()).await);
    assert!(!passes(&equals("secretsmanager:Name", "n"), new()).await);
    assert!(passes(&equals("secretsmanager:Description", "words"), new()).await);
    assert!(passes(&equals("secretsmanager:KmsKeyArn", key), new()).await);
    assert!(passes(&equals("secretsmanager:KmsKeyId", "alias/own"), new()).await);
    assert!(passes(&equals("aws:RequestTag/size", "large"), new()).await);
    let update = || {
        let request = SecretUpdate {
            secret_id: "n".to_owned(),
            kms_key_id: Some("alias/own".to_owned()),
            ..SecretUpdate::default()
        };
        UpdateSecret::new(request, &scope()).unwrap()
    };
    assert!(passes(&equals("secretsmanager:KmsKeyArn", key), update()).await);
    assert!(!passes(&equals("secretsmanager:Description", "words"), update()).await);
    let only_size = r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"Size"}}"#;
    let untag = |name: &str| UntagResource::new("n", vec![name.to_owned()]).unwrap();
    assert!(passes(only_size, untag("Size")).await);
    assert!(!passes(only_size, untag("Team")).await);
    let tag = TagResource::new("n", vec![("A".to_owned(), "1".to_owned())]).unwrap();
    assert!(passes(&equals("aws:RequestTag/a", "1"), tag).await);
    let slowly = r#"{"NumericGreaterThan":{"secretsmanager:RecoveryWindowInDays":"7"}}"#;
    assert!(passes(slowly, DeleteSecret::new("n", Some(8), false).unwrap()).await);
    assert!(!passes(slowly, DeleteSecret::new("n", Some(7), false).unwrap()).await);
    let never_at_once = r#"{"Bool":{"secretsmanager:ForceDeleteWithoutRecovery":"false"}}"#;
    assert!(!passes(never_at_once, DeleteSecret::new("n", None, true).unwrap()).await);
    assert!(passes(never_at_once, DeleteSecret::new("n", None, false).unwrap()).await);
    let version = "11111111-1111-1111-1111-111111111111";
    let mark = UpdateSecretVersionStage::new("n", "DONE", None, Some(version)).unwrap();
    assert!(passes(&equals("secretsmanager:VersionStage", "DONE"), mark).await);
}
