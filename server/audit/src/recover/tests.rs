use std::fs;
use std::path::Path;

use proptest::prelude::*;
use strongroom_base::Clock;
use tempfile::TempDir;

use crate::fault::AuditFault;
use crate::fixture::{append, append_many, open_small};
use crate::folder::segment_name;
use crate::trail::Trail;
use crate::verify::verify;

/// A trail of `count` records in files of about three records each.
fn made(count: u64) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(append_many(&open_small(directory.path(), 3_000), count));
    directory
}

fn last_file(directory: &Path) -> std::path::PathBuf {
    directory.join(segment_name(
        *crate::folder::segments(directory).unwrap().last().unwrap(),
    ))
}

fn append_one(trail: &Trail) -> u64 {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(append(trail)).unwrap().sequence
}

#[test]
fn a_trail_goes_on_where_it_ended() {
    let directory = made(10);
    for expected in 11..15 {
        let trail = open_small(directory.path(), 3_000);
        assert_eq!(trail.status().last_sequence, expected - 1);
        assert_eq!(append_one(&trail), expected);
    }
    let report = verify(directory.path()).unwrap();
    assert_eq!(
        (report.records, report.first_sequence, report.last_sequence),
        (14, 1, 14)
    );
    assert!(report.segments >= 4 && report.moved_aside.is_empty());
}

#[test]
fn a_file_that_was_made_and_not_written_is_gone_on_with() {
    let directory = made(6);
    let next = crate::folder::segments(directory.path()).unwrap().len() as u32 + 1;
    fs::write(directory.path().join(segment_name(next)), b"").unwrap();
    assert_eq!(append_one(&Trail::open(directory.path(), Clock::System).unwrap()), 7);
    assert_eq!(verify(directory.path()).unwrap().records, 7);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Wherever a crash tears the last record, the ones before it stay and nothing is thrown away.
    #[test]
    fn a_torn_record_is_moved_aside(kept in 0.0_f64..1.0, garbage in "[^\n]{0,40}", lines_of_garbage in 0_usize..3) {
        let directory = made(5);
        let file = last_file(directory.path());
        let whole = fs::read(&file).unwrap();
        let start = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let torn_at = start + (((whole.len() - 1 - start) as f64) * kept) as usize;
        let mut torn = whole[start..torn_at].to_vec();
        for _ in 0..lines_of_garbage {
            torn.extend_from_slice(b"\0\0}\n");
        }
        torn.extend_from_slice(garbage.as_bytes());
        fs::write(&file, [&whole[..start], &torn].concat()).unwrap();

        let trail = Trail::open(directory.path(), Clock::System).unwrap();
        let moved_aside = trail.status().moved_aside;
        match &moved_aside {
            None => prop_assert!(torn.is_empty()),
            Some(path) => prop_assert_eq!(&fs::read(path).unwrap(), &torn),
        }
        prop_assert_eq!(append_one(&trail), 5);
        let report = verify(directory.path()).unwrap();
        prop_assert_eq!(report.records, 5);
        prop_assert_eq!(report.moved_aside, Vec::from_iter(moved_aside));
    }
}

#[test]
fn each_torn_end_gets_a_file_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(segment_name(1));
    for counter in 1..=3 {
        let mut bytes = fs::read(&file).unwrap_or_default();
        bytes.extend_from_slice(b"{\"sequence\":");
        fs::write(&file, bytes).unwrap();
        let trail = Trail::open(directory.path(), Clock::System).unwrap();
        let name = format!("audit-00000001.torn-{counter}");
        assert_eq!(trail.status().moved_aside, Some(directory.path().join(name)));
        assert_eq!(append_one(&trail), counter);
    }
    assert_eq!(verify(directory.path()).unwrap().moved_aside.len(), 3);
}

#[test]
fn an_end_that_no_crash_leaves_is_refused() {
    let directory = made(5);
    let file = last_file(directory.path());
    fs::write(&file, "x\n".repeat(8 << 20)).unwrap();
    let fault = Trail::open(directory.path(), Clock::System).err().unwrap();
    assert!(matches!(&fault, AuditFault::Damaged { path, .. } if *path == file));
    let text = fault.to_string();
    assert!(
        text.ends_with(
            "does not end in records; run `strongroomd audit verify`, and move the trail aside to begin a new one"
        ),
        "{text}"
    );
    assert_eq!(fs::read(&file).unwrap().len(), 16 << 20, "nothing is cut off");
}

#[test]
fn a_missing_file_before_an_empty_one_is_refused() {
    let directory = made(5);
    let segments = crate::folder::segments(directory.path()).unwrap().len() as u32;
    fs::write(directory.path().join(segment_name(segments + 2)), b"").unwrap();
    let fault = Trail::open(directory.path(), Clock::System).err().unwrap();
    assert!(
        fault
            .to_string()
            .contains("has no record, and the file before it is missing"),
        "{fault}"
    );
}

#[test]
fn a_finished_file_that_is_torn_is_refused() {
    let directory = made(4);
    let file = last_file(directory.path());
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() - 5]).unwrap();
    let next = crate::folder::segments(directory.path()).unwrap().len() as u32 + 1;
    fs::write(directory.path().join(segment_name(next)), b"").unwrap();
    let fault = Trail::open(directory.path(), Clock::System).err().unwrap();
    assert!(
        fault
            .to_string()
            .contains("does not end in a record, though another file follows"),
        "{fault}"
    );
}
