//! Budgets by themselves, with limits that a test reaches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use strongroom_base::limits::{KEY_INVOCATIONS_DERIVED_MAX, KEY_INVOCATIONS_MAX, KEY_ROTATION_INVOCATIONS_DEFAULT};
use strongroom_base::{Code, Fault, KeyMaterialId};
use strongroom_material::Material;
use strongroom_store::{
    Lease, MemoryStore, Record, RecordKey, Records, Revision, Sealer, Store, StoreFault, Transaction, Watch,
};
use strongroom_token::{Suite, TokenFault};

use super::{BudgetRecord, BudgetUse, Budgets};

const MATERIAL: KeyMaterialId = KeyMaterialId::from_bytes([7; 32]);

fn records() -> Records {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    Records::new(Arc::new(MemoryStore::new(sealer)))
}

/// The budgets of a process, with the counter that came with the key: nothing of it is reserved yet.
async fn budgets(limit: u64) -> Budgets {
    opened(&records(), limit).await
}

async fn opened(records: &Records, limit: u64) -> Budgets {
    let unused = BudgetRecord {
        reserved: 0,
        limit: None,
    };
    records
        .change()
        .insert(&MATERIAL.to_string(), unused)
        .commit()
        .await
        .unwrap();
    Budgets::with_limit(records.clone(), limit)
}

/// A request that takes so many tries.
async fn request(budgets: &Budgets, tries: u32) -> Result<(), Fault> {
    budgets.spend(MATERIAL).await?;
    budgets.settle(MATERIAL, Ok(tries), |tries| *tries).map(drop)
}

async fn fail(budgets: &Budgets, fault: TokenFault) -> Fault {
    budgets.spend(MATERIAL).await.unwrap();
    budgets.settle(MATERIAL, Err::<(), _>(fault), |()| 1).unwrap_err()
}

async fn reserved(records: &Records) -> u64 {
    records
        .find::<BudgetRecord>(&MATERIAL.to_string())
        .await
        .unwrap()
        .unwrap()
        .reserved
}

fn use_of(used: u64) -> BudgetUse {
    BudgetUse {
        used,
        limit: 1_000,
        rotation_limit: KEY_ROTATION_INVOCATIONS_DEFAULT,
    }
}

#[tokio::test]
async fn a_request_costs_its_tries() {
    let budgets = budgets(1_000).await;
    for (tries, used) in [(1, 1), (2, 3), (3, 6), (1, 7)] {
        request(&budgets, tries).await.unwrap();
        assert_eq!(budgets.used(MATERIAL).await.unwrap(), use_of(used));
    }
}

#[tokio::test]
async fn a_failed_request_costs_all_that_it_may_have_made() {
    let budgets = budgets(1_000).await;
    let unavailable = fail(
        &budgets,
        TokenFault::Unavailable {
            cause: "away".to_owned(),
        },
    )
    .await;
    assert_eq!(unavailable.code(), Code::Unavailable);
    assert_eq!(budgets.used(MATERIAL).await.unwrap().used, 3);
    assert_eq!(
        fail(&budgets, TokenFault::DeadlineExceeded).await.code(),
        Code::DependencyTimeout
    );
    assert_eq!(budgets.used(MATERIAL).await.unwrap().used, 6);
    assert_eq!(fail(&budgets, TokenFault::Overloaded).await.code(), Code::Throttling);
    assert_eq!(
        budgets.used(MATERIAL).await.unwrap().used,
        6,
        "a full queue makes nothing"
    );
}

#[tokio::test]
async fn a_request_that_is_dropped_gives_nothing_back() {
    let budgets = budgets(1_000).await;
    budgets.spend(MATERIAL).await.unwrap();
    assert_eq!(budgets.used(MATERIAL).await.unwrap().used, 3);
}

#[tokio::test]
async fn blocks_are_reserved_ahead_and_lost_with_the_process() {
    let records = records();
    let budgets = opened(&records, 1 << 20).await;
    request(&budgets, 1).await.unwrap();
    assert_eq!(
        (reserved(&records).await, budgets.used(MATERIAL).await.unwrap().used),
        (1 << 16, 1)
    );
    let after_restart = Budgets::with_limit(records.clone(), 1 << 20);
    assert_eq!(after_restart.used(MATERIAL).await.unwrap().used, 1 << 16);
    request(&after_restart, 1).await.unwrap();
    assert_eq!(
        (
            reserved(&records).await,
            after_restart.used(MATERIAL).await.unwrap().used
        ),
        (2 << 16, (1 << 16) + 1)
    );
}

#[tokio::test]
async fn the_last_block_is_as_large_as_what_is_left() {
    let records = records();
    let budgets = opened(&records, (1 << 16) + 10).await;
    for _ in 0..(1 << 16) {
        request(&budgets, 1).await.unwrap();
    }
    assert_eq!(reserved(&records).await, (1 << 16) + 10);
    // With two left no request is begun: it might take three tries.
    for _ in 0..8 {
        request(&budgets, 1).await.unwrap();
    }
    let fault = request(&budgets, 1).await.unwrap_err();
    assert_eq!(fault.code(), Code::LimitExceeded);
    assert_eq!(
        fault.message(),
        "Key material 0707070707070707070707070707070707070707070707070707070707070707 has made all of its 65546 \
         encryptions. It still decrypts; rotate the key (import new material first, if this was imported), or \
         encrypt under another one."
    );
    assert_eq!(budgets.used(MATERIAL).await.unwrap().used, (1 << 16) + 8);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_at_once_never_exceed_the_limit() {
    const LIMIT: u64 = 2_000;
    let budgets = Arc::new(budgets(LIMIT).await);
    let made = Arc::new(AtomicU64::new(0));
    let tasks: Vec<_> = (0..64_u32)
        .map(|number| {
            let (budgets, made) = (Arc::clone(&budgets), Arc::clone(&made));
            tokio::spawn(async move {
                for round in 0..100 {
                    let tries = 1 + (number + round) % 3;
                    match request(&budgets, tries).await {
                        Ok(()) => made.fetch_add(u64::from(tries), Ordering::SeqCst),
                        Err(fault) => return assert_eq!(fault.code(), Code::LimitExceeded, "{fault}"),
                    };
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let (made, used) = (made.load(Ordering::SeqCst), budgets.used(MATERIAL).await.unwrap().used);
    assert_eq!(used, made, "all is counted once");
    assert!((LIMIT - 3 * 64..=LIMIT).contains(&made), "{made} were made");
}

/// Several processes over one store: each has its own blocks.
#[tokio::test]
async fn two_processes_share_one_counter() {
    let records = records();
    let (one, other) = (
        opened(&records, 1 << 20).await,
        Budgets::with_limit(records.clone(), 1 << 20),
    );
    request(&one, 1).await.unwrap();
    request(&other, 1).await.unwrap();
    assert_eq!(reserved(&records).await, 2 << 16);
    assert_eq!(
        one.used(MATERIAL).await.unwrap().used,
        (1 << 16) + 1,
        "the other's block counts as used"
    );
}

#[tokio::test]
async fn looking_at_a_budget_does_not_put_it_into_use() {
    let budgets = budgets(1_000).await;
    assert_eq!(budgets.used(MATERIAL).await.unwrap(), use_of(0));
    assert!(budgets.in_use().is_empty());
    request(&budgets, 1).await.unwrap();
    assert_eq!(budgets.in_use(), [MATERIAL]);
    budgets.forget(MATERIAL);
    assert!(budgets.in_use().is_empty());
}

/// A key's counter comes with the key: to begin again at zero could count too little.
#[tokio::test]
async fn a_missing_counter_is_damage() {
    let budgets = Budgets::with_limit(records(), 1_000);
    let faults = [
        budgets.spend(MATERIAL).await.unwrap_err(),
        budgets.used(MATERIAL).await.unwrap_err(),
    ];
    for fault in faults {
        assert_eq!(
            (fault.code(), fault.message()),
            (
                Code::RecordDamaged,
                "The key's use counter is missing; restore the store from a backup."
            )
        );
    }
}

/// Each message has a key of its own: the bound of one GCM key does not count, and that of the salts does.
#[tokio::test]
async fn a_derived_version_has_a_bound_of_its_own() {
    let records = records();
    let budgets = Budgets::new(records.clone());
    let opening = budgets.opening(Suite::Derived);
    let beyond = BudgetRecord {
        reserved: KEY_INVOCATIONS_MAX,
        ..opening.clone()
    };
    assert_eq!(opening.limit, Some(KEY_INVOCATIONS_DERIVED_MAX));
    let change = records.change().insert(&MATERIAL.to_string(), beyond);
    change.commit().await.unwrap();
    request(&budgets, 1).await.unwrap();
    let expected = BudgetUse {
        used: KEY_INVOCATIONS_MAX + 1,
        limit: 1 << 48,
        rotation_limit: 1 << 47,
    };
    assert_eq!(budgets.used(MATERIAL).await.unwrap(), expected);
    assert!(!budgets.is_spent_for_rotation(MATERIAL).await.unwrap());

    let before = records
        .find::<BudgetRecord>(&MATERIAL.to_string())
        .await
        .unwrap()
        .unwrap();
    let spent = BudgetRecord {
        reserved: KEY_INVOCATIONS_DERIVED_MAX,
        ..opening
    };
    let change = records.change().replace(&MATERIAL.to_string(), &before, spent);
    change.commit().await.unwrap();
    let after_restart = Budgets::new(records);
    let fault = request(&after_restart, 1).await.unwrap_err();
    assert_eq!(fault.code(), Code::LimitExceeded);
    assert!(
        fault.message().contains("all of its 281474976710656 encryptions"),
        "{fault}"
    );
}

/// A store whose commits take a while.
struct Slow(MemoryStore);

#[async_trait]
impl Store for Slow {
    async fn get(&self, key: &RecordKey) -> Result<Option<Record>, StoreFault> {
        self.0.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&RecordKey>, limit: usize) -> Result<Vec<Record>, StoreFault> {
        self.0.list(prefix, after, limit).await
    }

    async fn commit(&self, transaction: Transaction) -> Result<Revision, StoreFault> {
        tokio::time::sleep(Duration::from_millis(100)).await;
        self.0.commit(transaction).await
    }

    fn watch(&self, prefix: &str) -> Watch {
        self.0.watch(prefix)
    }

    async fn lease(&self, name: &str, term: Duration) -> Result<Option<Lease>, StoreFault> {
        self.0.lease(name, term).await
    }
}

/// The block is there for whoever comes next: neither lost nor reserved twice.
#[tokio::test]
async fn a_caller_that_goes_away_loses_no_block() {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    let records = Records::new(Arc::new(Slow(MemoryStore::new(sealer))));
    let budgets = opened(&records, 1 << 20).await;
    let impatient = tokio::time::timeout(Duration::from_millis(20), budgets.spend(MATERIAL)).await;
    assert!(impatient.is_err(), "the commit takes longer");
    request(&budgets, 1).await.unwrap();
    assert_eq!(
        (reserved(&records).await, budgets.used(MATERIAL).await.unwrap().used),
        (1 << 16, 1)
    );
}
