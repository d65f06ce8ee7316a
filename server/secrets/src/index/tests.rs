//! The orders of the index against sorting by hand.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

fn entry(dates: [i64; 3]) -> Entry {
    Entry {
        uid: Some(SecretUid::random()),
        created: dates[0],
        changed: dates[1],
        accessed: (dates[2] > 0).then_some(Timestamp(dates[2])),
    }
}

fn index(entries: &BTreeMap<String, Entry>) -> Index {
    let index = Index::default();
    let mut orders = Orders::default();
    for (name, entry) in entries {
        // What stood there before leaves nothing.
        orders.put(name, Entry::UNREADABLE);
        orders.put(name, *entry);
    }
    orders.put("gone", entry([1, 2, 3]));
    orders.remove("gone");
    *index.write() = Some(orders);
    index
}

fn by_hand(entries: &BTreeMap<String, Entry>, (by, order): (SortBy, SortOrder), prefix: &str) -> Vec<Rank> {
    let date = |entry: &Entry| match by {
        SortBy::CreatedDate => entry.created,
        SortBy::LastAccessedDate => entry.accessed.map_or(i64::MIN, Timestamp::as_millis),
        SortBy::LastChangedDate => entry.changed,
        SortBy::Name => 0,
    };
    let wanted = entries
        .iter()
        .filter(|(name, _)| by != SortBy::Name || name.starts_with(prefix));
    let mut ranks: Vec<Rank> = wanted
        .map(|(name, entry)| (date(entry), name.as_str().into()))
        .collect();
    ranks.sort();
    if order == SortOrder::Desc {
        ranks.reverse();
    }
    ranks
}

proptest! {
    #[test]
    fn pages_are_what_sorting_by_hand_gives(
        secrets in prop::collection::btree_map("[ab/]{1,4}", prop::array::uniform3(0_i64..4), 0..24),
        prefix in "[ab]{0,2}",
        limit in 1_usize..5,
    ) {
        let entries: BTreeMap<String, Entry> =
            secrets.into_iter().map(|(name, dates)| (name, entry(dates))).collect();
        let index = index(&entries);
        for by in [SortBy::CreatedDate, SortBy::LastAccessedDate, SortBy::LastChangedDate, SortBy::Name] {
            for order in [SortOrder::Asc, SortOrder::Desc] {
                let (mut paged, mut after) = (Vec::new(), None);
                loop {
                    let page = index.after((by, order), &prefix, after.as_ref(), limit);
                    prop_assert!(page.len() <= limit);
                    let Some(last) = page.last() else { break };
                    after = Some(last.clone());
                    paged.extend(page);
                }
                prop_assert_eq!(paged, by_hand(&entries, (by, order), &prefix), "{:?} {:?}", by, order);
            }
        }
    }
}

/// A token of a list with another prefix stands outside of the range.
#[test]
fn places_outside_of_the_prefix_are_no_defect() {
    let entries = ["a/1", "b/1", "b/2", "c/1"].map(|name| (name.to_owned(), entry([0, 0, 0])));
    let index = index(&entries.into());
    let names = |order, after: &str| -> Vec<String> {
        let page = index.after((SortBy::Name, order), "b/", Some(&(0, after.into())), 10);
        page.into_iter().map(|(_, name)| name.to_string()).collect()
    };
    assert_eq!(names(SortOrder::Asc, "a/1"), ["b/1", "b/2"]);
    assert_eq!(names(SortOrder::Asc, "c/1"), [""; 0]);
    assert_eq!(names(SortOrder::Desc, "c/1"), ["b/2", "b/1"]);
    assert_eq!(names(SortOrder::Desc, "a/1"), [""; 0]);
    assert_eq!(names(SortOrder::Asc, "b/2"), [""; 0]);
    assert_eq!(names(SortOrder::Desc, "b/1"), [""; 0]);
}
