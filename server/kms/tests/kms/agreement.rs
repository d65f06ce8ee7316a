//! Property: whatever happens to keys and aliases, alias records, key records, budgets and token objects agree.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use proptest::prelude::*;
use strongroom_base::{Deadline, KeyId};
use strongroom_kms::op::{
    CancelKeyDeletion, CreateAlias, DeleteAlias, DisableKey, EnableKey, ScheduleKeyDeletion, UpdateAlias,
};
use strongroom_kms::{AliasRecord, KeyRecord, KeyState, Presence};
use strongroom_store::StoreFault;

use crate::bench::{Bench, alias};

const NAMES: [&str; 5] = ["alias/a", "alias/b", "alias/a/b", "alias/A", "alias/a-b"];

/// Something that is tried; it may be refused.
#[derive(Debug, Clone)]
enum Step {
    CreateKey,
    CreateAlias {
        name: usize,
        key: usize,
    },
    UpdateAlias {
        name: usize,
        key: usize,
    },
    DeleteAlias {
        name: usize,
    },
    Disable {
        key: usize,
    },
    Enable {
        key: usize,
    },
    Schedule {
        key: usize,
    },
    Cancel {
        key: usize,
    },
    /// A week goes by, and the deletion job runs.
    Week,
    /// The next change of a key record fails.
    Fail,
}

fn step() -> impl Strategy<Value = Step> {
    let (name, key) = (0..NAMES.len(), 0..4_usize);
    prop_oneof![
        1 => Just(Step::CreateKey),
        4 => (name.clone(), key.clone()).prop_map(|(name, key)| Step::CreateAlias { name, key }),
        4 => (name.clone(), key.clone()).prop_map(|(name, key)| Step::UpdateAlias { name, key }),
        2 => name.prop_map(|name| Step::DeleteAlias { name }),
        1 => key.clone().prop_map(|key| Step::Disable { key }),
        1 => key.clone().prop_map(|key| Step::Enable { key }),
        2 => key.clone().prop_map(|key| Step::Schedule { key }),
        1 => key.prop_map(|key| Step::Cancel { key }),
        1 => Just(Step::Week),
        1 => Just(Step::Fail),
    ]
}

/// Tries a step; answers where the alias must point now if it was an alias step that was not refused.
async fn take(bench: &Bench, keys: &mut Vec<KeyId>, step: &Step) -> Option<(usize, Option<KeyId>)> {
    let at = |key: &usize| keys[key % keys.len()];
    match step {
        Step::CreateKey => {
            if let Ok(made) = bench.admin(crate::bench::create("")).await {
                keys.push(made.record.id);
            }
            None
        }
        Step::CreateAlias { name, key } => {
            let done = bench
                .admin(CreateAlias::new(alias(NAMES[*name]), at(key)).unwrap())
                .await;
            done.is_ok().then(|| (*name, Some(at(key))))
        }
        Step::UpdateAlias { name, key } => {
            let done = bench
                .admin(UpdateAlias::new(alias(NAMES[*name]), at(key)).unwrap())
                .await;
            done.is_ok().then(|| (*name, Some(at(key))))
        }
        Step::DeleteAlias { name } => {
            let done = bench.admin(DeleteAlias::new(alias(NAMES[*name])).unwrap()).await;
            done.is_ok().then_some((*name, None))
        }
        Step::Disable { key } => bench.admin(DisableKey { key: at(key) }).await.err().and(None),
        Step::Enable { key } => bench.admin(EnableKey { key: at(key) }).await.err().and(None),
        Step::Schedule { key } => bench
            .admin(ScheduleKeyDeletion::new(at(key), Some(7)).unwrap())
            .await
            .err()
            .and(None),
        Step::Cancel { key } => bench.admin(CancelKeyDeletion { key: at(key) }).await.err().and(None),
        Step::Week => {
            bench.advance_days(7);
            for key in bench.kms.keys_due_for_deletion().await.unwrap() {
                let _ = bench.delete(key).await;
            }
            None
        }
        Step::Fail => {
            bench.store.fail("key/", StoreFault::Overloaded);
            None
        }
    }
}

/// Aliases, budgets and objects are those of the keys, and aliases what callers were told.
pub(crate) async fn assert_agreement(bench: &Bench, expected: &BTreeMap<String, KeyId>) {
    let mut by_alias = BTreeMap::new();
    for (id, record) in bench.records.page::<AliasRecord>("", None, 1_000).await.unwrap() {
        assert_eq!(id, record.name.as_str());
        by_alias.insert(id, record.target);
    }
    let (mut by_key, mut materials) = (BTreeMap::new(), BTreeSet::new());
    // Materials whose objects must be there, and those whose objects may be.
    let (mut there, mut perhaps) = (BTreeSet::new(), BTreeSet::new());
    for (_, key) in bench.records.page::<KeyRecord>("", None, 1_000).await.unwrap() {
        by_key.extend(key.aliases.iter().map(|name| (name.to_string(), key.id)));
        let deleting = matches!(key.state, KeyState::Deleting { .. });
        for version in key.materials() {
            let id = version.material.to_string();
            materials.insert(id.clone());
            match version.import.as_ref().map(|import| import.presence) {
                Some(Presence::Absent) => {}
                Some(Presence::Removing) => drop(perhaps.insert(id)),
                Some(Presence::Imported) | None if deleting => drop(perhaps.insert(id)),
                Some(Presence::Imported) | None => drop(there.insert(id)),
            }
        }
    }
    assert_eq!(by_alias, by_key, "alias records and key records");
    assert_eq!(by_alias, *expected, "records and what callers were told");
    assert_eq!(
        BTreeSet::from_iter(bench.stored("key-budget")),
        materials,
        "budgets and key versions"
    );
    let announced = bench.stored("key-creation").into_iter();
    let wrapping = bench.stored("import-parameters").into_iter();
    perhaps.extend(announced.chain(wrapping.map(|id| id.split_once('/').unwrap().1.to_owned())));
    let objects = bench
        .token
        .objects(Deadline::after(Duration::from_secs(30)))
        .await
        .unwrap();
    let of_keys = objects.iter().filter(|object| object.label.key() != "root");
    let objects = BTreeSet::from_iter(of_keys.map(|object| object.id.to_string()));
    assert_eq!(there.difference(&objects).next(), None, "materials without objects");
    let known = BTreeSet::from_iter(there.union(&perhaps).cloned());
    assert_eq!(objects.difference(&known).next(), None, "objects of no material");
}

async fn run(steps: &[Step]) {
    let bench = Bench::new().await;
    let mut keys = vec![bench.key().await, bench.key().await];
    let mut expected = BTreeMap::new();
    for step in steps {
        if let Some((name, target)) = take(&bench, &mut keys, step).await {
            match target {
                Some(key) => expected.insert(NAMES[name].to_owned(), key),
                None => expected.remove(NAMES[name]),
            };
        }
        let living = BTreeSet::from_iter(bench.stored("key"));
        expected.retain(|_, key| living.contains(&key.to_string()));
        assert_agreement(&bench, &expected).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn aliases_keys_budgets_and_objects_agree(steps in proptest::collection::vec(step(), 1..30)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(&steps));
    }
}
