//! File sizes, and what each file begins with.

use crate::sources::{self, percentile};

const FILE_LINES_MAX: usize = 500;
const FILE_LINES_MEDIAN_MAX: usize = 120;
const FILE_LINES_P90_MAX: usize = 300;

#[test]
fn files_are_short() {
    let sources = sources::rust();
    let long: Vec<_> = sources
        .iter()
        .map(|source| (source.text.lines().count(), &source.path))
        .filter(|(lines, _)| *lines > FILE_LINES_MAX)
        .collect();
    assert!(
        long.is_empty(),
        "split these files, none may have more than {FILE_LINES_MAX} lines: {long:#?}"
    );
}

#[test]
fn most_files_are_much_shorter() {
    let shipped = sources::rust().into_iter().filter(|source| !source.is_test());
    let lines: Vec<usize> = shipped.map(|source| source.text.lines().count()).collect();
    let (median, p90) = (percentile(lines.clone(), 50), percentile(lines, 90));
    assert!(
        median <= FILE_LINES_MEDIAN_MAX,
        "the median file has {median} lines, more than {FILE_LINES_MEDIAN_MAX}"
    );
    assert!(
        p90 <= FILE_LINES_P90_MAX,
        "one file in ten has {p90} lines, more than {FILE_LINES_P90_MAX}"
    );
}

/// Unit tests beside a module need none: their module's name says it.
#[test]
fn every_file_begins_with_a_sentence_about_itself() {
    let silent: Vec<_> = sources::rust()
        .into_iter()
        .filter(|source| !source.path.ends_with("/tests.rs"))
        .filter(|source| {
            let first = source.text.lines().next().unwrap_or_default();
            first
                .strip_prefix("//! ")
                .is_none_or(|sentence| sentence.split_whitespace().count() < 3)
        })
        .map(|source| source.path)
        .collect();
    assert!(
        silent.is_empty(),
        "begin these files with `//! What this file is.`: {silent:#?}"
    );
}

/// A layer is defined as much by what it must not know.
#[test]
fn every_crate_says_what_it_must_not_know() {
    let mute: Vec<_> = sources::rust()
        .into_iter()
        .filter(|source| source.path.ends_with("src/lib.rs"))
        .filter(|source| {
            let head: Vec<&str> = source.text.lines().map_while(|line| line.strip_prefix("//!")).collect();
            let head = head.join("").to_lowercase();
            let phrases = [
                "must never know",
                "must not know",
                "knows nothing",
                "knows no ",
                "never knows",
                ", never ",
            ];
            !phrases.iter().any(|phrase| head.contains(phrase))
        })
        .map(|source| source.path)
        .collect();
    assert!(
        mute.is_empty(),
        "say in the first comment what the crate must never know: {mute:#?}"
    );
}
