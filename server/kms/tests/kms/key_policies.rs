//! Key policies: who may use a key follows from its policy, from the next request on.

use serde_json::json;
use strongroom_base::{Code, Fault, KeyId, Service};
use strongroom_kms::KeyReference;
use strongroom_kms::op::{
    CreateKey, CreateManagedKey, DescribeKey, Encrypt, GetKeyPolicy, ListKeyPolicies, NewKey, PutKeyPolicy,
};

use crate::bench::{
    Bench, OTHER_ACCOUNT, allow, context, default_policy, fault, foreign_arn, foreigner, material, principal, refused,
    scope, user_arn,
};

/// A statement of a key policy; principal and action in JSON's own notation.
fn statement(effect: &str, principal: &str, action: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Principal":{principal},"Action":{action},"Resource":"*"}}"#)
}

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

fn aws(arn: &str) -> String {
    format!(r#"{{"AWS":"{arn}"}}"#)
}

/// Whoever keeps the key, so that a policy passes the lock-out check.
fn keeper() -> String {
    statement("Allow", &aws(&user_arn("administrator")), r#""kms:*""#)
}

async fn put(bench: &Bench, key: KeyId, policy: &str) -> Result<(), Fault> {
    bench.admin(PutKeyPolicy::new(key, None, policy, false)?).await
}

async fn policy_of(bench: &Bench, key: KeyId) -> String {
    let policy = bench.admin(GetKeyPolicy::new(key, Some("default")).unwrap()).await;
    policy.unwrap().as_str().to_owned()
}

fn encrypt(key: KeyId) -> Encrypt {
    Encrypt::new(KeyReference::Key(key), context(&[]), material(b"x")).unwrap()
}

#[tokio::test]
async fn a_policy_is_kept_to_the_letter_and_over_restarts() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    assert_eq!(policy_of(&bench, key).await, default_policy());
    let policy = format!("\t{}\r\n\n ", document(&[keeper()]));
    put(&bench, key, &policy).await.unwrap();
    assert_eq!(policy_of(&bench, key).await, policy);
    bench.restart();
    assert_eq!(policy_of(&bench, key).await, policy);
    let names = bench
        .admin(ListKeyPolicies::new(key, None, None).unwrap())
        .await
        .unwrap();
    assert_eq!(names, ["default"]);
}

#[tokio::test]
async fn a_policy_that_names_a_principal_allows_without_any_identity_policy() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let clerk = principal("clerk");
    assert_eq!(fault(bench.run(&clerk, encrypt(key)).await).code(), Code::AccessDenied);
    let own = statement("Allow", &aws(&user_arn("clerk")), r#""kms:Encrypt""#);
    put(&bench, key, &document(&[keeper(), own])).await.unwrap();
    bench.run(&clerk, encrypt(key)).await.unwrap();
    put(&bench, key, &default_policy()).await.unwrap();
    assert_eq!(fault(bench.run(&clerk, encrypt(key)).await).code(), Code::AccessDenied);
}

#[tokio::test]
async fn a_policy_that_gives_the_account_no_say_shuts_out_its_administrators() {
    let mut bench = Bench::new().await;
    bench.attach("other", &allow("kms:*", "*"));
    let key = bench.key().await;
    bench.run(&principal("other"), encrypt(key)).await.unwrap();
    put(&bench, key, &document(&[keeper()])).await.unwrap();
    let message = format!(
        "User: {} is not authorized to perform: kms:Encrypt on resource: {} because no resource-based policy allows the \
         kms:Encrypt action",
        user_arn("other"),
        scope().key_arn(&key)
    );
    refused(
        bench.run(&principal("other"), encrypt(key)).await,
        Code::AccessDenied,
        &message,
    );
    bench.admin(encrypt(key)).await.unwrap();
}

#[tokio::test]
async fn a_deny_of_the_policy_wins() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let deny = statement("Deny", r#""*""#, r#""kms:Encrypt""#);
    put(&bench, key, &document(&[keeper(), deny])).await.unwrap();
    let refused = fault(bench.admin(encrypt(key)).await);
    assert_eq!(refused.code(), Code::AccessDenied);
    assert!(
        refused.message().contains("explicit deny in a resource-based policy"),
        "{refused}"
    );
}

#[tokio::test]
async fn another_accounts_principals_need_both_policies() {
    let bench = Bench::new().await;
    let (key, partner) = (bench.key().await, foreigner("partner"));
    let own = statement("Allow", &aws(&foreign_arn("partner")), r#""kms:Encrypt""#);
    put(&bench, key, &document(&[keeper(), own])).await.unwrap();
    let denied = fault(bench.run(&partner, encrypt(key)).await);
    assert_eq!(denied.code(), Code::AccessDenied, "without a policy of its own");
    let mut bench = bench;
    bench.attach_to(&foreign_arn("partner"), &allow("kms:*", "*"));
    bench.run(&partner, encrypt(key)).await.unwrap();
    let whole = statement("Allow", &aws(OTHER_ACCOUNT), r#""kms:Encrypt""#);
    put(&bench, key, &document(&[keeper(), whole])).await.unwrap();
    bench.run(&partner, encrypt(key)).await.unwrap();
    put(&bench, key, &default_policy()).await.unwrap();
    let denied = fault(bench.run(&partner, encrypt(key)).await);
    assert_eq!(denied.code(), Code::AccessDenied, "the key does not name the account");
}

#[tokio::test]
async fn nobody_locks_himself_out_by_mistake() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let locked_out = document(&[statement("Allow", &aws(&user_arn("other")), r#""kms:*""#)]);
    let message = "The new key policy will not allow you to update the key policy in the future.";
    refused(
        put(&bench, key, &locked_out).await,
        Code::MalformedPolicyDocument,
        message,
    );
    assert_eq!(policy_of(&bench, key).await, default_policy(), "nothing was changed");
    let new = |policy: &str, bypass| NewKey {
        policy: Some(policy.to_owned()),
        bypass_policy_lockout_safety_check: bypass,
        ..NewKey::default()
    };
    let create = CreateKey::new(new(&locked_out, false)).unwrap();
    refused(bench.admin(create).await, Code::MalformedPolicyDocument, message);
    assert_eq!(bench.stored("key").len(), 1, "no key was made");
    let made = bench
        .admin(CreateKey::new(new(&locked_out, true)).unwrap())
        .await
        .unwrap();
    let got = bench.admin(GetKeyPolicy::new(made.record.id, None).unwrap()).await;
    assert_eq!(fault(got).code(), Code::AccessDenied);
    bench.run(&principal("other"), encrypt(made.record.id)).await.unwrap();
    let bypass = PutKeyPolicy::new(key, None, &locked_out, true).unwrap();
    bench.admin(bypass).await.unwrap();
    assert_eq!(
        fault(put(&bench, key, &default_policy()).await).code(),
        Code::AccessDenied
    );
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_its_place() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let wrong = document(&[keeper()]).replace(r#""Effect""#, "\n  \"Efect\"");
    let refused = fault(put(&bench, key, &wrong).await);
    assert_eq!(refused.code(), Code::MalformedPolicyDocument);
    assert!(
        refused.message().starts_with("policy document line 2 column 3: "),
        "{refused}"
    );
}

#[tokio::test]
async fn a_key_that_a_service_manages_keeps_its_policy() {
    let bench = Bench::new().await;
    let key = bench.system(CreateManagedKey::for_secrets()).await.unwrap().record.id;
    let shown: serde_json::Value = serde_json::from_str(&policy_of(&bench, key).await).unwrap();
    assert_eq!(shown["Id"], "auto-secretsmanager-2");
    assert_eq!(
        shown["Statement"][0]["Condition"]["StringEquals"],
        json!({"kms:CallerAccount": "000000000000", "kms:ViaService": "secretsmanager.local-1.amazonaws.com"})
    );
    let refused = fault(put(&bench, key, &default_policy()).await);
    assert_eq!(refused.code(), Code::AccessDenied);
    let describe = || DescribeKey {
        key: KeyReference::Key(key),
    };
    bench.admin(describe()).await.unwrap();
    let through = principal("clerk").on_behalf(Service::SecretsManager);
    bench.run(&through, encrypt(key)).await.unwrap();
}

#[test]
fn names_and_lengths_are_checked() {
    let key = KeyId::from_bytes([0; 16]);
    let put = |name: Option<&str>, policy: &str| PutKeyPolicy::new(key, name, policy, false);
    let policy = default_policy();
    let ram = "The AWS_RAM policy can only be managed by the RAM service.";
    refused(put(Some("AWS_RAM"), &policy), Code::Validation, ram);
    let none = "No such policy exists";
    refused(put(Some("other"), &policy), Code::NotFound, none);
    refused(GetKeyPolicy::new(key, Some("AWS_RAM")), Code::NotFound, none);
    let form = "1 validation error detected: Value at 'policyName' failed to satisfy constraint: Member must satisfy \
                regular expression pattern: [\\w]+ and have length between 1 and 128";
    for name in ["", "a b", &"x".repeat(129)] {
        refused(put(Some(name), &policy), Code::Validation, form);
    }
    let characters = "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must satisfy \
                      regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+";
    for policy in ["", "\u{0}", "\u{100}", "\u{b}"] {
        refused(put(None, policy), Code::Validation, characters);
    }
    let padded = |length: usize| format!("{policy}{}", " ".repeat(length - policy.len()));
    assert!(put(None, &padded(32_768)).is_ok());
    let long = "The key policy has 32769 bytes, which is more than the limit of 32768.";
    refused(put(None, &padded(32_769)), Code::LimitExceeded, long);
    let rows = "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: Member must have value \
                between 1 and 1000";
    refused(ListKeyPolicies::new(key, Some(1_001), None), Code::Validation, rows);
    let marker = "The marker is not one that ListKeyPolicies gave.";
    refused(
        ListKeyPolicies::new(key, None, Some("default")),
        Code::InvalidMarker,
        marker,
    );
}
