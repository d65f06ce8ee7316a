use super::*;

fn key(number: usize) -> Entry {
    Entry::Key {
        arn: number.to_string(),
    }
}

/// `count` keys, of which the first `checked` were there at the last check.
fn entries(count: usize, checked: usize) -> Entries {
    Entries {
        all: (0..count).map(key).collect(),
        checked,
    }
}

#[test]
fn a_complete_check_looks_for_everything() {
    let entries = entries(2_000, 1_900);
    assert_eq!(entries.choose(Depth::Everything).unwrap(), entries.all);
}

#[test]
fn other_checks_look_for_all_that_is_new_and_a_sample_of_the_rest() {
    let entries = entries(2_000, 1_900);
    let chosen = entries.choose(Depth::Recent).unwrap();
    let (recent, sample) = chosen.split_at(100);
    assert_eq!(recent, &entries.all[1_900..]);
    assert_eq!(sample.len(), SAMPLE);
    assert!(sample.iter().all(|entry| entries.all[..1_900].contains(entry)));
    // The same sample twice would be one in 1,900^500.
    assert_ne!(entries.choose(Depth::Recent).unwrap(), chosen);
}

#[test]
fn what_is_no_more_than_a_sample_is_looked_for_as_a_whole() {
    let entries = entries(SAMPLE + 100, SAMPLE);
    assert_eq!(entries.choose(Depth::Recent).unwrap(), entries.all);
}

#[test]
fn every_tenth_round_and_the_last_are_checked_completely() {
    let complete = |rounds: usize| -> Vec<usize> {
        (1..=rounds)
            .filter(|round| Depth::after_round(*round, rounds) == Depth::Everything)
            .collect()
    };
    assert_eq!(complete(5), [5]);
    assert_eq!(complete(25), [10, 20, 25]);
    assert_eq!(complete(50), [10, 20, 30, 40, 50]);
}
