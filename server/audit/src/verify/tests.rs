use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use proptest::prelude::*;
use strongroom_base::limits::AUDIT_RECORD_BYTES_MAX;
use tempfile::TempDir;

use super::{Broken, Damage, Report, VerifyFault, verify};
use crate::fixture::{append_many, open_small};
use crate::folder::{segment_name, segments};

const RECORDS: u64 = 12;

/// The files of a trail of twelve records, about four in each. Written once: every record is synced.
static FILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(append_many(&open_small(directory.path(), 3_800), RECORDS));
    let numbers = segments(directory.path()).unwrap();
    assert!(numbers.len() >= 3);
    let read = |number: u32| fs::read(directory.path().join(segment_name(number))).unwrap();
    numbers.into_iter().map(read).collect()
});

/// A copy of that trail, to be damaged.
fn made() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (number, bytes) in (1..).zip(FILES.iter()) {
        fs::write(directory.path().join(segment_name(number)), bytes).unwrap();
    }
    directory
}

/// Where each record stands: file, line from 1.
fn places(directory: &Path) -> Vec<(PathBuf, u64)> {
    let mut places = Vec::new();
    for number in segments(directory).unwrap() {
        let path = directory.join(segment_name(number));
        let lines = fs::read_to_string(&path).unwrap().lines().count() as u64;
        places.extend((1..=lines).map(|line| (path.clone(), line)));
    }
    places
}

/// Rewrites one file as lists of lines.
fn edit(path: &Path, change: impl FnOnce(&mut Vec<Vec<u8>>)) {
    let bytes = fs::read(path).unwrap();
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    change(&mut lines);
    fs::write(path, lines.concat()).unwrap();
}

fn broken(directory: &Path) -> Broken {
    match verify(directory) {
        Err(VerifyFault::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_trail_in_order_is_reported() {
    let directory = made();
    let report = verify(directory.path()).unwrap();
    let segments = segments(directory.path()).unwrap().len();
    let head_digest = report.head_digest;
    let expected = Report {
        segments,
        records: RECORDS,
        first_sequence: 1,
        last_sequence: RECORDS,
        head_digest,
        unfinished_bytes: 0,
        moved_aside: Vec::new(),
    };
    assert_eq!(report, expected);
}

#[test]
fn no_trail_is_not_a_trail_in_order() {
    let directory = tempfile::tempdir().unwrap();
    let text = verify(directory.path()).unwrap_err().to_string();
    assert_eq!(
        text,
        format!("there is no audit trail in {}", directory.path().display())
    );
    let missing = directory.path().join("missing");
    let text = verify(&missing).unwrap_err().to_string();
    assert!(
        text.starts_with(&format!("cannot read {}: ", missing.display())),
        "{text}"
    );
}

#[test]
fn the_text_names_file_line_record_and_damage() {
    let directory = made();
    let (path, line) = places(directory.path())[5].clone();
    edit(&path, |lines| {
        let text = String::from_utf8(lines[line as usize - 1].clone()).unwrap();
        lines[line as usize - 1] = text.replace("user/developer", "user/d3veloper").into_bytes();
    });
    assert_eq!(
        verify(directory.path()).unwrap_err().to_string(),
        format!(
            "the audit trail is broken: {} line {line}, record 6: it was changed: its digest is not the one that the next \
             record carries",
            path.display()
        )
    );
}

#[test]
fn a_changed_link_is_told_from_a_changed_record() {
    let directory = made();
    let (path, line) = places(directory.path())[6].clone();
    edit(&path, |lines| {
        let link = lines[line as usize - 1].get_mut(40..44).unwrap();
        link.copy_from_slice(if link == b"0000" { b"1111" } else { b"0000" });
    });
    assert_eq!(
        broken(directory.path()),
        Broken {
            file: path,
            line,
            sequence: 7,
            damage: Damage::Unlinked
        }
    );
}

#[test]
fn a_changed_number_is_told_from_a_moved_record() {
    let directory = made();
    let (path, line) = places(directory.path())[4].clone();
    edit(&path, |lines| {
        let text = String::from_utf8(lines[line as usize - 1].clone()).unwrap();
        lines[line as usize - 1] = text.replace(r#""sequence":5,"#, r#""sequence":6,"#).into_bytes();
    });
    assert_eq!(
        broken(directory.path()),
        Broken {
            file: path,
            line,
            sequence: 5,
            damage: Damage::Renumbered(6)
        }
    );
}

#[test]
fn a_line_that_is_too_long_is_found() {
    let directory = made();
    let (path, line) = places(directory.path())[4].clone();
    edit(&path, |lines| {
        lines[line as usize - 1] = vec![b' '; AUDIT_RECORD_BYTES_MAX + 10];
    });
    assert_eq!(
        broken(directory.path()),
        Broken {
            file: path,
            line,
            sequence: 5,
            damage: Damage::TooLong
        }
    );
}

/// The bound of what a chain can show: without the head digest, kept elsewhere, a shorter trail is a trail too.
#[test]
fn records_cut_off_at_the_end_are_shown_by_the_head_digest_alone() {
    let directory = made();
    let whole = verify(directory.path()).unwrap();
    let (path, line) = places(directory.path())[9].clone();
    for number in segments(directory.path()).unwrap() {
        if directory.path().join(segment_name(number)) > path {
            fs::remove_file(directory.path().join(segment_name(number))).unwrap();
        }
    }
    edit(&path, |lines| lines.truncate(line as usize));
    let cut = verify(directory.path()).unwrap();
    assert_eq!(cut.records, 10);
    assert_ne!(cut.head_digest, whole.head_digest);
}

/// As a process that is just writing, or that was killed, leaves it.
#[test]
fn an_unfinished_last_line_is_reported_and_breaks_nothing() {
    let directory = made();
    let (path, _) = places(directory.path()).pop().unwrap();
    edit(&path, |lines| lines.push(b"{\"sequence\":13".to_vec()));
    let report = verify(directory.path()).unwrap();
    assert_eq!((report.records, report.unfinished_bytes), (RECORDS, 14));
}

#[test]
fn a_missing_file_is_found_wherever_it_was() {
    for missing in [1, 2] {
        let directory = made();
        let path = directory.path().join(segment_name(missing));
        let places = places(directory.path());
        let sequence = places.iter().position(|(file, _)| *file == path).unwrap() as u64 + 1;
        fs::remove_file(&path).unwrap();
        let found = broken(directory.path());
        assert_eq!(
            found,
            Broken {
                file: path,
                line: 1,
                sequence,
                damage: Damage::FileMissing
            }
        );
    }
}

/// One way to damage a trail at record `at` (from 1).
#[derive(Debug, Clone, Copy)]
enum Blow {
    Flip { offset: usize, bit: u8 },
    Remove,
    Duplicate,
    SwapWithNext,
    CutWithin { offset: usize },
}

fn any_blow() -> impl Strategy<Value = Blow> {
    prop_oneof![
        4 => (any::<usize>(), 0_u8..8).prop_map(|(offset, bit)| Blow::Flip { offset, bit }),
        1 => Just(Blow::Remove),
        1 => Just(Blow::Duplicate),
        1 => Just(Blow::SwapWithNext),
        1 => any::<usize>().prop_map(|offset| Blow::CutWithin { offset }),
    ]
}

/// Strikes, and tells which record at which line must be named for it.
fn strike(path: &Path, line: u64, at: u64, blow: Blow) -> (u64, u64) {
    let index = line as usize - 1;
    let mut named = (at, line);
    edit(path, |lines| match blow {
        Blow::Flip { offset, bit } => {
            let length = lines[index].len();
            lines[index][offset % length] ^= 1 << bit;
        }
        Blow::Remove => {
            lines.remove(index);
            // The record that stands there instead may be the first of the next file.
            named = if index < lines.len() { named } else { (at, 1) };
        }
        Blow::Duplicate => {
            lines.insert(index, lines[index].clone());
            named = (at + 1, line + 1);
        }
        Blow::SwapWithNext if index + 1 < lines.len() => lines.swap(index, index + 1),
        Blow::SwapWithNext => {
            lines.swap(index - 1, index);
            named = (at - 1, line - 1);
        }
        Blow::CutWithin { offset } => {
            let length = lines[index].len();
            lines[index].truncate(1 + offset % (length - 2));
            lines.truncate(index + 1);
        }
    });
    named
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever is done to a record that another one follows is found, and named at its place.
    #[test]
    fn damage_is_found_and_named(at in 2_u64..RECORDS, blow in any_blow()) {
        let directory = made();
        let places = places(directory.path());
        let (path, line) = places[at as usize - 1].clone();
        let is_last_file = path == places.last().unwrap().0;
        let named = strike(&path, line, at, blow);
        if matches!(blow, Blow::CutWithin { .. }) && is_last_file {
            // Cut off at the end: nothing shows it but the unfinished line.
            let report = verify(directory.path()).unwrap();
            prop_assert_eq!(report.records, at - 1);
            prop_assert!(report.unfinished_bytes > 0);
        } else {
            let found = broken(directory.path());
            prop_assert_eq!((found.sequence, found.line), named, "{} for {:?} at {}", found, blow, at);
            prop_assert!(found.file == path || (matches!(blow, Blow::Remove) && found.line == 1), "{found} for {blow:?}");
        }
    }

    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(segment_name(1)), &bytes).unwrap();
        if let Ok(report) = verify(directory.path()) {
            prop_assert_eq!((report.records, report.unfinished_bytes), (0, bytes.len() as u64));
        }
    }
}
