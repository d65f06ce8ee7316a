//! Labels: the documented moves one by one, and what no sequence of moves may break.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use strongroom_base::Code;

use super::*;

fn version(number: usize) -> VersionId {
    format!("version-{number:0>32}").parse().unwrap()
}

fn label(text: &str) -> StagingLabel {
    text.parse().unwrap()
}

fn labels(texts: &[&str]) -> BTreeSet<StagingLabel> {
    texts.iter().map(|text| label(text)).collect()
}

/// A version and the labels that it is put with.
type Put = (usize, &'static [&'static str]);

/// Applies puts.
fn staged(puts: &[Put]) -> Staging {
    puts.iter().fold(Staging::default(), |staging, (number, on)| {
        staging.attach(&version(*number), &labels(on)).unwrap()
    })
}

/// What is where, as `label=version` in the order of the labels.
fn shown(staging: &Staging) -> String {
    let number = |version: &VersionId| {
        version
            .as_str()
            .trim_start_matches("version-")
            .trim_start_matches('0')
            .to_owned()
    };
    let row = |(label, version): (&StagingLabel, &VersionId)| format!("{label}={}", number(version));
    staging.0.iter().map(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn puts_move_labels_as_documented() {
    let current: &'static [&'static str] = &["AWSCURRENT"];
    let table: &[(&[Put], &str)] = &[
        (&[(1, current)], "AWSCURRENT=1"),
        (&[(1, current), (2, current)], "AWSCURRENT=2 AWSPREVIOUS=1"),
        (
            &[(1, current), (2, current), (3, current)],
            "AWSCURRENT=3 AWSPREVIOUS=2",
        ),
        // The first version gets AWSCURRENT whatever it asks for.
        (&[(1, &["AWSPENDING"])], "AWSCURRENT=1 AWSPENDING=1"),
        (&[(1, current), (2, &["AWSPENDING"])], "AWSCURRENT=1 AWSPENDING=2"),
        (
            &[(1, current), (2, &["AWSPENDING"]), (3, &["AWSPENDING"])],
            "AWSCURRENT=1 AWSPENDING=3",
        ),
        (&[(1, &["AWSCURRENT", "blue"]), (2, &["blue"])], "AWSCURRENT=1 blue=2"),
        // AWSPREVIOUS follows AWSCURRENT even if the request puts it elsewhere.
        (
            &[(1, current), (2, &["AWSCURRENT", "AWSPREVIOUS"])],
            "AWSCURRENT=2 AWSPREVIOUS=1",
        ),
        (&[(1, current), (2, &["AWSPREVIOUS"])], "AWSCURRENT=1 AWSPREVIOUS=2"),
    ];
    for (puts, expected) in table {
        assert_eq!(shown(&staged(puts)), *expected, "after {puts:?}");
    }
}

#[test]
fn relocation_moves_and_removes() {
    let before = staged(&[(1, &["AWSCURRENT"]), (2, &["AWSCURRENT"]), (3, &["blue"])]);
    let table = [
        ("AWSCURRENT", Some(2), Some(1), "AWSCURRENT=1 AWSPREVIOUS=2 blue=3"),
        ("AWSCURRENT", Some(2), Some(3), "AWSCURRENT=3 AWSPREVIOUS=2 blue=3"),
        ("AWSCURRENT", None, Some(2), "AWSCURRENT=2 AWSPREVIOUS=1 blue=3"),
        ("AWSPREVIOUS", Some(1), None, "AWSCURRENT=2 blue=3"),
        ("blue", Some(3), Some(1), "AWSCURRENT=2 AWSPREVIOUS=1 blue=1"),
        ("blue", Some(3), None, "AWSCURRENT=2 AWSPREVIOUS=1"),
        ("green", None, Some(1), "AWSCURRENT=2 AWSPREVIOUS=1 blue=3 green=1"),
    ];
    for (moved, from, to, expected) in table {
        let (from, to) = (from.map(version), to.map(version));
        let after = before.relocate(&label(moved), from.as_ref(), to.as_ref()).unwrap();
        assert_eq!(shown(&after), expected, "{moved} from {from:?} to {to:?}");
    }
}

#[test]
fn relocation_refuses_in_awss_words() {
    let before = staged(&[(1, &["AWSCURRENT"]), (2, &["AWSCURRENT"])]);
    let (one, two) = (version(1), version(2));
    let table = [
        (
            "AWSCURRENT",
            None,
            Some(&one),
            format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to \
                 version {two}, so you must explicitly reference that version in RemoveFromVersionId."
            ),
        ),
        (
            "AWSCURRENT",
            Some(&one),
            Some(&one),
            format!("Version stage AWSCURRENT not found in version {one}"),
        ),
        (
            "blue",
            Some(&one),
            None,
            format!("Version stage blue not found in version {one}"),
        ),
        (
            "AWSCURRENT",
            Some(&two),
            None,
            "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."
                .to_owned(),
        ),
    ];
    for (moved, from, to, message) in table {
        let fault = before.relocate(&label(moved), from, to).unwrap_err();
        assert_eq!(
            (fault.code(), fault.message()),
            (Code::InvalidParameter, message.as_str())
        );
    }
}

#[test]
fn a_version_has_twenty_labels_at_most() {
    let names: Vec<String> = (0..20).map(|number| format!("label-{number}")).collect();
    let twenty: BTreeSet<_> = names.iter().map(|name| label(name)).collect();
    let first = Staging::default().attach(&version(1), &twenty).unwrap_err();
    assert_eq!(
        first.code(),
        Code::LimitExceeded,
        "AWSCURRENT would be the twenty-first"
    );
    let full = staged(&[(1, &["AWSCURRENT"])]).attach(&version(2), &twenty).unwrap();
    assert_eq!(full.labels(&version(2)).len(), 20);
    let fault = full.relocate(&label("one-more"), None, Some(&version(2))).unwrap_err();
    let message = "You can attach at most 20 staging labels to one version.";
    assert_eq!((fault.code(), fault.message()), (Code::LimitExceeded, message));
}

#[test]
fn a_secret_has_two_hundred_labels_at_most() {
    let mut staging = Staging::default();
    for number in 0..10 {
        let twenty = (0..20).map(|place| {
            if number == 0 && place == 0 {
                StagingLabel::current()
            } else {
                label(&format!("{number}-{place}"))
            }
        });
        staging = staging.attach(&version(number), &twenty.collect()).unwrap();
    }
    let fault = staging.attach(&version(10), &labels(&["more"])).unwrap_err();
    let message = "You can attach at most 200 staging labels to all versions of one secret together.";
    assert_eq!((fault.code(), fault.message()), (Code::LimitExceeded, message));
}

/// One request that moves labels.
#[derive(Debug, Clone)]
enum Step {
    Put(BTreeSet<StagingLabel>),
    Relocate {
        label: StagingLabel,
        from: Option<usize>,
        to: Option<usize>,
    },
}

fn any_label() -> impl Strategy<Value = StagingLabel> {
    let names = ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"]
        .map(str::to_owned)
        .into_iter();
    let more = (0..20).map(|number| format!("label-{number}"));
    prop::sample::select(names.chain(more).collect::<Vec<_>>()).prop_map(|name| label(&name))
}

fn any_step() -> impl Strategy<Value = Step> {
    let put = prop::collection::btree_set(any_label(), 1..=20).prop_map(Step::Put);
    let number = || prop::option::of(0_usize..6);
    let relocate = (any_label(), number(), number()).prop_map(|(label, from, to)| Step::Relocate { label, from, to });
    prop_oneof![1 => put, 3 => relocate]
}

proptest! {
    #[test]
    fn no_sequence_of_moves_breaks_the_rules(steps in prop::collection::vec(any_step(), 1..40)) {
        let (mut staging, mut made) = (Staging::default(), 0_usize);
        for step in steps {
            let before = staging.clone();
            let moved = match &step {
                Step::Put(labels) => staging.attach(&version(made), labels),
                Step::Relocate { label, from, to } => {
                    // The operation lets versions through that exist.
                    let existing = |number: &Option<usize>| number.filter(|number| *number < made).map(version);
                    let (from, to) = (existing(from), existing(to));
                    if from.is_none() && to.is_none() { continue; }
                    staging.relocate(label, from.as_ref(), to.as_ref())
                }
            };
            if let Ok(after) = moved {
                staging = after;
                made += usize::from(matches!(step, Step::Put(_)));
            }
            let versions = staging.versions();
            let placed: BTreeMap<_, _> = versions.iter().flat_map(|(version, labels)| labels.iter().map(move |label| (label, version))).collect();
            prop_assert_eq!(placed.len(), versions.values().map(Vec::len).sum::<usize>(), "a label is on two versions");
            prop_assert!(versions.values().all(|labels| labels.len() <= STAGING_LABELS_PER_VERSION_MAX));
            prop_assert_eq!(made > 0, staging.holder(&StagingLabel::current()).is_some());
            let current = StagingLabel::current();
            if before.holder(&current).is_some() && before.holder(&current) != staging.holder(&current) {
                prop_assert_eq!(staging.holder(&StagingLabel::previous()), before.holder(&current));
            }
        }
    }
}
