//! Grants as records: over restarts, for several users of one store, in lists, to the end of their key, and after somebody
//! laid hands on the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use strongroom_base::{Code, GrantId};
use strongroom_gate::Released;
use strongroom_kms::op::{GrantPage, ListGrants, ListRetirableGrants, ScheduleKeyDeletion};
use strongroom_kms::{GrantRecord, NewGrant};
use strongroom_store::{RecordKey, StoreFault};

use crate::bench::{Bench, allow, fault, foreign_arn, new_grant, principal, refused, scope, user_arn};
use crate::grants::{USE, encrypt, ids, make, revoke, uses};

#[tokio::test]
async fn grants_are_there_after_a_restart_and_those_that_ended_are_not() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    bench.grant(key, "kept", &USE).await;
    let gone = bench.grant(key, "gone", &USE).await;
    revoke(&bench, key, gone.id).await.unwrap();
    bench.restart();
    assert!(uses(&bench, &principal("kept"), key).await);
    assert!(!uses(&bench, &principal("gone"), key).await);
    bench.grant(key, "gone", &USE).await;
    assert!(uses(&bench, &principal("gone"), key).await);
}

#[tokio::test]
async fn a_grant_of_another_key_service_over_the_same_records_is_seen_at_once() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let first = bench.grant(key, "clerk", &USE).await;
    assert!(uses(&bench, &principal("clerk"), key).await);
    let here = Arc::clone(&bench.kms);
    bench.another_kms();
    assert!(uses(&bench, &principal("clerk"), key).await);
    revoke(&bench, key, first.id).await.unwrap();
    let second = bench.grant(key, "other", &USE).await;
    let there = std::mem::replace(&mut bench.kms, here);
    assert!(!uses(&bench, &principal("clerk"), key).await);
    assert!(uses(&bench, &principal("other"), key).await);
    revoke(&bench, key, second.id).await.unwrap();
    bench.kms = there;
    assert!(!uses(&bench, &principal("other"), key).await);
}

#[tokio::test]
async fn lists_are_in_pages_and_by_filter() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let mut made = Vec::new();
    for number in 0..7 {
        made.push(
            bench
                .grant(key, if number % 2 == 0 { "even" } else { "odd" }, &USE)
                .await
                .id,
        );
    }
    made.sort();
    let page = |limit, marker: Option<&str>| bench.admin(ListGrants::new(key, Some(limit), marker).unwrap());
    let first = page(3, None).await.unwrap();
    let second = page(4, first.next_marker.as_deref()).await.unwrap();
    assert_eq!([ids(&first), ids(&second)].concat(), made);
    assert!(second.next_marker.is_none());
    let of = |limit, marker: Option<&str>| {
        let grants = ListGrants::new(key, Some(limit), marker).unwrap();
        bench.admin(grants.of(Some(&user_arn("even"))).unwrap())
    };
    let first = of(3, None).await.unwrap();
    let second = of(3, first.next_marker.as_deref()).await.unwrap();
    assert_eq!((first.grants.len(), second.grants.len()), (3, 1));
    let all = [first.grants, second.grants].concat();
    assert!(all.iter().all(|grant| grant.grantee.as_str() == user_arn("even")));
    assert!(all.is_sorted_by(|one, next| one.id < next.id));
    let only = |id: &GrantId| {
        ListGrants::new(key, None, None)
            .unwrap()
            .only(Some(&id.to_string()))
            .unwrap()
    };
    assert_eq!(ids(&bench.admin(only(&made[4])).await.unwrap()), [made[4]]);
    let none = bench.admin(only(&GrantId::from_bytes([0; 32]))).await.unwrap();
    assert!(none.grants.is_empty());
    let marker = "The marker is not one that ListGrants gave.";
    refused(ListGrants::new(key, None, Some("x")), Code::InvalidMarker, marker);
}

#[tokio::test]
async fn a_retiring_principals_grants_are_listed_over_all_keys() {
    let mut bench = Bench::new().await;
    let keys = [bench.key().await, bench.key().await];
    let new = |retiring: &str| NewGrant {
        retiring_principal: Some(user_arn(retiring)),
        ..new_grant("clerk", &USE)
    };
    let mut made = Vec::new();
    for key in keys.iter().cycle().take(5) {
        made.push((*key, make(&bench, *key, new("retiring")).await.id));
    }
    make(&bench, keys[0], new("retiring/not")).await;
    made.sort();
    let page = |bench: &Bench, limit, marker: Option<&str>| {
        let grants = ListRetirableGrants::new(&user_arn("retiring"), Some(limit), marker).unwrap();
        let (kms, gate) = (Arc::clone(&bench.kms), Arc::clone(&bench.gate));
        async move {
            let answer = gate.run(&principal("administrator"), &*kms, grants).await;
            answer.map(Released::into_inner).unwrap()
        }
    };
    let rows = |page: &GrantPage| {
        page.grants
            .iter()
            .map(|grant| (grant.key, grant.id))
            .collect::<Vec<_>>()
    };
    let first = page(&bench, 2, None).await;
    let second = page(&bench, 3, first.next_marker.as_deref()).await;
    assert_eq!([rows(&first), rows(&second)].concat(), made);
    assert!(second.next_marker.is_none());
    revoke(&bench, made[0].0, made[0].1).await.unwrap();
    assert_eq!(rows(&page(&bench, 100, None).await), made[1..]);
    bench.attach("clerk", &allow("kms:ListRetirableGrants", &user_arn("clerk")));
    let own = ListRetirableGrants::new(&user_arn("clerk"), None, None).unwrap();
    assert!(bench.run(&principal("clerk"), own).await.unwrap().grants.is_empty());
    let others = ListRetirableGrants::new(&user_arn("retiring"), None, None).unwrap();
    let denied = fault(bench.run(&principal("clerk"), others).await);
    assert_eq!(denied.code(), Code::AccessDenied);
    let foreign = ListRetirableGrants::new(&foreign_arn("x"), None, None).unwrap();
    let message = format!("{} is not a principal of your account.", foreign_arn("x"));
    refused(bench.admin(foreign).await, Code::Validation, &message);
    let marker = "The marker is not one that ListRetirableGrants gave.";
    for wrong in ["x", "x/y", &made[0].0.to_string()] {
        let answer = ListRetirableGrants::new(&user_arn("clerk"), None, Some(wrong));
        refused(answer, Code::InvalidMarker, marker);
    }
}

#[tokio::test]
async fn grants_die_with_their_key() {
    let bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    let new = || NewGrant {
        retiring_principal: Some(user_arn("retiring")),
        ..new_grant("clerk", &USE)
    };
    for _ in 0..205 {
        make(&bench, key, new()).await;
    }
    make(&bench, other, new()).await;
    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    bench.advance_days(31);
    bench.store.fail("key-tombstone/", StoreFault::Overloaded);
    assert!(bench.delete(key).await.is_err());
    assert_eq!(bench.stored("grant").len(), 1);
    assert_eq!(bench.stored("retirable-grant").len(), 1);
    assert_eq!(bench.stored("key-grants").len(), 2);
    bench.delete(key).await.unwrap();
    assert_eq!(bench.stored("key-grants"), [other.to_string()]);
}

/// What cannot be read cannot be removed either. The key goes nevertheless.
#[tokio::test]
async fn a_key_with_damaged_grants_is_destroyed() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let new = || NewGrant {
        retiring_principal: Some(user_arn("retiring")),
        ..new_grant("clerk", &USE)
    };
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(make(&bench, key, new()).await.id);
    }
    let entry = format!("retirable-grant/{}|{key}/{}", user_arn("retiring"), made[1]);
    for name in [format!("grant/{key}/{}", made[0]), entry] {
        bench.disk.tamper(|values| {
            let value = values.iter_mut().find(|(key, _)| key.as_str() == name).unwrap().1;
            *value.last_mut().unwrap() ^= 1;
        });
    }
    bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    bench.advance_days(31);
    bench.delete(key).await.unwrap();
    assert_eq!(bench.stored("key"), Vec::<String>::new());
    assert_eq!(bench.stored("key-tombstone"), [key.to_string()]);
    assert_eq!(bench.stored("key-grants"), Vec::<String>::new());
    assert_eq!(bench.stored("grant"), [format!("{key}/{}", made[0])]);
    assert_eq!(bench.stored("retirable-grant").len(), 2, "the damaged ones");
}

#[tokio::test]
async fn a_revoked_grant_that_is_put_back_into_the_store_is_noticed() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    bench.grant(key, "kept", &USE).await;
    let gone = bench.grant(key, "gone", &USE).await;
    let name = format!("grant/{key}/{}", gone.id);
    let find = |values: &BTreeMap<RecordKey, Vec<u8>>| {
        let (key, value) = values.iter().find(|(key, _)| key.as_str() == name).unwrap();
        (key.clone(), value.clone())
    };
    let (record, value) = bench.disk.tamper(|values| find(values));
    revoke(&bench, key, gone.id).await.unwrap();
    bench.disk.tamper(|values| values.insert(record, value));
    bench.restart();
    let message = "The key's grants are not those that were made; restore the store from a backup.";
    refused(
        bench.run(&principal("gone"), encrypt(key, &[])).await,
        Code::RecordDamaged,
        message,
    );
}

#[tokio::test]
async fn a_grant_that_was_edited_permits_nothing() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    bench.grant(key, "kept", &USE).await;
    let edited = bench.grant(key, "edited", &USE).await;
    bench.disk.tamper(|values| {
        let name = format!("grant/{key}/{}", edited.id);
        let value = values.iter_mut().find(|(key, _)| key.as_str() == name).unwrap().1;
        *value.last_mut().unwrap() ^= 1;
    });
    bench.restart();
    assert!(uses(&bench, &principal("kept"), key).await);
    assert!(!uses(&bench, &principal("edited"), key).await);
}

#[tokio::test]
async fn a_grant_says_who_made_it_and_when() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let made = make(&bench, key, new_grant("clerk", &USE)).await;
    let page = bench.admin(ListGrants::new(key, None, None).unwrap()).await.unwrap();
    let grant: &GrantRecord = &page.grants[0];
    assert_eq!((grant.id, grant.key), (made.id, key));
    assert_eq!(grant.created.as_millis(), bench.now());
    assert_eq!(grant.issuing_account, *scope().account());
    assert_eq!(grant.grantee.as_str(), user_arn("clerk"));
    assert!(grant.retiring.is_none() && grant.name.is_none() && grant.terms.constraints.is_empty());
}
