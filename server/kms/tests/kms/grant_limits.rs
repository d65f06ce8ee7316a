//! How many grants a key may have.

use serde::{Deserialize, Serialize};
use strongroom_base::limits::GRANTS_PER_KEY_MAX;
use strongroom_base::{Code, GrantId, KeyId};
use strongroom_kms::GrantRecord;
use strongroom_kms::op::ListGrants;
use strongroom_store::Document;

use crate::bench::{Bench, create_grant, principal, refused, user_arn};
use crate::grants::{USE, encrypt, ids, revoke};

/// The head of a key's grants as the key service writes it.
#[derive(Serialize, Deserialize)]
struct Head {
    count: usize,
}

impl Document for Head {
    const KIND: &'static str = "key-grants";
    const VERSION: u16 = 1;
}

/// A commit takes 512 records.
const AT_ONCE: usize = 500;

/// Writes `number` grants like the one that the key has, as records: through the gate each would take two records of the
/// trail.
async fn fill(bench: &mut Bench, key: KeyId, number: usize) {
    let page = bench.admin(ListGrants::new(key, None, None).unwrap()).await.unwrap();
    let [like] = page.grants.as_slice() else {
        panic!("{} grants", page.grants.len());
    };
    let numbers: Vec<usize> = (0..number).collect();
    for some in numbers.chunks(AT_ONCE) {
        let mut change = bench.records.change();
        for number in some {
            let mut id = [0x5a; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            let mut grant = GrantRecord::clone(like);
            grant.id = GrantId::from_bytes(id);
            change = change.insert(&format!("{key}/{}", grant.id), grant);
        }
        change.commit().await.unwrap();
    }
    let id = key.to_string();
    let before = bench.records.find::<Head>(&id).await.unwrap().unwrap();
    let after = Head { count: 1 + number };
    bench
        .records
        .change()
        .replace(&id, &before, after)
        .commit()
        .await
        .unwrap();
    bench.restart();
}

#[tokio::test]
async fn a_key_with_50_000_grants_gets_no_other_one_until_one_ends() {
    let mut bench = Bench::new().await;
    let key = bench.key().await;
    let first = bench.grant(key, "clerk", &USE).await.id;
    fill(&mut bench, key, GRANTS_PER_KEY_MAX - 1).await;
    assert_eq!(bench.stored("grant").len(), 50_000);
    let one_more = || bench.admin(create_grant(key, "other", &USE));
    let message = "The key has 50000 grants, which is the limit.";
    refused(one_more().await, Code::LimitExceeded, message);
    assert!(bench.run(&principal("clerk"), encrypt(key, &[])).await.is_ok());
    assert!(bench.run(&principal("other"), encrypt(key, &[])).await.is_err());
    revoke(&bench, key, first).await.unwrap();
    let made = one_more().await.unwrap().id;
    refused(one_more().await, Code::LimitExceeded, message);
    assert!(bench.run(&principal("other"), encrypt(key, &[])).await.is_ok());
    let of = ListGrants::new(key, None, None).unwrap().of(Some(&user_arn("other")));
    assert_eq!(ids(&bench.admin(of.unwrap()).await.unwrap()), [made]);
}
