//! BatchGetSecretValue: each secret on its own terms.

use strongroom_base::Code;
use strongroom_secrets::op::{BatchGetSecretValue, BatchOfValues};
use strongroom_secrets::{Filter, FilterKey};

use crate::bench::{Bench, DELETED, NOT_FOUND, allow, constraint, new_secret, principal, refused, secret_arn, text_of};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn by_name(prefix: &str) -> Vec<Filter> {
    vec![Filter::new(FilterKey::Name, names(&[prefix])).unwrap()]
}

fn rows(batch: &BatchOfValues) -> Vec<String> {
    batch
        .values
        .iter()
        .map(|read| format!("{}={}", read.name, text_of(read)))
        .collect()
}

#[tokio::test]
async fn named_secrets_come_in_order_and_failures_beside_them() {
    let reader = allow(r#"["secretsmanager:BatchGetSecretValue"]"#, "*");
    let own = allow("secretsmanager:GetSecretValue", &secret_arn("mine/*"));
    let bench = Bench::with(&[("reader", reader), ("reader", own)]).await;
    for name in ["mine/a", "mine/b", "mine/deleted", "theirs"] {
        bench.secret(name, &format!("value of {name}")).await;
    }
    bench.create(new_secret("mine/empty", None)).await.unwrap();
    bench.delete("mine/deleted", None, false).await.unwrap();
    let wanted = names(&[
        "mine/b",
        "theirs",
        "mine/a",
        "mine/deleted",
        "mine/missing",
        "mine/empty",
    ]);
    let batch = BatchGetSecretValue::new(&wanted, Vec::new(), None, None).unwrap();
    let batch = bench.run(&principal("reader"), batch).await.unwrap();
    assert_eq!(rows(&batch), ["mine/b=value of mine/b", "mine/a=value of mine/a"]);
    let errors: Vec<_> = batch
        .errors
        .iter()
        .map(|row| (row.secret_id.as_str(), row.fault.code(), row.fault.message()))
        .collect();
    let denied = format!(
        "User: arn:aws:iam::000000000000:user/reader is not authorized to perform: secretsmanager:GetSecretValue on \
         resource: {} because no identity-based policy allows the secretsmanager:GetSecretValue action",
        secret_arn("theirs")
    );
    let no_value = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
    let expected = [
        ("theirs", Code::AccessDenied, denied.as_str()),
        ("mine/deleted", Code::InvalidRequest, DELETED),
        ("mine/missing", Code::ResourceNotFound, NOT_FOUND),
        ("mine/empty", Code::ResourceNotFound, no_value),
    ];
    assert_eq!(errors, expected);
    assert_eq!(batch.next_token, None);
    // One audit record for the batch and one for each secret, whatever came of it.
    let reader = bench
        .trail()
        .into_iter()
        .filter(|record| record["userIdentity"]["arn"].as_str().unwrap().ends_with("reader"));
    let events: Vec<_> = reader
        .map(|record| record["eventName"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        events.iter().filter(|event| *event == "GetSecretValue").count(),
        6,
        "{events:?}"
    );
    assert_eq!(events.last().map(String::as_str), Some("BatchGetSecretValue"));
}

#[tokio::test]
async fn filters_choose_and_pages_follow_each_other() {
    let bench = Bench::new().await;
    for number in 0..5 {
        bench.secret(&format!("app/{number}"), "value").await;
        bench.advance_days(1);
    }
    bench.secret("other", "value").await;
    let first = BatchGetSecretValue::new(&[], by_name("app/"), Some(3), None).unwrap();
    let first = bench.admin(first).await.unwrap();
    assert_eq!(rows(&first), ["app/4=value", "app/3=value", "app/2=value"]);
    let second = BatchGetSecretValue::new(&[], by_name("app/"), Some(3), first.next_token.as_deref()).unwrap();
    let second = bench.admin(second).await.unwrap();
    assert_eq!(
        (rows(&second), second.next_token),
        (names(&["app/1=value", "app/0=value"]), None)
    );
}

#[tokio::test]
async fn filters_need_the_permission_to_list() {
    let reader = allow(
        r#"["secretsmanager:BatchGetSecretValue","secretsmanager:GetSecretValue"]"#,
        "*",
    );
    let bench = Bench::with(&[("reader", reader)]).await;
    bench.secret("n", "value").await;
    let filtered = BatchGetSecretValue::new(&[], by_name("n"), None, None).unwrap();
    let message = "User: arn:aws:iam::000000000000:user/reader is not authorized to perform: secretsmanager:ListSecrets \
                   because no identity-based policy allows the secretsmanager:ListSecrets action";
    refused(
        bench.run(&principal("reader"), filtered).await,
        Code::AccessDenied,
        message,
    );
    let named = BatchGetSecretValue::new(&names(&["n"]), Vec::new(), None, None).unwrap();
    assert_eq!(
        rows(&bench.run(&principal("reader"), named).await.unwrap()),
        ["n=value"]
    );
}

#[test]
fn a_batch_is_named_or_filtered() {
    let new = BatchGetSecretValue::new;
    let invalid = Code::InvalidParameter;
    refused(
        new(&[], Vec::new(), None, None),
        invalid,
        "You must provide either SecretIdList or Filters.",
    );
    let both = "You can't use SecretIdList and Filters in the same request.";
    refused(new(&names(&["n"]), by_name("n"), None, None), invalid, both);
    let paged = "You can use MaxResults and NextToken with Filters only.";
    refused(new(&names(&["n"]), Vec::new(), Some(1), None), invalid, paged);
    refused(new(&names(&["n"]), Vec::new(), None, Some("token")), invalid, paged);
    let many: Vec<_> = (0..21).map(|number| number.to_string()).collect();
    let message = constraint("secretIdList", "Member must have length less than or equal to 20");
    refused(new(&many, Vec::new(), None, None), Code::Validation, &message);
    assert!(new(&many[..20], Vec::new(), None, None).is_ok());
    let message = "1 validation error detected: Value '21' at 'maxResults' failed to satisfy constraint: Member must have \
                   value less than or equal to 20";
    refused(new(&[], by_name("n"), Some(21), None), Code::Validation, message);
}
