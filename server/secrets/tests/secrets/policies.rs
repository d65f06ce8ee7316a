//! Resource policies: how they come and go, and what is wrong with one.

use strongroom_base::{Code, Fault};
use strongroom_secrets::op::{
    DeleteResourcePolicy, FailedCheck, GetResourcePolicy, NewSecret, PutResourcePolicy, ValidateResourcePolicy,
};

use crate::bench::{
    Bench, DELETED, NOT_FOUND, allow, constraint, new_secret, principal, refused, secret_arn, user_arn,
};

const LOCKS_OUT: &str = "This resource policy will not allow you to manage this secret in the future.";
const IS_PUBLIC: &str = "You can't attach a resource-based policy that allows broad access to the secret.";

pub(crate) fn statement(effect: &str, principal: &str, action: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":"secretsmanager:{action}","Resource":"*"}}"#
    )
}

pub(crate) fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

pub(crate) async fn put_policy(bench: &Bench, policy: &str) -> Result<(), Fault> {
    let put = PutResourcePolicy::new("n", None, policy, false)?;
    bench.admin(put).await.map(drop)
}

/// The resource policy of `n`, as its administrator sees it.
async fn policy_of(bench: &Bench) -> Option<String> {
    let got = bench.admin(GetResourcePolicy::new("n", None).unwrap()).await.unwrap();
    got.policy.map(|policy| policy.as_str().to_owned())
}

async fn validate(bench: &Bench, secret: Option<&str>, policy: &str) -> Result<Vec<FailedCheck>, Fault> {
    bench.admin(ValidateResourcePolicy::new(secret, policy)?).await
}

pub(crate) fn denied(who: &str, action: &str, why: &str) -> String {
    format!(
        "User: {who} is not authorized to perform: secretsmanager:{action} on resource: {} {why}",
        secret_arn("n")
    )
}

pub(crate) fn no_identity_policy(action: &str) -> String {
    format!("because no identity-based policy allows the secretsmanager:{action} action")
}

#[tokio::test]
async fn a_policy_is_put_shown_replaced_and_deleted() {
    let bench = Bench::new().await;
    let arn = bench.secret("n", "one").await.arn;
    assert_eq!(policy_of(&bench).await, None);
    let first = document(&[statement("Allow", &user_arn("ada"), "GetSecretValue")]);
    let put = bench.admin(PutResourcePolicy::new("n", Some("default"), &first, true).unwrap());
    let put = put.await.unwrap();
    assert_eq!((put.arn, put.name.as_str()), (arn, "n"));
    assert_eq!(policy_of(&bench).await, Some(first), "to the letter");
    let second = "{ \"Statement\": [\r\n\t\n{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"secretsmanager:RestoreSecret\",\"Resource\":\"*\"}] }";
    put_policy(&bench, second).await.unwrap();
    assert_eq!(policy_of(&bench).await.as_deref(), Some(second));
    for _ in 0..2 {
        let deleted = bench
            .admin(DeleteResourcePolicy::new("n", None).unwrap())
            .await
            .unwrap();
        assert_eq!(deleted.name.as_str(), "n");
        assert_eq!(policy_of(&bench).await, None);
    }
}

#[tokio::test]
async fn policies_have_1_to_20480_bytes_and_one_name() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let long = constraint("resourcePolicy", "Member must have length less than or equal to 20480");
    let none = constraint("resourcePolicy", "Member must have length greater than or equal to 1");
    let policy = document(&[statement("Allow", &user_arn("ada"), "GetSecretValue")]);
    let padded = |length: usize| format!("{policy}{}", " ".repeat(length - policy.len()));
    put_policy(&bench, &padded(20_480)).await.unwrap();
    refused(put_policy(&bench, &padded(20_481)).await, Code::Validation, &long);
    refused(put_policy(&bench, "").await, Code::Validation, &none);
    refused(validate(&bench, None, &padded(20_481)).await, Code::Validation, &long);
    let named = "The PolicyName must be default: it is the only policy that a secret can have.";
    refused(
        PutResourcePolicy::new("n", Some("other"), &policy, false),
        Code::InvalidParameter,
        named,
    );
    refused(
        DeleteResourcePolicy::new("n", Some("other")),
        Code::InvalidParameter,
        named,
    );
    let other = bench.admin(GetResourcePolicy::new("n", Some("other")).unwrap()).await;
    let unknown = "Secrets Manager can't find the specified resource policy.";
    refused(other, Code::ResourceNotFound, unknown);
    let pattern = r"Member must satisfy regular expression pattern: [0-9A-Za-z\-\_]+";
    let pattern = constraint("policyName", pattern);
    refused(GetResourcePolicy::new("n", Some("a b")), Code::Validation, &pattern);
    let length = constraint("policyName", "Member must have length less than or equal to 64");
    refused(
        DeleteResourcePolicy::new("n", Some(&"x".repeat(65))),
        Code::Validation,
        &length,
    );
}

#[tokio::test]
async fn the_longest_of_everything_fits_one_record() {
    let bench = Bench::new().await;
    // Each character takes as many bytes in the record as any can.
    let tags = (0..50).map(|number| {
        (
            format!("{number:0>2}{}", "\u{1f511}".repeat(126)),
            "\u{1f511}".repeat(256),
        )
    });
    let new = NewSecret {
        tags: tags.collect(),
        description: Some("\u{1f511}".repeat(2_048)),
        ..new_secret("n", None)
    };
    bench.create(new).await.unwrap();
    for version in 0..10 {
        let labels: Vec<_> = (0..19)
            .map(|label| format!("{version}{label:0>2}{}", "\"".repeat(253)))
            .collect();
        let labels: Vec<_> = labels.iter().map(String::as_str).collect();
        bench.put("n", version, "value", &labels).await.unwrap();
    }
    let policy = document(&[statement("Allow", &user_arn("ada"), "GetSecretValue")]);
    let padded = format!("{policy}{}", "\n".repeat(20_480 - policy.len()));
    put_policy(&bench, &padded).await.unwrap();
    assert_eq!(policy_of(&bench).await, Some(padded));
}

#[tokio::test]
async fn what_is_wrong_with_a_policy_is_told_to_those_who_may_put_it() {
    let bench = Bench::with(&[("reader", allow("secretsmanager:GetSecretValue", "*"))]).await;
    bench.secret("n", "one").await;
    let cases = [
        (
            "{",
            "policy document line 1 column 1: not JSON: EOF while parsing an object",
        ),
        (
            r#"{"Statement":[{"Effect":"AllowSomething","Principal":"*","Action":"*","Resource":"*"}]}"#,
            r#"policy document line 1 column 25: Effect must be "Allow" or "Deny", not "AllowSomething""#,
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecret","Resource":"*"}]}"#,
            r#"policy document line 1 column 58: "secretsmanager:GetSecret" names no action of secretsmanager"#,
        ),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
            "policy document line 1 column 15: Principal (or NotPrincipal) is missing",
        ),
    ];
    for (policy, why) in cases {
        let message = format!("This resource policy contains a syntax error: {why}");
        refused(
            put_policy(&bench, policy).await,
            Code::MalformedPolicyDocument,
            &message,
        );
        let validated = validate(&bench, Some("n"), policy).await;
        refused(validated, Code::MalformedPolicyDocument, &message);
        let put = PutResourcePolicy::new("n", None, policy, false).unwrap();
        let message = denied(
            &user_arn("reader"),
            "PutResourcePolicy",
            &no_identity_policy("PutResourcePolicy"),
        );
        refused(bench.run(&principal("reader"), put).await, Code::AccessDenied, &message);
    }
    assert_eq!(policy_of(&bench).await, None);
}

#[tokio::test]
async fn a_policy_that_locks_its_author_out_is_refused() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let administrator = user_arn("administrator");
    for principal in ["*", &administrator] {
        let policy = document(&[statement("Deny", principal, "*")]);
        refused(
            put_policy(&bench, &policy).await,
            Code::MalformedPolicyDocument,
            LOCKS_OUT,
        );
        let policy = document(&[statement("Deny", principal, "PutResourcePolicy")]);
        refused(
            put_policy(&bench, &policy).await,
            Code::MalformedPolicyDocument,
            LOCKS_OUT,
        );
        // Who may put it there, and take it away, is not locked out by what else it denies.
        put_policy(&bench, &document(&[statement("Deny", principal, "GetSecretValue")]))
            .await
            .unwrap();
    }
    let blocked = denied(
        &administrator,
        "GetSecretValue",
        "with an explicit deny in a resource-based policy",
    );
    refused(bench.read("n").await, Code::AccessDenied, &blocked);
    bench
        .admin(DeleteResourcePolicy::new("n", None).unwrap())
        .await
        .unwrap();
    assert_eq!(bench.read("n").await.unwrap(), "one");
}

#[tokio::test]
async fn a_policy_that_lets_in_everybody_is_blocked_on_request_alone() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let public = document(&[statement("Allow", "*", "GetSecretValue")]);
    let narrow = public.replace(
        r#""Resource":"*""#,
        r#""Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":"000000000000"}}"#,
    );
    let put = |policy: &str| PutResourcePolicy::new("n", None, policy, true).unwrap();
    refused(bench.admin(put(&public)).await, Code::PublicPolicy, IS_PUBLIC);
    assert_eq!(policy_of(&bench).await, None);
    bench.admin(put(&narrow)).await.unwrap();
    put_policy(&bench, &public).await.unwrap();
    assert_eq!(policy_of(&bench).await, Some(public));
}

#[tokio::test]
async fn validation_lists_what_speaks_against_a_policy() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let public = statement("Allow", "*", "GetSecretValue");
    let locks_out = statement("Deny", "*", "*");
    let (both, good) = (
        document(&[public.clone(), locks_out.clone()]),
        document(&[statement("Allow", &user_arn("ada"), "*")]),
    );
    for secret in [None, Some("n")] {
        assert_eq!(validate(&bench, secret, &good).await.unwrap(), []);
        assert_eq!(
            validate(&bench, secret, &document(std::slice::from_ref(&public)))
                .await
                .unwrap(),
            [FailedCheck::PublicPolicy]
        );
        assert_eq!(
            validate(&bench, secret, &document(std::slice::from_ref(&locks_out)))
                .await
                .unwrap(),
            [FailedCheck::Lockout]
        );
        let failed = validate(&bench, secret, &both).await.unwrap();
        let texts: Vec<_> = failed.iter().map(|check| (check.name(), check.message())).collect();
        assert_eq!(
            texts,
            [("BlockPublicPolicyCheck", IS_PUBLIC), ("LockOutCheck", LOCKS_OUT)]
        );
    }
    // A statement on one secret locks out of that one.
    let on_one = document(&[locks_out]).replace(r#""Resource":"*""#, &format!(r#""Resource":"{}""#, secret_arn("n-*")));
    assert_eq!(
        validate(&bench, Some("n"), &on_one).await.unwrap(),
        [FailedCheck::Lockout]
    );
    assert_eq!(validate(&bench, None, &on_one).await.unwrap(), []);
    assert_eq!(policy_of(&bench).await, None, "nothing was put");
    refused(
        validate(&bench, Some("m"), &good).await,
        Code::ResourceNotFound,
        NOT_FOUND,
    );
}

#[tokio::test]
async fn validation_needs_both_permissions() {
    let policies = [
        ("half", allow("secretsmanager:ValidateResourcePolicy", "*")),
        ("named", allow("secretsmanager:*", &secret_arn("n-??????"))),
    ];
    let bench = Bench::with(&policies).await;
    bench.secret("n", "one").await;
    let good = document(&[statement("Allow", &user_arn("ada"), "*")]);
    // Of no secret they are needed on everything.
    let ask = |secret| ValidateResourcePolicy::new(secret, &good).unwrap();
    let half = denied(
        &user_arn("half"),
        "PutResourcePolicy",
        &no_identity_policy("PutResourcePolicy"),
    );
    refused(
        bench.run(&principal("half"), ask(Some("n"))).await,
        Code::AccessDenied,
        &half,
    );
    assert_eq!(bench.run(&principal("named"), ask(Some("n"))).await.unwrap(), []);
    let anywhere = format!(
        "User: {} is not authorized to perform: secretsmanager:ValidateResourcePolicy {}",
        user_arn("named"),
        no_identity_policy("ValidateResourcePolicy")
    );
    refused(
        bench.run(&principal("named"), ask(None)).await,
        Code::AccessDenied,
        &anywhere,
    );
}

#[tokio::test]
async fn a_deleted_secret_keeps_its_policy_to_itself() {
    let bench = Bench::new().await;
    bench.secret("n", "one").await;
    let policy = document(&[statement("Allow", &user_arn("ada"), "GetSecretValue")]);
    put_policy(&bench, &policy).await.unwrap();
    bench.delete("n", None, false).await.unwrap();
    refused(put_policy(&bench, &policy).await, Code::InvalidRequest, DELETED);
    let get = bench.admin(GetResourcePolicy::new("n", None).unwrap()).await;
    refused(get, Code::InvalidRequest, DELETED);
    let delete = bench.admin(DeleteResourcePolicy::new("n", None).unwrap()).await;
    refused(delete, Code::InvalidRequest, DELETED);
    refused(
        validate(&bench, Some("n"), &policy).await,
        Code::InvalidRequest,
        DELETED,
    );
}
