//! Property: whatever is imported, deleted, rotated, cut off and waited for, token and store agree, a key is usable exactly
//! while it has its materials, and then opens all that it has ever encrypted.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use strongroom_base::{Fault, KeyId, KeyMaterialId};
use strongroom_kms::KeyState;
use strongroom_kms::op::{ListKeyRotations, MaterialState, ReconcileToken, RotateKeyOnDemand};
use strongroom_store::StoreFault;
use strongroom_token::{Function, ReturnValue};

use crate::agreement::assert_agreement;
use crate::bench::Bench;
use crate::importing::{DAY, delete, expire_due, external, import, until};

/// Something that is tried; it may be refused.
#[derive(Debug, Clone)]
enum Step {
    Import {
        raw: u8,
        new: bool,
        days: Option<i64>,
    },
    Delete {
        raw: Option<u8>,
    },
    Rotate,
    /// A day goes by, and the job runs.
    Day,
    /// A day goes by, and the job has not run yet.
    DayWithoutJob,
    Reconcile,
    /// The next commit of this kind of record fails.
    FailStore(&'static str),
    /// The token fails once.
    FailToken(Function),
    /// Somebody destroys the object of the current material.
    Lose,
}

fn step() -> impl Strategy<Value = Step> {
    let raw = 0..3_u8;
    let days = prop_oneof![Just(None), (1..4_i64).prop_map(Some)];
    prop_oneof![
        6 => (raw.clone(), any::<bool>(), days).prop_map(|(raw, new, days)| Step::Import { raw, new, days }),
        2 => proptest::option::of(raw).prop_map(|raw| Step::Delete { raw }),
        2 => Just(Step::Rotate),
        1 => Just(Step::Day),
        1 => Just(Step::DayWithoutJob),
        1 => Just(Step::Reconcile),
        1 => prop_oneof![Just("key/"), Just("key-budget/"), Just("import-parameters/"), Just("key-creation/")]
            .prop_map(Step::FailStore),
        1 => prop_oneof![Just(Function::UnwrapKey), Just(Function::DestroyObject), Just(Function::Decrypt)]
            .prop_map(Step::FailToken),
        1 => Just(Step::Lose),
    ]
}

/// One key, as its owner sees it.
struct Owner {
    bench: Bench,
    key: KeyId,
    /// Which id each of the owner's materials has, as it was told.
    known: BTreeMap<u8, KeyMaterialId>,
    blobs: Vec<Vec<u8>>,
}

impl Owner {
    async fn new() -> Self {
        let bench = Bench::new().await;
        let key = external(&bench).await;
        let (known, blobs) = (BTreeMap::new(), Vec::new());
        Self {
            bench,
            key,
            known,
            blobs,
        }
    }

    async fn import(&self, raw: u8, new: bool, days: Option<i64>) -> Result<KeyMaterialId, Fault> {
        let at = days.map(|days| self.bench.now() + days * DAY);
        import(&self.bench, self.key, &[raw; 32], |order| {
            let order = if new { crate::importing::as_new(order) } else { order };
            match at {
                Some(at) => until(at)(order),
                None => order,
            }
        })
        .await
    }

    async fn materials(&self) -> Vec<(KeyMaterialId, MaterialState)> {
        let list = ListKeyRotations::new(self.key, true, None, None).unwrap();
        let page = self.bench.admin(list).await.unwrap();
        page.versions
            .iter()
            .map(|(version, state)| (version.material, *state))
            .collect()
    }

    async fn take(&mut self, step: &Step) {
        let bench = &self.bench;
        match step {
            Step::Import { raw, new, days } => {
                if let Ok(id) = self.import(*raw, *new, *days).await {
                    let before = self.known.insert(*raw, id);
                    assert!(before.is_none_or(|before| before == id), "one material, two ids");
                }
            }
            Step::Delete { raw } => {
                let material = raw.and_then(|raw| self.known.get(&raw).copied());
                let _refused = delete(bench, self.key, material).await;
            }
            Step::Rotate => drop(bench.admin(RotateKeyOnDemand { key: self.key }).await),
            Step::Day | Step::DayWithoutJob => {
                bench.advance_days(1);
                if matches!(step, Step::Day) {
                    expire_due(bench).await;
                }
            }
            Step::Reconcile => drop(
                bench
                    .system(ReconcileToken {
                        minimum_age: Duration::ZERO,
                    })
                    .await,
            ),
            Step::FailStore(prefix) => bench.store.fail(prefix, StoreFault::Overloaded),
            Step::FailToken(function) => bench.fake.fail(*function, 1, ReturnValue::DeviceError),
            Step::Lose => {
                if let Some((current, _)) = self
                    .materials()
                    .await
                    .iter()
                    .find(|(_, state)| *state == MaterialState::Current)
                {
                    bench.fake.delete_object(current);
                }
            }
        }
    }

    /// What was to fail and has not does not fail in what is looked at now.
    async fn settle(&mut self) {
        self.bench.fake.clear_script();
        self.bench.store.clear();
        self.bench.until_usable(true).await;
        let listed = self.materials().await;
        self.known.retain(|_, id| listed.iter().any(|(listed, _)| listed == id));
    }

    /// A key is in use exactly while it is enabled, and then opens everything. Objects that were lost come back first.
    async fn check(&mut self) {
        let found = self.bench.reconcile().await;
        assert_eq!((found.drifted, found.unknown, found.stuck), (vec![], vec![], vec![]));
        let lost = found.missing.iter().map(|(_, material)| *material);
        for material in lost.collect::<Vec<_>>() {
            let raw = self
                .known
                .iter()
                .find(|(_, known)| **known == material)
                .map(|(raw, _)| *raw);
            self.import(raw.unwrap(), false, None).await.unwrap();
        }
        assert_agreement(&self.bench, &BTreeMap::new()).await;
        let enabled = self.bench.describe(self.key).await.record.state == KeyState::Enabled;
        let encrypted = self.bench.encrypt(self.key, b"value").await;
        assert_eq!(encrypted.is_ok(), enabled);
        self.blobs.extend(encrypted.map(|encrypted| encrypted.blob));
        for blob in &self.blobs {
            assert_eq!(self.bench.decrypt(blob).await.is_ok(), enabled);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn a_key_is_usable_exactly_while_it_has_its_materials(steps in proptest::collection::vec(step(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut owner = Owner::new().await;
            for step in &steps {
                owner.take(step).await;
                // What is to fail does so in the next step.
                if !matches!(step, Step::FailStore(_) | Step::FailToken(_)) {
                    owner.settle().await;
                    owner.check().await;
                }
            }
        });
    }
}
