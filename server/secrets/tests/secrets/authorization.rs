//! Who may do what: on the ARN that a secret has or will have, and without telling whether it exists.

use strongroom_base::{Code, Fault};
use strongroom_secrets::op::{
    CreateSecret, DeleteSecret, DescribeSecret, GetRandomPassword, ListSecretVersionIds, ListSecrets, NewSecret,
    PasswordRules, RestoreSecret, TagResource, UntagResource, UpdateSecret, UpdateSecretVersionStage,
};
use strongroom_secrets::{SortBy, SortOrder};

use crate::bench::{Bench, NOT_FOUND, allow, new_secret, principal, put, refused, scope, secret_arn, token, update};

fn denied(who: &str, action: &str, arn: &str) -> String {
    format!(
        "User: arn:aws:iam::000000000000:user/{who} is not authorized to perform: secretsmanager:{action} on resource: \
         {arn} because no identity-based policy allows the secretsmanager:{action} action"
    )
}

/// Every operation on one secret, as `who`.
async fn everything(bench: &Bench, who: &str, secret: &str) -> Vec<(&'static str, Result<(), Fault>)> {
    let who = principal(who);
    let tags = vec![("k".to_owned(), "v".to_owned())];
    vec![
        (
            "GetSecretValue",
            bench.read_as(&who, secret, None, None).await.map(drop),
        ),
        (
            "PutSecretValue",
            bench.run(&who, put(secret, 1, "value", &[]).unwrap()).await.map(drop),
        ),
        (
            "UpdateSecret",
            bench
                .run(&who, UpdateSecret::new(update(secret), &scope()).unwrap())
                .await
                .map(drop),
        ),
        (
            "DescribeSecret",
            bench.run(&who, DescribeSecret::new(secret).unwrap()).await.map(drop),
        ),
        (
            "ListSecretVersionIds",
            bench
                .run(&who, ListSecretVersionIds::new(secret, true, None, None).unwrap())
                .await
                .map(drop),
        ),
        (
            "UpdateSecretVersionStage",
            bench
                .run(
                    &who,
                    UpdateSecretVersionStage::new(secret, "blue", None, Some(&token(1))).unwrap(),
                )
                .await
                .map(drop),
        ),
        (
            "TagResource",
            bench.run(&who, TagResource::new(secret, tags).unwrap()).await,
        ),
        (
            "UntagResource",
            bench
                .run(&who, UntagResource::new(secret, vec!["k".to_owned()]).unwrap())
                .await,
        ),
        (
            "DeleteSecret",
            bench
                .run(&who, DeleteSecret::new(secret, None, false).unwrap())
                .await
                .map(drop),
        ),
        (
            "RestoreSecret",
            bench.run(&who, RestoreSecret::new(secret).unwrap()).await.map(drop),
        ),
    ]
}

#[tokio::test]
async fn who_may_nothing_learns_nothing() {
    let bench = Bench::with(&[("stranger", allow("kms:*", "*"))]).await;
    let arn = bench.secret("there", "one").await.arn.to_string();
    let names = [
        "there",
        "not-there",
        &arn,
        &secret_arn("there"),
        &secret_arn("not-there"),
        &secret_arn("not-there-AbCdEf"),
    ];
    for name in names {
        let named = if name.starts_with("arn:") {
            name.to_owned()
        } else {
            secret_arn(name)
        };
        for (action, answer) in everything(&bench, "stranger", name).await {
            refused(answer, Code::AccessDenied, &denied("stranger", action, &named));
        }
        let forced = DeleteSecret::new(name, None, true).unwrap();
        let message = denied("stranger", "DeleteSecret", &named);
        refused(
            bench.run(&principal("stranger"), forced).await,
            Code::AccessDenied,
            &message,
        );
    }
    for name in ["there", "not-there"] {
        let create = CreateSecret::new(new_secret(name, Some((token(1), "one"))), &scope()).unwrap();
        let message = denied("stranger", "CreateSecret", &secret_arn(name));
        refused(
            bench.run(&principal("stranger"), create).await,
            Code::AccessDenied,
            &message,
        );
    }
}

#[tokio::test]
async fn a_policy_on_every_suffix_allows_and_tells_that_there_is_none() {
    for pattern in ["app-??????", "app-*", "app*"] {
        let bench = Bench::with(&[("owner", allow("secretsmanager:*", &secret_arn(pattern)))]).await;
        for (action, answer) in everything(&bench, "owner", "app").await {
            assert_eq!(
                answer.as_ref().map_err(Fault::message),
                Err(NOT_FOUND),
                "{pattern} {action}"
            );
        }
        let forced = DeleteSecret::new("app", None, true).unwrap();
        bench.run(&principal("owner"), forced).await.unwrap();
        let create = CreateSecret::new(new_secret("app", Some((token(1), "value"))), &scope()).unwrap();
        bench.run(&principal("owner"), create).await.unwrap();
        for (action, answer) in everything(&bench, "owner", "app").await {
            assert!(answer.is_ok(), "{pattern} {action}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_policy_on_one_arn_ends_with_the_secret() {
    // The suffix is random, so the policy is written after the fact in the name of another secret.
    let bench = Bench::with(&[("owner", allow("secretsmanager:*", &secret_arn("app-AbCdEf")))]).await;
    bench.secret("app", "value").await;
    let message = denied("owner", "GetSecretValue", &secret_arn("app"));
    refused(
        bench.read_as(&principal("owner"), "app", None, None).await,
        Code::AccessDenied,
        &message,
    );
    // By the full ARN of a secret that is gone, its owner is told so.
    let gone = secret_arn("app-AbCdEf");
    refused(
        bench.read_as(&principal("owner"), &gone, None, None).await,
        Code::ResourceNotFound,
        NOT_FOUND,
    );
}

#[tokio::test]
async fn a_secret_with_tags_needs_the_permission_to_tag() {
    let bench = Bench::with(&[("maker", allow("secretsmanager:CreateSecret", "*"))]).await;
    let request = || NewSecret {
        tags: vec![("k".to_owned(), "v".to_owned())],
        ..new_secret("n", None)
    };
    let message = denied("maker", "TagResource", &secret_arn("n"));
    let create = CreateSecret::new(request(), &scope()).unwrap();
    refused(
        bench.run(&principal("maker"), create).await,
        Code::AccessDenied,
        &message,
    );
    let untagged = CreateSecret::new(new_secret("n", None), &scope()).unwrap();
    bench.run(&principal("maker"), untagged).await.unwrap();
}

#[tokio::test]
async fn the_services_own_key_serves_everybody_and_through_secrets_alone() {
    let bench = Bench::with(&[("user", allow("secretsmanager:*", "*"))]).await;
    let user = principal("user");
    let create = CreateSecret::new(new_secret("n", Some((token(1), "value"))), &scope()).unwrap();
    bench.run(&user, create).await.unwrap();
    assert_eq!(bench.read_as(&user, "n", None, None).await.unwrap(), "value");
    let made = bench
        .trail()
        .into_iter()
        .find(|record| record["eventName"] == "CreateKey")
        .unwrap();
    assert_eq!(
        made["userIdentity"]["arn"],
        "arn:aws:iam::000000000000:role/strongroom/secretsmanager"
    );
}

#[tokio::test]
async fn lists_and_passwords_need_their_permission_on_everything() {
    let bench = Bench::with(&[("partial", allow("secretsmanager:*", &secret_arn("*")))]).await;
    let message = |action: &str| {
        format!(
            "User: arn:aws:iam::000000000000:user/partial is not authorized to perform: secretsmanager:{action} because no \
             identity-based policy allows the secretsmanager:{action} action"
        )
    };
    let partial = principal("partial");
    let list = ListSecrets::new(Vec::new(), (SortBy::default(), SortOrder::default()), false, None, None).unwrap();
    refused(
        bench.run(&partial, list).await,
        Code::AccessDenied,
        &message("ListSecrets"),
    );
    let password = GetRandomPassword::new(&PasswordRules::default()).unwrap();
    refused(
        bench.run(&partial, password).await,
        Code::AccessDenied,
        &message("GetRandomPassword"),
    );
}
