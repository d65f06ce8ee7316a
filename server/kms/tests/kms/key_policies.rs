//! Key policies: who may use a key follows from its policy, from the next request on.

use std::sync::Arc;

use serde_json::json;
use strongroom_base::{Code, Fault, KeyId, Service};
use strongroom_gate::Operation;
use strongroom_kms::op::{
    CreateAlias, CreateKey, CreateManagedKey, DescribeKey, Encrypt, GetKeyPolicy, ListKeyPolicies, NewKey,
    PutKeyPolicy, RetireGrant, RevokeGrant, TagResource, UpdateKeyDescription,
};
use strongroom_kms::{GrantOperation, KeyRecord, KeyReference, KeyTags, Kms, ResourcePolicy};

use crate::bench::{
    Bench, OTHER_ACCOUNT, alias, allow, context, create_grant, default_policy, eventually, fault, foreign_arn,
    foreigner, material, principal, refused, scope, user_arn,
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

/// What the trail says of the attempts to put a policy on a key, or to make a key with one: phase and error.
fn attempts(bench: &Bench, event: &str) -> Vec<(String, String)> {
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let records = bench.trail().into_iter().filter(|record| record["eventName"] == event);
    let row = |record: serde_json::Value| {
        (
            word(&record["additionalEventData"]["phase"]),
            word(&record["errorCode"]),
        )
    };
    records.map(row).collect()
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_its_place_and_on_the_trail() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let wrong = document(&[keeper()]).replace(r#""Effect""#, "\n  \"Efect\"");
    let message = "policy document line 2 column 3: \"Efect\" is not understood by this version; a statement has Sid, Effect, \
                   Action or NotAction, Resource or NotResource, and Condition";
    refused(put(&bench, key, &wrong).await, Code::MalformedPolicyDocument, message);
    let refusal = [
        ("intent".to_owned(), String::new()),
        ("outcome".to_owned(), "MalformedPolicyDocumentException".to_owned()),
    ];
    assert_eq!(attempts(&bench, "PutKeyPolicy"), refusal);
    let record = bench.trail().pop().unwrap();
    assert_eq!(record["requestParameters"]["policy"], wrong.as_str());
    assert_eq!(record["resources"][0]["ARN"], scope().key_arn(&key).as_str());
    let new = NewKey {
        policy: Some(wrong),
        ..NewKey::default()
    };
    let create = bench.admin(CreateKey::new(new).unwrap()).await;
    refused(create, Code::MalformedPolicyDocument, message);
    assert_eq!(attempts(&bench, "CreateKey")[2..], refusal);
    assert_eq!(bench.stored("key").len(), 1, "no key was made");
    let denied = PutKeyPolicy::new(key, None, "{", false).unwrap();
    let denied = fault(bench.run(&principal("clerk"), denied).await);
    assert_eq!(
        denied.code(),
        Code::AccessDenied,
        "who may not put one is told nothing of it"
    );
}

#[tokio::test]
async fn a_policy_has_32_kib_and_the_trail_no_more() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let policy = default_policy();
    let padded = |length: usize| format!("{policy}{}", " ".repeat(length - policy.len()));
    put(&bench, key, &padded(32_768)).await.unwrap();
    let message = "The key policy has 32769 bytes, which is more than the limit of 32768.";
    refused(put(&bench, key, &padded(32_769)).await, Code::LimitExceeded, message);
    let record = bench.trail().pop().unwrap();
    assert_eq!(record["errorCode"], "LimitExceededException");
    assert_eq!(record["requestParameters"]["policy"], json!({"bytes": 32_769}));
}

/// The check asks what the PutKeyPolicy that may follow would be told: the key has its tags then, and that request brings none.
#[tokio::test]
async fn the_lock_out_check_of_a_new_key_sees_it_as_it_will_be() {
    let bench = Bench::new().await;
    let new = |condition: &str| NewKey {
        tags: vec![("Team".to_owned(), "red".to_owned())],
        policy: Some(document(&[format!(
            r#"{{"Effect":"Allow","Principal":{},"Action":"kms:*","Resource":"*","Condition":{condition}}}"#,
            aws(&user_arn("administrator"))
        )])),
        ..NewKey::default()
    };
    for (condition, passes) in [
        (r#"{"StringEquals":{"aws:ResourceTag/team":"red"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/team":"blue"}}"#, false),
        (r#"{"StringEquals":{"aws:RequestTag/team":"red"}}"#, false),
        (r#"{"ForAnyValue:StringEquals":{"aws:TagKeys":"Team"}}"#, false),
        (r#"{"StringEquals":{"kms:PolicyName":"default"}}"#, true),
        (r#"{"StringEquals":{"kms:KeySpec":"SYMMETRIC_DEFAULT"}}"#, true),
        (r#"{"StringEquals":{"kms:KeySpec":"RSA_2048"}}"#, false),
        (r#"{"Bool":{"kms:BypassPolicyLockoutSafetyCheck":"false"}}"#, true),
    ] {
        let made = bench.admin(CreateKey::new(new(condition)).unwrap()).await;
        match made {
            Ok(made) => {
                assert!(passes, "{condition}");
                put(&bench, made.record.id, &default_policy()).await.unwrap();
            }
            Err(fault) => {
                assert!(!passes, "{condition}: {fault}");
                assert_eq!(
                    fault.message(),
                    "The new key policy will not allow you to update the key policy in the future."
                );
            }
        }
    }
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
    assert!(put(None, &"é".repeat(131_072)).is_ok(), "what it is told later");
    let long = "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less \
                than or equal to 131072";
    refused(put(None, &"é".repeat(131_073)), Code::Validation, long);
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

fn changed_meanwhile(key: KeyId) -> String {
    let arn = scope().key_arn(&key);
    format!("The policy, tags or aliases of {arn} changed after the request had been allowed; try again.")
}

/// Asks for a change while a new policy is on its way to the disk: it was allowed under the old one, and waits.
async fn comes_too_late<O>(bench: &Arc<Bench>, key: KeyId, change: O)
where
    O: Operation<Domain = Kms> + Send + Sync + 'static,
    O::Reply: Send,
{
    let policy = format!("{} ", policy_of(bench, key).await);
    let pause = bench.store.pause("key/");
    let put = tokio::spawn({
        let (bench, policy) = (Arc::clone(bench), policy.clone());
        async move { put(&bench, key, &policy).await }
    });
    pause.reached().await;
    let recorded = || bench.trail_text().matches(O::ACTION.name()).count();
    let before = recorded();
    let late = tokio::spawn({
        let bench = Arc::clone(bench);
        async move { bench.admin(change).await }
    });
    eventually(async || recorded() > before).await;
    pause.resume();
    put.await.unwrap().unwrap();
    refused(late.await.unwrap(), Code::Conflict, &changed_meanwhile(key));
    assert_eq!(policy_of(bench, key).await, policy);
}

#[tokio::test]
async fn what_the_old_policy_allowed_is_not_done_under_the_new_one() {
    let bench = Arc::new(Bench::new().await);
    let key = bench.key().await;
    put(&bench, key, &document(&[keeper()])).await.unwrap();
    let grant = bench.grant(key, "clerk", &[GrantOperation::Encrypt]).await.id;
    let words = UpdateKeyDescription::new(key, "late".to_owned()).unwrap();
    comes_too_late(&bench, key, words).await;
    let tags = vec![("late".to_owned(), String::new())];
    comes_too_late(&bench, key, TagResource::new(key, tags).unwrap()).await;
    comes_too_late(&bench, key, CreateAlias::new(alias("alias/late"), key).unwrap()).await;
    let policy = PutKeyPolicy::new(key, None, &default_policy(), true).unwrap();
    comes_too_late(&bench, key, policy).await;
    comes_too_late(&bench, key, create_grant(key, "late", &[GrantOperation::Encrypt])).await;
    comes_too_late(&bench, key, RevokeGrant::new(key, &grant.to_string()).unwrap()).await;
    let (named, id) = (key.to_string(), grant.to_string());
    let retire = RetireGrant::new(&bench.kms, None, Some(&named), Some(&id)).unwrap();
    comes_too_late(&bench, key, retire).await;
    let record = bench.describe(key).await.record;
    assert!(record.description.is_empty() && record.tags == KeyTags::default() && record.aliases.is_empty());
    assert_eq!(bench.stored("grant"), [format!("{key}/{grant}")]);
    assert!(bench.stored("alias").is_empty());
}

/// Another hand on the records changes the key between the reading and the commit of a change.
#[tokio::test]
async fn a_change_that_lost_the_race_is_made_where_the_decision_is_the_same() {
    type Edit = fn(&mut KeyRecord);
    let edits: [(Edit, bool); 4] = [
        (|key| key.rotation = None, true),
        (
            |key| key.policy = Some(Arc::new(ResourcePolicy::parse(&document(&[keeper()])).unwrap())),
            false,
        ),
        (
            |key| key.tags = KeyTags::parse(vec![("tenant".to_owned(), "7".to_owned())]).unwrap(),
            false,
        ),
        (|key| key.aliases = [alias("alias/a")].into(), false),
    ];
    for (number, (edit, is_made)) in edits.into_iter().enumerate() {
        let bench = Arc::new(Bench::new().await);
        let key = bench.key().await;
        let pause = bench.store.pause("key/");
        let late = tokio::spawn({
            let bench = Arc::clone(&bench);
            async move {
                let words = UpdateKeyDescription::new(key, "late".to_owned()).unwrap();
                bench.admin(words).await
            }
        });
        pause.reached().await;
        let id = key.to_string();
        let before = bench.records.find::<KeyRecord>(&id).await.unwrap().unwrap();
        let mut after = KeyRecord::clone(&before);
        edit(&mut after);
        let other = bench.records.change().replace(&id, &before, after);
        other.commit().await.unwrap();
        pause.resume();
        let answer = late.await.unwrap();
        if is_made {
            answer.unwrap();
        } else {
            refused(answer, Code::Conflict, &changed_meanwhile(key));
        }
        let after = bench.records.find::<KeyRecord>(&id).await.unwrap().unwrap();
        assert_eq!(after.description == "late", is_made, "{number}");
    }
}
