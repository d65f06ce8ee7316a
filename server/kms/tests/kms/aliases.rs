//! Aliases: their rules, and that nothing moves an operation from the key that was decided on to another one.

use std::sync::Arc;

use strongroom_base::{Code, KeyId};
use strongroom_kms::op::{
    CreateAlias, DeleteAlias, DescribeKey, EnableKeyRotation, Encrypt, ListAliases, UpdateAlias, UpdateKeyDescription,
};
use strongroom_kms::{AliasRecord, KeyReference};
use strongroom_store::{RecordKey, Store, Transaction};
use tokio::task::JoinSet;

use crate::bench::{Bench, alias, allow, context, fault, material, principal, refused, scope, user_arn};

async fn target(bench: &Bench, name: &str) -> KeyId {
    bench.records.find::<AliasRecord>(name).await.unwrap().unwrap().target
}

async fn names(bench: &Bench, key: KeyId) -> Vec<String> {
    bench
        .describe(key)
        .await
        .record
        .aliases
        .iter()
        .map(ToString::to_string)
        .collect()
}

async fn point(bench: &Bench, name: &str, key: KeyId) -> Result<(), strongroom_base::Fault> {
    bench.admin(UpdateAlias::new(alias(name), key)?).await
}

#[tokio::test]
async fn an_alias_is_made_moved_and_deleted() {
    let bench = Bench::new().await;
    let (one, other) = (bench.key().await, bench.key().await);
    bench.name("alias/app:db/main", one).await.unwrap();
    let made = bench.now();
    assert_eq!(
        (target(&bench, "alias/app:db/main").await, names(&bench, one).await),
        (one, vec!["alias/app:db/main".to_owned()])
    );
    bench.advance_days(1);
    point(&bench, "alias/app:db/main", other).await.unwrap();
    assert!(names(&bench, one).await.is_empty());
    assert_eq!(names(&bench, other).await, ["alias/app:db/main"]);
    let record = bench
        .records
        .find::<AliasRecord>("alias/app:db/main")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(record.target, other);
    assert_eq!(
        (record.created.as_millis(), record.updated.as_millis()),
        (made, bench.now())
    );
    bench
        .admin(DeleteAlias::new(alias("alias/app:db/main")).unwrap())
        .await
        .unwrap();
    assert!(names(&bench, other).await.is_empty());
    assert!(bench.stored("alias").is_empty());
    let message = "Alias arn:aws:kms:local-1:000000000000:alias/app:db/main is not found.";
    let describe = DescribeKey {
        key: KeyReference::Alias(alias("alias/app:db/main")),
    };
    refused(bench.admin(describe).await, Code::NotFound, message);
    refused(
        bench.admin(DeleteAlias::new(alias("alias/app:db/main")).unwrap()).await,
        Code::NotFound,
        message,
    );
    refused(point(&bench, "alias/app:db/main", one).await, Code::NotFound, message);
}

#[tokio::test]
async fn an_alias_may_be_pointed_where_it_points() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.name("alias/a", key).await.unwrap();
    point(&bench, "alias/a", key).await.unwrap();
    assert_eq!(
        (target(&bench, "alias/a").await, names(&bench, key).await),
        (key, vec!["alias/a".to_owned()])
    );
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let bench = Bench::new().await;
    let (one, other) = (bench.key().await, bench.key().await);
    bench.name("alias/a", one).await.unwrap();
    let message = "An alias with the name arn:aws:kms:local-1:000000000000:alias/a already exists";
    for key in [one, other] {
        refused(bench.name("alias/a", key).await, Code::AlreadyExists, message);
    }
    assert_eq!(target(&bench, "alias/a").await, one);
    assert!(names(&bench, other).await.is_empty());
    bench.name("alias/A", other).await.unwrap();
}

#[tokio::test]
async fn a_key_has_50_aliases_at_most() {
    let bench = Bench::new().await;
    let (full, other) = (bench.key().await, bench.key().await);
    for number in 0..50 {
        bench.name(&format!("alias/{number}"), full).await.unwrap();
    }
    bench.name("alias/other", other).await.unwrap();
    let message = "The key has 50 aliases, which is the limit.";
    refused(bench.name("alias/50", full).await, Code::LimitExceeded, message);
    let taken = "An alias with the name arn:aws:kms:local-1:000000000000:alias/other already exists";
    refused(bench.name("alias/other", full).await, Code::AlreadyExists, taken);
    refused(point(&bench, "alias/other", full).await, Code::LimitExceeded, message);
    assert_eq!(target(&bench, "alias/other").await, other);
    point(&bench, "alias/7", full).await.unwrap();
    point(&bench, "alias/7", other).await.unwrap();
    point(&bench, "alias/other", full).await.unwrap();
    assert_eq!(names(&bench, full).await.len(), 50);
}

#[test]
fn names_of_managed_keys_are_reserved() {
    let message = "Alias names that begin with alias/aws/ are reserved for keys that services manage.";
    let key = KeyId::random();
    for name in ["alias/aws/secretsmanager", "alias/aws/x"] {
        refused(CreateAlias::new(alias(name), key), Code::InvalidAliasName, message);
        refused(UpdateAlias::new(alias(name), key), Code::InvalidAliasName, message);
        refused(DeleteAlias::new(alias(name)), Code::InvalidAliasName, message);
    }
    assert!(CreateAlias::new(alias("alias/awsome"), key).is_ok());
}

#[tokio::test]
async fn an_alias_needs_a_key_that_exists() {
    let bench = Bench::new().await;
    let (key, absent) = (bench.key().await, KeyId::random());
    bench.name("alias/a", key).await.unwrap();
    let message = format!("Key '{}' does not exist", scope().key_arn(&absent));
    refused(bench.name("alias/b", absent).await, Code::NotFound, &message);
    refused(point(&bench, "alias/a", absent).await, Code::NotFound, &message);
    assert_eq!(target(&bench, "alias/a").await, key);
    assert_eq!(bench.stored("alias"), ["alias/a"]);
}

/// Creating an alias needs the permission on the alias and on the key; moving one, on the alias and on both keys.
#[tokio::test]
async fn alias_and_keys_each_need_their_permission() {
    let mut bench = Bench::new().await;
    let (one, other) = (bench.key().await, bench.key().await);
    let arn = |key: KeyId| scope().key_arn(&key).to_string();
    let alias_arn = "arn:aws:kms:local-1:000000000000:alias/a";
    bench.attach("keys-only", &allow("kms:*", "arn:aws:kms:*:*:key/*"));
    bench.attach("aliases-only", &allow("kms:*", "arn:aws:kms:*:*:alias/*"));
    bench.attach(
        "one-key",
        &allow("kms:*", &format!("[{:?}, \"arn:aws:kms:*:*:alias/*\"]", arn(one))),
    );
    let denied = |who: &str, action: &str, resource: &str| {
        let who = user_arn(who);
        format!(
            "User: {who} is not authorized to perform: kms:{action} on resource: {resource} because no identity-based \
             policy allows the kms:{action} action"
        )
    };
    let create = |key| CreateAlias::new(alias("alias/a"), key).unwrap();
    let update = |key| UpdateAlias::new(alias("alias/a"), key).unwrap();
    let delete = || DeleteAlias::new(alias("alias/a")).unwrap();
    for (who, missing) in [
        ("keys-only", alias_arn.to_owned()),
        ("aliases-only", arn(other)),
        ("one-key", arn(other)),
    ] {
        let message = denied(who, "CreateAlias", &missing);
        refused(
            bench.run(&principal(who), create(other)).await,
            Code::AccessDenied,
            &message,
        );
    }
    bench.name("alias/a", other).await.unwrap();
    let user = principal("one-key");
    // The refusal does not tell which key the alias points at.
    refused(
        bench.run(&user, update(one)).await,
        Code::AccessDenied,
        &denied("one-key", "UpdateAlias", alias_arn),
    );
    refused(
        bench.run(&user, delete()).await,
        Code::AccessDenied,
        &denied("one-key", "DeleteAlias", alias_arn),
    );
    point(&bench, "alias/a", one).await.unwrap();
    refused(
        bench.run(&user, update(other)).await,
        Code::AccessDenied,
        &denied("one-key", "UpdateAlias", &arn(other)),
    );
    bench.run(&user, update(one)).await.unwrap();
    bench.run(&user, delete()).await.unwrap();
}

#[tokio::test]
async fn a_change_that_lost_the_race_changes_nothing() {
    let bench = Arc::new(Bench::new().await);
    let (one, two, three) = (bench.key().await, bench.key().await, bench.key().await);
    bench.name("alias/a", one).await.unwrap();
    for what in ["move", "delete"] {
        let pause = bench.store.pause("alias/");
        let loser = tokio::spawn({
            let bench = Arc::clone(&bench);
            async move {
                match what {
                    "move" => point(&bench, "alias/a", two).await,
                    _ => bench.admin(DeleteAlias::new(alias("alias/a")).unwrap()).await,
                }
            }
        });
        pause.reached().await;
        let before = target(&bench, "alias/a").await;
        let winner = if before == one { three } else { one };
        point(&bench, "alias/a", winner).await.unwrap();
        pause.resume();
        let message = "Another request changed the same record. Try again.";
        let answer = loser.await.unwrap();
        assert!(fault_has_retry(&answer), "{what}");
        refused(answer, Code::Conflict, message);
        assert_eq!(target(&bench, "alias/a").await, winner, "{what}");
        assert_eq!(names(&bench, winner).await, ["alias/a"]);
        assert!(names(&bench, two).await.is_empty() && names(&bench, before).await.is_empty());
    }
}

/// Changes of one key wait for each other. None of these is anything that a decision asks for, so all are made.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_changes_of_one_key_at_once_are_all_made() {
    let bench = Arc::new(Bench::new().await);
    let key = bench.key().await;
    let mut changes = JoinSet::new();
    for number in 0..30 {
        let bench = Arc::clone(&bench);
        changes.spawn(async move {
            let words = UpdateKeyDescription::new(key, format!("{number}")).unwrap();
            bench.admin(words).await.unwrap();
            bench.admin(EnableKeyRotation::new(key, None).unwrap()).await.unwrap();
        });
    }
    changes.join_all().await;
    assert!(bench.describe(key).await.record.rotation.is_some());
}

/// A policy may ask for a key's aliases, so each new one calls for a new decision: whoever asks again gets his.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_aliases_of_one_key_at_once_are_all_made_by_those_who_ask_again() {
    let bench = Arc::new(Bench::new().await);
    let key = bench.key().await;
    let mut changes = JoinSet::new();
    for number in 0..30 {
        let bench = Arc::clone(&bench);
        changes.spawn(async move {
            while let Err(fault) = bench.name(&format!("alias/of-many-{number}"), key).await {
                assert_eq!(fault.code(), Code::Conflict, "{fault}");
                assert!(fault.retry_delay().is_some(), "{fault}");
            }
        });
    }
    changes.join_all().await;
    assert_eq!(names(&bench, key).await.len(), 30);
}

fn fault_has_retry<T>(answer: &Result<T, strongroom_base::Fault>) -> bool {
    answer.as_ref().err().is_some_and(|fault| fault.retry_delay().is_some())
}

/// An alias flips between a key that the user may use and one that it may not, as fast as it can. Whatever the user
/// gets was made under the key that was decided on.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_alias_that_moves_redirects_nobody() {
    let mut bench = Bench::new().await;
    let (allowed, forbidden) = (bench.key().await, bench.key().await);
    bench.name("alias/flip", allowed).await.unwrap();
    bench.attach("user", &allow("kms:Encrypt", scope().key_arn(&allowed).as_str()));
    let bench = Arc::new(bench);
    let mover = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move {
            for _ in 0..100 {
                point(&bench, "alias/flip", forbidden).await.unwrap();
                point(&bench, "alias/flip", allowed).await.unwrap();
            }
        }
    });
    let (mut done, mut denied) = (0, 0);
    while !mover.is_finished() || done == 0 || denied == 0 {
        let key = KeyReference::Alias(alias("alias/flip"));
        let operation = Encrypt::new(key, context(&[]), material(b"x")).unwrap();
        match bench.run(&principal("user"), operation).await {
            Ok(encryption) => {
                assert_eq!(encryption.arn, scope().key_arn(&allowed));
                assert_eq!(&encryption.blob[2..18], allowed.as_bytes());
                done += 1;
            }
            Err(fault) => {
                assert_eq!(fault.code(), Code::AccessDenied);
                // The refusal names the alias and not the key behind it.
                assert!(fault.message().contains(":alias/flip because"), "{fault}");
                denied += 1;
            }
        }
        if mover.is_finished() {
            point(&bench, "alias/flip", if done == 0 { allowed } else { forbidden })
                .await
                .unwrap();
        }
    }
    mover.await.unwrap();
}

#[tokio::test]
async fn list_aliases_goes_through_all_and_through_one_keys() {
    let bench = Bench::new().await;
    let (one, other) = (bench.key().await, bench.key().await);
    for number in 0..60 {
        bench
            .name(
                &format!("alias/n{number:02}"),
                if number % 3 == 0 { one } else { other },
            )
            .await
            .unwrap();
    }
    let all: Vec<_> = (0..60).map(|number| format!("alias/n{number:02}")).collect();
    for (limit, pages) in [(None, 2), (Some(7), 9), (Some(60), 1), (Some(1_000), 1)] {
        let (listed, asked) = collect(&bench, None, limit).await;
        assert_eq!((listed, asked), (all.clone(), pages));
    }
    let of_one: Vec<_> = (0..60).step_by(3).map(|number| format!("alias/n{number:02}")).collect();
    for (limit, pages) in [(None, 1), (Some(7), 3), (Some(20), 1), (Some(19), 2)] {
        let (listed, asked) = collect(&bench, Some(one), limit).await;
        assert_eq!((listed, asked), (of_one.clone(), pages));
    }
    assert!(collect(&bench, Some(bench.key().await), None).await.0.is_empty());
    let beyond = ListAliases::new(None, None, Some("alias/zzz")).unwrap();
    assert!(bench.admin(beyond).await.unwrap().aliases.is_empty());
}

/// All pages' names, and how many pages there were.
async fn collect(bench: &Bench, key: Option<KeyId>, limit: Option<usize>) -> (Vec<String>, usize) {
    let (mut listed, mut marker, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let page = bench
            .admin(ListAliases::new(key, limit, marker.as_deref()).unwrap())
            .await
            .unwrap();
        pages += 1;
        for (arn, record) in page.aliases {
            assert_eq!(
                arn.as_str(),
                format!("arn:aws:kms:local-1:000000000000:{}", record.name)
            );
            assert!(key.is_none_or(|key| record.target == key));
            listed.push(record.name.to_string());
        }
        match page.next_marker {
            Some(next) => marker = Some(next),
            None => return (listed, pages),
        }
    }
}

#[tokio::test]
async fn a_caller_without_permission_cannot_tell_whether_an_alias_exists() {
    let bench = Bench::new().await;
    bench.name("alias/a", bench.key().await).await.unwrap();
    let ask = async |name: &str| {
        let describe = DescribeKey {
            key: KeyReference::Alias(alias(name)),
        };
        fault(bench.run(&principal("stranger"), describe).await).to_string()
    };
    assert_eq!(
        ask("alias/a").await.replace("alias/a ", "alias/b "),
        ask("alias/b").await
    );
}

/// Whether the alias is there or not, whoever may not point aliases at the key is told nothing of it.
#[tokio::test]
async fn an_alias_that_is_not_there_is_no_news_for_those_who_may_not_use_the_key() {
    let mut bench = Bench::new().await;
    let (mine, other) = (bench.key().await, bench.key().await);
    let arns = |key: KeyId| format!("[\"{}\", \"arn:aws:kms:*:*:alias/*\"]", scope().key_arn(&key));
    bench.attach("user", &allow("kms:UpdateAlias", &arns(mine)));
    bench.name("alias/a", mine).await.unwrap();
    let user = principal("user");
    let ask = async |name: &str, key: KeyId| {
        let update = UpdateAlias::new(alias(name), key).unwrap();
        fault(bench.run(&user, update).await)
    };
    let (there, absent) = (ask("alias/a", other).await, ask("alias/b", other).await);
    assert_eq!(there.code(), Code::AccessDenied);
    assert_eq!(there.to_string(), absent.to_string());
    let no_key = KeyId::from_bytes([7; 16]);
    assert_eq!(ask("alias/b", no_key).await.code(), Code::AccessDenied);
    let absent = ask("alias/b", mine).await;
    let message = "Alias arn:aws:kms:local-1:000000000000:alias/b is not found.";
    assert_eq!((absent.code(), absent.message()), (Code::NotFound, message));
}

/// Whoever can write to the store puts an alias record of old back: its tag is right, and its key has lost the alias.
#[tokio::test]
async fn an_alias_record_that_was_put_back_redirects_nobody() {
    let mut bench = Bench::new().await;
    let (old, new) = (bench.key().await, bench.key().await);
    bench.name("alias/a", old).await.unwrap();
    let record = RecordKey::new("alias", "alias/a").unwrap();
    let before = bench.store.get(&record).await.unwrap().unwrap();
    point(&bench, "alias/a", new).await.unwrap();
    let back = Transaction {
        puts: vec![(record, before.body.to_vec())],
        ..Transaction::default()
    };
    bench.store.commit(back).await.unwrap();
    bench.restart();
    let key = KeyReference::Alias(alias("alias/a"));
    let encrypt = Encrypt::new(key, context(&[]), material(b"x")).unwrap();
    let message = "The alias does not belong to its key; restore the store from a backup.";
    refused(bench.admin(encrypt).await, Code::RecordDamaged, message);
    bench.encrypt(old, b"x").await.unwrap();
    bench.encrypt(new, b"x").await.unwrap();
}
