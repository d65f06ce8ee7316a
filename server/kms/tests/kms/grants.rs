//! Grants: whom they let use a key, how they end, and that nobody uses one that has ended.

use std::collections::BTreeMap;
use std::sync::Arc;

use strongroom_base::{Code, Fault, GrantId, KeyId};
use strongroom_gate::{GrantTokens, OpContext};
use strongroom_kms::op::{
    CreateGrant, CreateManagedKey, CreatedGrant, Decrypt, DescribeKey, Encrypt, GrantPage, ListGrants, PutKeyPolicy,
    RetireGrant, RevokeGrant,
};
use strongroom_kms::{GrantOperation, KeyReference, NewGrant};

use crate::bench::{
    Bench, allow, context, create_grant, fault, foreign_arn, foreigner, material, new_grant, policy, principal,
    refused, scope, user_arn,
};

pub(crate) const USE: [GrantOperation; 2] = [GrantOperation::Encrypt, GrantOperation::Decrypt];

pub(crate) fn encrypt(key: KeyId, pairs: &[(&str, &str)]) -> Encrypt {
    Encrypt::new(KeyReference::Key(key), context(pairs), material(b"x")).unwrap()
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

pub(crate) async fn uses(bench: &Bench, who: &OpContext, key: KeyId) -> bool {
    bench.run(who, encrypt(key, &[])).await.is_ok()
}

pub(crate) async fn make(bench: &Bench, key: KeyId, new: NewGrant) -> CreatedGrant {
    bench.admin(CreateGrant::new(key, new).unwrap()).await.unwrap()
}

pub(crate) async fn revoke(bench: &Bench, key: KeyId, id: GrantId) -> Result<(), Fault> {
    bench.admin(RevokeGrant::new(key, &id.to_string())?).await
}

fn retire(bench: &Bench, key: KeyId, id: GrantId) -> RetireGrant {
    RetireGrant::new(&bench.kms, None, Some(&key.to_string()), Some(&id.to_string())).unwrap()
}

pub(crate) async fn list(bench: &Bench, key: KeyId) -> Vec<GrantId> {
    let page = bench.admin(ListGrants::new(key, None, None).unwrap()).await.unwrap();
    ids(&page)
}

pub(crate) fn ids(page: &GrantPage) -> Vec<GrantId> {
    page.grants.iter().map(|grant| grant.id).collect()
}

#[tokio::test]
async fn a_grantee_needs_no_policy_and_may_what_the_grant_says() {
    let mut bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    let clerk = principal("clerk");
    assert!(!uses(&bench, &clerk, key).await);
    bench.grant(key, "clerk", &[GrantOperation::Encrypt]).await;
    let blob = bench.run(&clerk, encrypt(key, &[])).await.unwrap().blob;
    assert!(!uses(&bench, &clerk, other).await, "another key");
    assert!(!uses(&bench, &principal("other"), key).await, "another principal");
    let decrypt = Decrypt::new(None, context(&[]), &blob).unwrap();
    assert_eq!(fault(bench.run(&clerk, decrypt).await).code(), Code::AccessDenied);
    let describe = DescribeKey {
        key: KeyReference::Key(key),
    };
    assert_eq!(fault(bench.run(&clerk, describe).await).code(), Code::AccessDenied);
    bench.attach("clerk", &policy("Deny", "kms:Encrypt", "*"));
    assert!(!uses(&bench, &clerk, key).await, "a Deny wins over a grant");
}

/// The bound on propagation is none: the answer to RevokeGrant comes after the change, and whoever asks then asks anew.
#[tokio::test]
async fn a_grant_that_ended_permits_nothing_from_the_next_request_on() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let clerk = principal("clerk");
    for _ in 0..20 {
        let grant = bench.grant(key, "clerk", &USE).await;
        assert!(uses(&bench, &clerk, key).await);
        revoke(&bench, key, grant.id).await.unwrap();
        assert!(!uses(&bench, &clerk, key).await);
    }
    let (kept, gone) = (
        bench.grant(key, "clerk", &USE).await,
        bench.grant(key, "clerk", &USE).await,
    );
    revoke(&bench, key, gone.id).await.unwrap();
    assert!(uses(&bench, &clerk, key).await, "the other one permits still");
    let not_found = format!("Grant ID {} not found", gone.id);
    refused(revoke(&bench, key, gone.id).await, Code::NotFound, &not_found);
    bench.admin(retire(&bench, key, kept.id)).await.unwrap();
    assert!(!uses(&bench, &clerk, key).await);
    assert!(list(&bench, key).await.is_empty());
}

/// What a request that is under way rests on is its own; what comes after the change does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_uses_a_revoked_grant_however_many_ask_at_once() {
    let bench = Arc::new(Bench::new().await);
    let key = bench.key().await;
    let mut tasks = Vec::new();
    for number in 0..8 {
        let bench = Arc::clone(&bench);
        tasks.push(tokio::spawn(async move {
            let name = format!("clerk-{number}");
            for _ in 0..25 {
                let grant = bench.grant(key, &name, &USE).await;
                assert!(uses(&bench, &principal(&name), key).await, "{name}");
                revoke(&bench, key, grant.id).await.unwrap();
                assert!(!uses(&bench, &principal(&name), key).await, "{name}");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    assert!(list(&bench, key).await.is_empty());
}

/// Another handle on the same store stands for another process that shares it: it sees every change at once, because what
/// it remembers of a key's grants counts for one revision of their head only.
#[tokio::test]
async fn a_constrained_grant_permits_its_contexts_alone() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let clerk = principal("clerk");
    let subset = NewGrant {
        encryption_context_subset: pairs(&[("Tenant", "7")]),
        ..new_grant("clerk", &USE)
    };
    let grant = make(&bench, key, subset).await;
    for (context, expected) in [
        (&[("Tenant", "7")][..], true),
        (&[("tenant", "7"), ("more", "x")], true),
        (&[("Tenant", "8")], false),
        (&[("more", "x")], false),
        (&[], false),
    ] {
        assert_eq!(
            bench.run(&clerk, encrypt(key, context)).await.is_ok(),
            expected,
            "{context:?}"
        );
    }
    revoke(&bench, key, grant.id).await.unwrap();
    let equals = NewGrant {
        encryption_context_equals: pairs(&[("Tenant", "7")]),
        ..new_grant("clerk", &USE)
    };
    make(&bench, key, equals).await;
    assert!(bench.run(&clerk, encrypt(key, &[("Tenant", "7")])).await.is_ok());
    assert!(
        bench
            .run(&clerk, encrypt(key, &[("Tenant", "7"), ("more", "x")]))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_same_request_with_the_same_name_gives_the_same_grant() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let named = |operations: &[GrantOperation]| NewGrant {
        name: Some("a/b:c_d-1".to_owned()),
        ..new_grant("clerk", operations)
    };
    let first = make(&bench, key, named(&USE)).await;
    let again = make(&bench, key, named(&USE)).await;
    assert_eq!(first.id, again.id);
    assert_ne!(first.token, again.token);
    let other = make(&bench, key, named(&[GrantOperation::Encrypt])).await;
    assert_ne!(first.id, other.id);
    bench.restart();
    assert_eq!(make(&bench, key, named(&USE)).await.id, first.id);
    let nameless = || new_grant("clerk", &USE);
    let (one, two) = (make(&bench, key, nameless()).await, make(&bench, key, nameless()).await);
    assert_ne!(one.id, two.id);
    assert_eq!(list(&bench, key).await.len(), 4);
    revoke(&bench, key, first.id).await.unwrap();
    assert_ne!(make(&bench, key, named(&USE)).await.id, first.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_ask_for_one_name_at_once_get_one_grant() {
    let bench = Arc::new(Bench::new().await);
    let key = bench.key().await;
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move {
                let name = Some("once".to_owned());
                let new = NewGrant {
                    name,
                    ..new_grant("clerk", &USE)
                };
                make(&bench, key, new).await.id
            })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for id in asking {
        ids.insert(id.await.unwrap());
    }
    assert_eq!(Vec::from_iter(ids), list(&bench, key).await);
}

#[tokio::test]
async fn who_may_create_by_a_grant_passes_on_no_more_than_it_has() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let clerk = principal("clerk");
    let delegated = NewGrant {
        encryption_context_subset: pairs(&[("tenant", "7")]),
        ..new_grant("clerk", &[GrantOperation::CreateGrant, GrantOperation::Encrypt])
    };
    make(&bench, key, delegated).await;
    let new = |operations: &[GrantOperation], subset: &[(&str, &str)], equals: &[(&str, &str)]| {
        let new = NewGrant {
            encryption_context_subset: pairs(subset),
            encryption_context_equals: pairs(equals),
            ..new_grant("other", operations)
        };
        bench.run(&clerk, CreateGrant::new(key, new).unwrap())
    };
    let encrypt = [GrantOperation::Encrypt];
    assert!(new(&encrypt, &[("tenant", "7")], &[]).await.is_ok(), "as strict");
    assert!(
        new(&encrypt, &[("tenant", "7"), ("a", "b")], &[]).await.is_ok(),
        "stricter"
    );
    assert!(
        new(&encrypt, &[], &[("tenant", "7"), ("a", "b")]).await.is_ok(),
        "stricter"
    );
    for (operations, subset, equals) in [
        (&encrypt[..], &[][..], &[][..]),
        (&encrypt, &[("tenant", "8")], &[]),
        (&encrypt, &[], &[("a", "b")]),
        (&USE, &[("tenant", "7")], &[]),
    ] {
        let refused = fault(new(operations, subset, equals).await);
        assert_eq!(
            refused.code(),
            Code::AccessDenied,
            "{operations:?} {subset:?} {equals:?}"
        );
    }
}

/// A child of a grant is decided on, and before it is on disk another handle on the same records changes the grants.
#[tokio::test]
async fn a_grant_that_ended_meanwhile_has_no_children() {
    for revoked in [true, false] {
        let mut bench = Bench::new().await;
        let key = bench.key().await;
        let operations = [GrantOperation::CreateGrant, GrantOperation::Encrypt];
        let parent = bench.grant(key, "clerk", &operations).await;
        let (gate, kms) = (Arc::clone(&bench.gate), Arc::clone(&bench.kms));
        bench.another_kms();
        let pause = bench.store.pause("grant/");
        let child = tokio::spawn(async move {
            let child = create_grant(key, "child", &[GrantOperation::Encrypt]);
            gate.run(&principal("clerk"), &*kms, child)
                .await
                .map(|made| made.into_inner().id)
        });
        pause.reached().await;
        if revoked {
            revoke(&bench, key, parent.id).await.unwrap();
        } else {
            bench.grant(key, "another", &USE).await;
        }
        pause.resume();
        let child = child.await.unwrap();
        if revoked {
            let arn = scope().key_arn(&key);
            let message = format!("A grant of {arn} ended after the request had been allowed; try again.");
            refused(child, Code::Conflict, &message);
            assert!(list(&bench, key).await.is_empty());
        } else {
            assert!(list(&bench, key).await.contains(&child.unwrap()));
        }
        assert_eq!(uses(&bench, &principal("child"), key).await, !revoked);
    }
}

#[tokio::test]
async fn a_token_names_its_grant_until_that_ends() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let new = NewGrant {
        retiring_principal: Some(user_arn("retiring")),
        ..new_grant("clerk", &USE)
    };
    let grant = make(&bench, key, new).await;
    let bringing = |token: &str| OpContext {
        grant_tokens: GrantTokens::new(vec![token.to_owned()]).unwrap(),
        ..principal("clerk")
    };
    let invalid = "The grant token is not valid.";
    assert!(uses(&bench, &bringing(&grant.token), key).await);
    for wrong in ["x", &grant.token[1..], &grant.token.replace('A', "B")] {
        let answer = bench.run(&bringing(wrong), encrypt(key, &[])).await;
        refused(answer, Code::InvalidGrantToken, invalid);
    }
    let by_token = || RetireGrant::new(&bench.kms, Some(&grant.token), None, None).unwrap();
    bench.run(&principal("retiring"), by_token()).await.unwrap();
    let answer = bench.run(&bringing(&grant.token), encrypt(key, &[])).await;
    refused(answer, Code::InvalidGrantToken, invalid);
    refused(bench.admin(by_token()).await, Code::InvalidGrantToken, invalid);
}

#[tokio::test]
async fn a_principal_of_another_account_uses_a_key_by_grant() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let partner = foreigner("partner");
    assert!(!uses(&bench, &partner, key).await);
    let new = NewGrant {
        grantee_principal: foreign_arn("partner"),
        ..new_grant("", &USE)
    };
    let grant = make(&bench, key, new).await;
    assert!(uses(&bench, &partner, key).await);
    revoke(&bench, key, grant.id).await.unwrap();
    assert!(!uses(&bench, &partner, key).await);
}

/// More grants than one commit may remove.
/// A tag alone does not show that a record was put back or removed; the head's count does.
/// It permits nothing, and hides no other.
#[tokio::test]
async fn a_key_that_a_service_manages_has_no_grants_of_others() {
    let bench = Bench::new().await;
    let key = bench.system(CreateManagedKey::for_secrets()).await.unwrap().record.id;
    let refused = fault(bench.admin(create_grant(key, "clerk", &USE)).await);
    assert_eq!(refused.code(), Code::AccessDenied);
    assert!(list(&bench, key).await.is_empty());
}

#[tokio::test]
async fn conditions_see_what_is_granted() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let condition = |condition: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"kms:*",
            "Resource":"*"}},{{"Effect":"Allow","Principal":{{"AWS":"{}"}},"Action":"kms:CreateGrant","Resource":"*",
            "Condition":{condition}}}]}}"#,
            user_arn("administrator"),
            user_arn("clerk")
        )
    };
    bench.attach("clerk", &allow("s3:GetObject", "*"));
    for (text, expected) in [
        (
            r#"{"ForAllValues:StringEquals":{"kms:GrantOperations":["Encrypt","Decrypt"]}}"#,
            true,
        ),
        (
            r#"{"ForAllValues:StringEquals":{"kms:GrantOperations":["Encrypt"]}}"#,
            false,
        ),
        (r#"{"StringLike":{"kms:GranteePrincipal":"*/other"}}"#, true),
        (r#"{"StringLike":{"kms:GranteePrincipal":"*/else"}}"#, false),
        (r#"{"StringLike":{"kms:RetiringPrincipal":"*/retiring"}}"#, true),
        (r#"{"Null":{"kms:RetiringPrincipal":"true"}}"#, false),
        (
            r#"{"StringEquals":{"kms:GrantConstraintType":"EncryptionContextSubset"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"kms:GrantConstraintType":"EncryptionContextEquals"}}"#,
            false,
        ),
        (r#"{"Bool":{"kms:GrantIsForAWSResource":"false"}}"#, true),
        (r#"{"Bool":{"kms:GrantIsForAWSResource":"true"}}"#, false),
        (r#"{"StringEquals":{"kms:EncryptionContext:A":"b"}}"#, true),
        (r#"{"StringEquals":{"kms:EncryptionContext:a":"c"}}"#, false),
        (r#"{"StringEquals":{"kms:EncryptionContext:b":"b"}}"#, false),
        (r#"{"Null":{"kms:EncryptionContext:a":"true"}}"#, false),
        (
            r#"{"ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"a"}}"#,
            true,
        ),
        (
            r#"{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["b"]}}"#,
            false,
        ),
        (r#"{"Null":{"kms:EncryptionContextKeys":"false"}}"#, true),
    ] {
        let put = PutKeyPolicy::new(key, None, &condition(text), false).unwrap();
        bench.admin(put).await.unwrap();
        let new = NewGrant {
            retiring_principal: Some(user_arn("retiring")),
            encryption_context_subset: pairs(&[("a", "b")]),
            ..new_grant("other", &USE)
        };
        let answer = bench
            .run(&principal("clerk"), CreateGrant::new(key, new).unwrap())
            .await;
        assert_eq!(answer.is_ok(), expected, "{text}");
    }
}

/// A grant without constraints, or with other ones, would be good for every context: a condition on the context keeps from
/// it, as AWS's own policies for its services want it.
#[tokio::test]
async fn who_may_make_grants_for_one_context_makes_none_for_all() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let clerks = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:CreateGrant","Resource":"*",
        "Condition":{"StringEquals":{"kms:EncryptionContext:tenant":"7"}}}}"#;
    bench.attach("clerk", clerks);
    let clerk = principal("clerk");
    let new = |subset: &[(&str, &str)], equals: &[(&str, &str)]| {
        let new = NewGrant {
            encryption_context_subset: pairs(subset),
            encryption_context_equals: pairs(equals),
            ..new_grant("other", &USE)
        };
        bench.run(&clerk, CreateGrant::new(key, new).unwrap())
    };
    let seven = &[("Tenant", "7")][..];
    new(seven, &[]).await.unwrap();
    new(&[], &[("tenant", "7"), ("a", "b")]).await.unwrap();
    for (subset, equals) in [
        (&[][..], &[][..]),
        (&[("tenant", "8")], &[]),
        (&[], &[("a", "b")]),
        (seven, &[("tenant", "8")]),
    ] {
        let refused = fault(new(subset, equals).await);
        assert_eq!(refused.code(), Code::AccessDenied, "{subset:?} {equals:?}");
    }
}

/// Lists and revocations say too that nobody's service asks for them.
#[tokio::test]
async fn nobodys_service_asks_for_lists_and_revocations() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    for (is_for_service, expected) in [("true", false), ("false", true)] {
        let name = format!("clerk-{is_for_service}");
        let own = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:*","Resource":"*",
            "Condition":{{"Bool":{{"kms:GrantIsForAWSResource":"{is_for_service}"}}}}}}}}"#
        );
        bench.attach(&name, &own);
        let id = bench.grant(key, "clerk", &USE).await.id;
        let who = principal(&name);
        let listed = bench.run(&who, ListGrants::new(key, None, None).unwrap()).await;
        assert_eq!(listed.is_ok(), expected);
        let revoke = RevokeGrant::new(key, &id.to_string()).unwrap();
        assert_eq!(bench.run(&who, revoke).await.is_ok(), expected);
    }
}
