//! What resource policies decide: beside those of principals, for other accounts, under conditions, and at once.

use std::sync::Arc;

use strongroom_base::{Caller, Code};
use strongroom_gate::OpContext;
use strongroom_secrets::SecretRecord;
use strongroom_secrets::op::{DeleteResourcePolicy, DescribeSecret, NewSecret, PutResourcePolicy, TagResource};

use crate::bench::{Bench, allow, new_secret, principal, refused, secret_arn, token, user_arn};
use crate::policies::{denied, document, no_identity_policy, put_policy, statement};

const EVE: &str = "arn:aws:iam::999999999999:user/eve";

/// Eve, whose account is another one.
fn eve() -> OpContext {
    let caller = Caller::principal(EVE.parse().unwrap(), "999999999999".parse().unwrap());
    OpContext {
        caller: Arc::new(caller),
        ..principal("nobody")
    }
}

/// Same account: either policy is enough, and a Deny of either wins.
#[tokio::test]
async fn the_own_account_needs_one_of_both_policies() {
    let all = allow(r#"["kms:*","secretsmanager:*"]"#, "*");
    let bench = Bench::with(&[("ada", allow("kms:*", "*")), ("bob", all)]).await;
    bench.secret("n", "one").await;
    let (ada, bob) = (principal("ada"), principal("bob"));
    let silent = denied(
        &user_arn("ada"),
        "GetSecretValue",
        &no_identity_policy("GetSecretValue"),
    );
    refused(bench.read_as(&ada, "n", None, None).await, Code::AccessDenied, &silent);
    let named = statement("Allow", &user_arn("ada"), "GetSecretValue");
    put_policy(&bench, &document(std::slice::from_ref(&named)))
        .await
        .unwrap();
    assert_eq!(bench.read_as(&ada, "n", None, None).await.unwrap(), "one");
    // A policy that does not speak of bob takes nothing from him.
    assert_eq!(bench.read_as(&bob, "n", None, None).await.unwrap(), "one");
    // It allows what it names and nothing else.
    let describe = DescribeSecret::new("n").unwrap();
    let silent = denied(
        &user_arn("ada"),
        "DescribeSecret",
        &no_identity_policy("DescribeSecret"),
    );
    refused(bench.run(&ada, describe).await, Code::AccessDenied, &silent);
    // The account by its root lets its own policies decide, as they do anyway.
    put_policy(&bench, &document(&[statement("Allow", "000000000000", "*")]))
        .await
        .unwrap();
    let silent = denied(
        &user_arn("ada"),
        "GetSecretValue",
        &no_identity_policy("GetSecretValue"),
    );
    refused(bench.read_as(&ada, "n", None, None).await, Code::AccessDenied, &silent);
    assert_eq!(bench.read_as(&bob, "n", None, None).await.unwrap(), "one");
    let deny = statement("Deny", &user_arn("bob"), "GetSecretValue");
    put_policy(&bench, &document(&[named, deny])).await.unwrap();
    let blocked = denied(
        &user_arn("bob"),
        "GetSecretValue",
        "with an explicit deny in a resource-based policy",
    );
    refused(bench.read_as(&bob, "n", None, None).await, Code::AccessDenied, &blocked);
}

/// Another account: both policies must allow it, for the secret and for its key.
#[tokio::test]
async fn another_account_needs_both_policies() {
    let bench = Bench::with(&[(EVE, allow(r#"["kms:*","secretsmanager:*"]"#, "*"))]).await;
    bench.secret("n", "one").await;
    let silent = denied(
        EVE,
        "DescribeSecret",
        "because no resource-based policy allows the secretsmanager:DescribeSecret action",
    );
    let describe = || DescribeSecret::new("n").unwrap();
    refused(bench.run(&eve(), describe()).await, Code::AccessDenied, &silent);
    for principal in [EVE, "999999999999"] {
        put_policy(&bench, &document(&[statement("Allow", principal, "*")]))
            .await
            .unwrap();
        assert_eq!(bench.run(&eve(), describe()).await.unwrap().name.as_str(), "n");
    }
    // The service's own key is for the account alone.
    let no_key = "Access to KMS is not allowed";
    refused(bench.read_as(&eve(), "n", None, None).await, Code::AccessDenied, no_key);
    // To others a Deny reads like silence, as of a secret that does not exist.
    put_policy(&bench, &document(&[statement("Deny", EVE, "*")]))
        .await
        .unwrap();
    refused(bench.run(&eve(), describe()).await, Code::AccessDenied, &silent);
    refused(
        bench.run(&eve(), DescribeSecret::new("m").unwrap()).await,
        Code::AccessDenied,
        &silent.replace("secret:n", "secret:m"),
    );
}

#[tokio::test]
async fn conditions_of_a_policy_look_at_request_and_secret() {
    let bench = Bench::with(&[("ada", allow("kms:*", "*"))]).await;
    let new = NewSecret {
        tags: vec![("Team".to_owned(), "red".to_owned())],
        ..new_secret("n", Some((token(1), "one")))
    };
    bench.create(new).await.unwrap();
    bench.put("n", 2, "two", &[]).await.unwrap();
    let ada = principal("ada");
    let arn = secret_arn("n-*");
    let id = format!(r#"{{"ArnLike":{{"secretsmanager:SecretId":"{arn}"}}}}"#);
    let table = [
        (r#"{"StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}}"#, true),
        (
            r#"{"StringEquals":{"secretsmanager:VersionStage":"AWSPREVIOUS"}}"#,
            false,
        ),
        (r#"{"StringEquals":{"secretsmanager:ResourceTag/team":"red"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/team":"blue"}}"#, false),
        (id.as_str(), true),
        (
            r#"{"ArnLike":{"secretsmanager:SecretId":"arn:aws:secretsmanager:*:*:secret:m-*"}}"#,
            false,
        ),
    ];
    for (condition, expected) in table {
        let policy = document(&[statement("Allow", &user_arn("ada"), "GetSecretValue")]);
        let policy = policy.replace(
            r#""Resource":"*""#,
            &format!(r#""Resource":"*","Condition":{condition}"#),
        );
        put_policy(&bench, &policy).await.unwrap();
        assert_eq!(
            bench.read_as(&ada, "n", None, None).await.is_ok(),
            expected,
            "{condition}"
        );
    }
    // Who puts policies can be bound to block public ones.
    let policy = document(&[]).replace(
        "[]",
        r#"[{"Effect":"Deny","Principal":"*","Action":"secretsmanager:PutResourcePolicy","Resource":"*",
            "Condition":{"Bool":{"secretsmanager:BlockPublicPolicy":"false"}}}]"#,
    );
    let blocking = PutResourcePolicy::new("n", None, &policy, true).unwrap();
    bench.admin(blocking).await.unwrap();
    let blocked = denied(
        &user_arn("administrator"),
        "PutResourcePolicy",
        "with an explicit deny in a resource-based policy",
    );
    refused(put_policy(&bench, &policy).await, Code::AccessDenied, &blocked);
}

#[tokio::test]
async fn a_permit_is_overtaken_by_a_policy_or_a_tag() {
    const CONFLICT: &str = "Another request changed the same record. Try again.";
    let bench = Arc::new(Bench::new().await);
    bench.secret("n", "one").await;
    let late = |number| {
        let (bench, pause) = (Arc::clone(&bench), bench.store.pause("secret/n"));
        let put = tokio::spawn(async move { bench.put("n", number, "late", &[]).await });
        async move {
            pause.reached().await;
            (put, pause)
        }
    };
    let (slow, pause) = late(2).await;
    put_policy(&bench, &document(&[statement("Deny", "*", "PutSecretValue")]))
        .await
        .unwrap();
    pause.resume();
    refused(slow.await.unwrap(), Code::Conflict, CONFLICT);
    bench
        .admin(DeleteResourcePolicy::new("n", None).unwrap())
        .await
        .unwrap();
    let (slow, pause) = late(3).await;
    let tag = TagResource::new("n", vec![("k".to_owned(), "v".to_owned())]).unwrap();
    bench.admin(tag).await.unwrap();
    pause.resume();
    refused(slow.await.unwrap(), Code::Conflict, CONFLICT);
    let record = bench.records.find::<SecretRecord>("n").await.unwrap().unwrap();
    assert_eq!(record.version_count, 1, "nothing late was written");
}
