use std::cell::RefCell;
use std::collections::BTreeMap;

use strongroom_material::Material;

use super::Plan;
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::record::{Revision, Transaction};
use crate::sealer::Sealer;

fn sealer() -> Sealer {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    sealer
}

fn key(id: &str) -> RecordKey {
    RecordKey::new("key", id).unwrap()
}

fn put(id: &str, body: &str) -> Transaction {
    Transaction {
        puts: vec![(key(id), body.as_bytes().to_vec())],
        ..Transaction::default()
    }
}

fn insert(id: &str, body: &str) -> Transaction {
    Transaction {
        requires: vec![(key(id), None)],
        ..put(id, body)
    }
}

#[test]
fn the_second_insert_of_a_batch_sees_the_first() {
    let sealer = sealer();
    let mut plan = Plan::new(&sealer, Revision(7), |_| Ok(None));
    assert_eq!(plan.add(&insert("a", "first")), Ok(Revision(8)));
    assert_eq!(
        plan.add(&insert("a", "second")),
        Err(StoreFault::Conflict { key: key("a") })
    );
    assert_eq!(
        plan.add(&insert("b", "third")),
        Ok(Revision(9)),
        "a conflict uses no revision up"
    );
    let opened = sealer
        .open(&key("a"), plan.touched[&key("a")].after.as_ref().unwrap(), plan.newest)
        .unwrap();
    assert_eq!((opened.revision, &*opened.body), (Revision(8), &b"first"[..]));
}

#[test]
fn what_was_before_the_batch_is_read_once_and_kept() {
    let sealer = sealer();
    let old = sealer.seal(&key("a"), Revision(3), b"old").unwrap();
    let reads = RefCell::new(Vec::new());
    let mut plan = Plan::new(&sealer, Revision(7), |asked: &RecordKey| {
        reads.borrow_mut().push(asked.clone());
        Ok((*asked == key("a")).then(|| old.clone()))
    });
    plan.add(&put("a", "new")).unwrap();
    plan.add(&Transaction {
        deletes: vec![key("a")],
        ..Transaction::default()
    })
    .unwrap();
    plan.add(&insert("a", "newest")).unwrap();
    let touched = &plan.touched[&key("a")];
    assert_eq!(touched.before.as_ref(), Some(&old));
    assert!(touched.after.is_some());
    let told: Vec<_> = plan
        .changes
        .iter()
        .map(|change| (change.revision, change.deleted))
        .collect();
    assert_eq!(told, [(Revision(8), false), (Revision(9), true), (Revision(10), false)]);
    assert_eq!(reads.into_inner(), [key("a")]);
}

#[test]
fn a_refused_transaction_leaves_nothing_behind() {
    let sealer = sealer();
    let mut plan = Plan::new(&sealer, Revision(7), |_| Ok(None));
    let mut refused = put("a", "x");
    refused.requires.push((key("b"), Some(Revision(1))));
    assert_eq!(plan.add(&refused), Err(StoreFault::Conflict { key: key("b") }));
    assert!(plan.touched.is_empty() && plan.changes.is_empty());
    assert_eq!(plan.newest, Revision(7));
}

#[test]
fn a_read_that_fails_midway_leaves_nothing_behind() {
    let sealer = sealer();
    let mut plan = Plan::new(&sealer, Revision(7), |asked: &RecordKey| {
        if *asked == key("b") {
            Err(StoreFault::failed("disk"))
        } else {
            Ok(None)
        }
    });
    let both = Transaction {
        puts: vec![(key("a"), vec![]), (key("b"), vec![])],
        ..Transaction::default()
    };
    assert_eq!(plan.add(&both), Err(StoreFault::failed("disk")));
    assert!(plan.touched.is_empty() && plan.changes.is_empty());
    assert_eq!(plan.newest, Revision(7));
}

#[test]
fn a_damaged_record_exists_but_has_no_revision() {
    let sealer = sealer();
    let damaged = BTreeMap::from([(key("a"), b"nonsense".to_vec())]);
    let mut plan = Plan::new(&sealer, Revision(7), |asked: &RecordKey| {
        Ok(damaged.get(asked).cloned())
    });
    assert_eq!(plan.add(&insert("a", "x")), Err(StoreFault::Conflict { key: key("a") }));
    let mut replace = put("a", "x");
    replace.requires.push((key("a"), Some(Revision(1))));
    assert!(matches!(plan.add(&replace), Err(StoreFault::RecordDamaged { .. })));
    assert_eq!(
        plan.add(&put("a", "x")),
        Ok(Revision(8)),
        "overwriting it is how it is repaired"
    );
}
