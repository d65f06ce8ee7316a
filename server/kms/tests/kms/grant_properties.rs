//! Properties of grants, whatever is done in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use strongroom_base::{GrantId, KeyId};
use strongroom_kms::op::{CreateGrant, Encrypt, ListGrants, RetireGrant, RevokeGrant};
use strongroom_kms::{EncryptionContext, GrantOperation, KeyReference, NewGrant};
use strongroom_store::StoreFault;

use crate::bench::{Bench, material, new_grant, principal};

type Pairs = BTreeMap<String, String>;

/// Few names and values, in both cases, so that they meet.
fn pairs() -> impl Strategy<Value = Pairs> {
    proptest::collection::btree_map("[aAbB]", "[xXy]", 0..3)
}

async fn uses(bench: &Bench, who: &str, key: KeyId, context: &Pairs) -> bool {
    let context = EncryptionContext::new(context.clone()).unwrap();
    let operation = Encrypt::new(KeyReference::Key(key), context, material(b"x")).unwrap();
    bench.run(&principal(who), operation).await.is_ok()
}

/// Every pair is there, whatever the case of its key, and under no case of its key is there another value.
fn holds(pairs: &Pairs, context: &Pairs) -> bool {
    let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
    let is_there =
        |(key, value): (&String, &String)| context.iter().any(|(name, text)| same(name, key) && text == value);
    let is_meant = |(name, text): (&String, &String)| {
        let mut meant = pairs.iter().filter(|(key, _)| same(key, name)).peekable();
        meant.peek().is_none() || meant.any(|(_, value)| value == text)
    };
    pairs.iter().all(is_there) && context.iter().all(is_meant)
}

#[derive(Debug, Clone)]
enum Step {
    Create {
        who: usize,
        name: Option<usize>,
    },
    Revoke {
        which: usize,
    },
    Retire {
        which: usize,
    },
    /// The next change of a grant fails.
    Fail,
    Restart,
}

const WHO: [&str; 3] = ["ada", "bob", "eve"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..WHO.len(), proptest::option::of(0..2_usize)).prop_map(|(who, name)| Step::Create { who, name }),
        3 => (0..20_usize).prop_map(|which| Step::Revoke { which }),
        2 => (0..20_usize).prop_map(|which| Step::Retire { which }),
        1 => Just(Step::Fail),
        1 => Just(Step::Restart),
    ]
}

/// What is expected: the grants by id, each with its grantee.
type Expected = BTreeMap<GrantId, usize>;

async fn take(
    bench: &mut Bench,
    key: KeyId,
    step: &Step,
    live: &mut Expected,
    named: &mut BTreeMap<(usize, usize), GrantId>,
) {
    match step {
        Step::Create { who, name } => {
            let new = NewGrant {
                name: name.map(|name| format!("name-{name}")),
                ..new_grant(WHO[*who], &[GrantOperation::Encrypt, GrantOperation::RetireGrant])
            };
            if let Ok(made) = bench.admin(CreateGrant::new(key, new).unwrap()).await {
                if let Some(name) = name {
                    let before = named.insert((*who, *name), made.id).filter(|id| live.contains_key(id));
                    assert_eq!(
                        before.unwrap_or(made.id),
                        made.id,
                        "equal names, equal requests, one grant"
                    );
                }
                live.insert(made.id, *who);
            }
        }
        Step::Revoke { which } => {
            if let Some(id) = live.keys().nth(*which).copied() {
                let revoke = RevokeGrant::new(key, &id.to_string()).unwrap();
                if bench.admin(revoke).await.is_ok() {
                    live.remove(&id);
                }
            }
        }
        Step::Retire { which } => {
            if let Some((id, who)) = live.iter().nth(*which).map(|(id, who)| (*id, *who)) {
                let (named, grant) = (key.to_string(), id.to_string());
                let retire = RetireGrant::new(&bench.kms, None, Some(&named), Some(&grant)).unwrap();
                if bench.run(&principal(WHO[who]), retire).await.is_ok() {
                    live.remove(&id);
                }
            }
        }
        Step::Fail => bench.store.fail("grant/", StoreFault::Overloaded),
        Step::Restart => bench.restart(),
    }
}

async fn run(steps: &[Step]) {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let (mut live, mut named) = (Expected::new(), BTreeMap::new());
    for step in steps {
        take(&mut bench, key, step, &mut live, &mut named).await;
        for (number, who) in WHO.into_iter().enumerate() {
            let expected = live.values().any(|grantee| *grantee == number);
            assert_eq!(
                uses(&bench, who, key, &Pairs::new()).await,
                expected,
                "{who} after {step:?}"
            );
        }
    }
    let page = bench
        .admin(ListGrants::new(key, Some(100), None).unwrap())
        .await
        .unwrap();
    let listed: BTreeSet<_> = page.grants.iter().map(|grant| grant.id).collect();
    assert_eq!(listed, BTreeSet::from_iter(live.into_keys()));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whoever_has_a_grant_may_and_nobody_else(steps in proptest::collection::vec(step(), 1..25)) {
        block_on(run(&steps));
    }

    #[test]
    fn a_constrained_grant_never_permits_a_context_that_breaks_it(
        subset in pairs(), equals in pairs(), contexts in proptest::collection::vec(pairs(), 1..20),
    ) {
        block_on(async {
            let bench = Bench::new().await;
            let key = bench.key().await;
            let new = NewGrant {
                encryption_context_subset: subset.clone(),
                encryption_context_equals: equals.clone(),
                ..new_grant("ada", &[GrantOperation::Encrypt])
            };
            bench.admin(CreateGrant::new(key, new).unwrap()).await.unwrap();
            for context in contexts {
                let exactly = equals.is_empty() || (equals.len() == context.len() && holds(&equals, &context) && holds(&context, &equals));
                let expected = holds(&subset, &context) && exactly;
                assert_eq!(uses(&bench, "ada", key, &context).await, expected, "{subset:?} {equals:?} {context:?}");
            }
        });
    }
}
