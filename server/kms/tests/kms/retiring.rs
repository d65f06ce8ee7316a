//! Who may retire a grant, and who may list what he may retire: the grant says, and accounts for their own principals.

use strongroom_base::{Arn, Code, Fault, GrantId, KeyId};
use strongroom_gate::OpContext;
use strongroom_kms::op::{CreateGrant, ListRetirableGrants, PutKeyPolicy, RetireGrant};
use strongroom_kms::{GrantOperation, NewGrant};

use crate::bench::{
    Bench, OTHER_ACCOUNT, allow, fault, foreign_arn, foreigner, new_grant, policy, principal, refused, scope, user_arn,
};
use crate::grants::{USE, ids, list, make, revoke};

const BOTH: [GrantOperation; 2] = [GrantOperation::Encrypt, GrantOperation::RetireGrant];

fn retire(bench: &Bench, key: KeyId, id: GrantId) -> RetireGrant {
    RetireGrant::new(&bench.kms, None, Some(&key.to_string()), Some(&id.to_string())).unwrap()
}

async fn retires(bench: &Bench, who: &OpContext, key: KeyId, id: GrantId) -> Result<(), Fault> {
    bench.run(who, retire(bench, key, id)).await
}

async fn put(bench: &Bench, key: KeyId, statements: &str) {
    let keeper = user_arn("administrator");
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Effect":"Allow","Principal":{{"AWS":"{keeper}"}},"Action":"kms:*","Resource":"*"}},{statements}]}}"#
    );
    bench
        .admin(PutKeyPolicy::new(key, None, &document, false).unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn retiring_is_for_those_whom_the_grant_serves_and_the_keys_people() {
    let mut bench = Bench::new().await;
    bench.attach("keeper", &allow("kms:RetireGrant", "*"));
    let key = bench.key().await;
    let new = |operations: &[GrantOperation]| NewGrant {
        retiring_principal: Some(user_arn("retiring")),
        ..new_grant("clerk", operations)
    };
    for (who, operations, expected) in [
        ("retiring", &USE[..], true),
        ("keeper", &USE, true),
        ("administrator", &USE, true),
        ("clerk", &USE, false),
        ("clerk", &BOTH, true),
        ("stranger", &BOTH, false),
    ] {
        let grant = make(&bench, key, new(operations)).await;
        let answer = retires(&bench, &principal(who), key, grant.id).await;
        assert_eq!(answer.is_ok(), expected, "{who} {operations:?}");
        let left = list(&bench, key).await.len();
        assert_eq!(left, usize::from(!expected));
        let _ = revoke(&bench, key, grant.id).await;
    }
}

/// A grant serves to retire itself, not another one.
#[tokio::test]
async fn who_may_retire_one_grant_may_not_retire_another() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.grant(key, "clerk", &BOTH).await;
    let other = bench.grant(key, "other", &USE).await;
    let answer = retires(&bench, &principal("clerk"), key, other.id).await;
    assert_eq!(fault(answer).code(), Code::AccessDenied);
}

/// "The kms:RetireGrant permission is not effective in key policies": neither allows a key's policy anybody to retire a grant,
/// nor does it keep those from it whom the grant serves. A Deny of a principal's own policy does.
#[tokio::test]
async fn a_key_policy_has_no_say_in_who_retires_a_grant() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let grant = make(&bench, key, new_grant("clerk", &BOTH)).await;
    let named = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"kms:*","Resource":"*"}},
        {{"Effect":"Deny","Principal":{{"AWS":"{}"}},"Action":"kms:*","Resource":"*"}}"#,
        user_arn("named"),
        user_arn("clerk")
    );
    put(&bench, key, &named).await;
    let message = format!(
        "User: {} is not authorized to perform: kms:RetireGrant on resource: {} because no identity-based policy allows the \
         kms:RetireGrant action",
        user_arn("named"),
        scope().key_arn(&key)
    );
    refused(
        retires(&bench, &principal("named"), key, grant.id).await,
        Code::AccessDenied,
        &message,
    );
    bench.attach("clerk", &policy("Deny", "kms:RetireGrant", "*"));
    let denied = fault(retires(&bench, &principal("clerk"), key, grant.id).await);
    assert!(
        denied
            .message()
            .ends_with("with an explicit deny in an identity-based policy"),
        "{denied}"
    );
    let grant = make(&bench, key, new_grant("other", &BOTH)).await;
    retires(&bench, &principal("other"), key, grant.id).await.unwrap();
}

/// The account that made a grant, and an account that is the retiring principal, decide which of their principals retire it.
#[tokio::test]
async fn an_account_retires_what_it_made_and_what_it_was_told_to() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let partner = foreigner("partner");
    bench.attach_to(&foreign_arn("partner"), &allow("kms:*", "*"));
    let invited = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{OTHER_ACCOUNT}"}},"Action":"kms:CreateGrant","Resource":"*"}}"#
    );
    put(&bench, key, &invited).await;
    let make_as_partner = || CreateGrant::new(key, new_grant("clerk", &USE)).unwrap();
    let theirs = bench.run(&partner, make_as_partner()).await.unwrap().id;
    let ours = make(&bench, key, new_grant("clerk", &USE)).await.id;
    assert_eq!(
        fault(retires(&bench, &partner, key, ours).await).code(),
        Code::AccessDenied,
        "another account made it"
    );
    let without_policy = foreigner("visitor");
    assert_eq!(
        fault(retires(&bench, &without_policy, key, theirs).await).code(),
        Code::AccessDenied,
        "its account has not allowed it"
    );
    retires(&bench, &partner, key, theirs).await.unwrap();
    let again = bench.run(&partner, make_as_partner()).await.unwrap().id;
    bench.admin(retire(&bench, key, again)).await.unwrap();
    let told = NewGrant {
        retiring_principal: Some(format!("arn:aws:iam::{OTHER_ACCOUNT}:root")),
        ..new_grant("clerk", &USE)
    };
    let told = make(&bench, key, told).await.id;
    assert!(retires(&bench, &without_policy, key, told).await.is_err());
    retires(&bench, &partner, key, told).await.unwrap();
    assert_eq!(list(&bench, key).await, [ours]);
}

/// Model text of ListRetirableGrants: it is the caller's own account that allows it, for its own principals, and no key has a
/// say.
#[tokio::test]
async fn principals_of_another_account_list_what_they_may_retire_and_nothing_else() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let partner = foreigner("partner");
    let new = NewGrant {
        retiring_principal: Some(foreign_arn("partner")),
        ..new_grant("clerk", &USE)
    };
    let grant = make(&bench, key, new).await.id;
    let of = |arn: &str| ListRetirableGrants::new(arn, None, None).unwrap();
    let denied = fault(bench.run(&partner, of(&foreign_arn("partner"))).await);
    assert_eq!(
        denied.message(),
        format!(
            "User: {0} is not authorized to perform: kms:ListRetirableGrants on resource: {0} because no identity-based \
             policy allows the kms:ListRetirableGrants action",
            foreign_arn("partner")
        )
    );
    let own: Arn = foreign_arn("partner").parse().unwrap();
    bench.attach_to(own.as_str(), &allow("kms:ListRetirableGrants", "*"));
    let page = bench.run(&partner, of(own.as_str())).await.unwrap();
    assert_eq!(ids(&page), [grant]);
    let message = format!("{} is not a principal of your account.", user_arn("clerk"));
    refused(
        bench.run(&partner, of(&user_arn("clerk"))).await,
        Code::Validation,
        &message,
    );
}
