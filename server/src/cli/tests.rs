use std::fs::{self, OpenOptions};
use std::io::Write as _;

use strongroom_audit::Trail;
use strongroom_base::Clock;

use super::findings;

#[test]
fn an_unfinished_end_of_the_trail_is_mentioned() {
    let directory = tempfile::tempdir().unwrap();
    drop(Trail::open(directory.path(), Clock::System).unwrap());
    let zeros = "0".repeat(64);
    let whole = format!("unbroken: 0 records in 1 files, sequence numbers 0 to 0\nhead digest: {zeros}\n");
    assert_eq!(findings(&strongroom_audit::verify(directory.path()).unwrap()), whole);

    let file = fs::read_dir(directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .unwrap();
    OpenOptions::new()
        .append(true)
        .open(file)
        .unwrap()
        .write_all(b"{\"sequence\":1")
        .unwrap();
    let unfinished = format!("{whole}13 bytes behind the last record are no whole record\n");
    assert_eq!(
        findings(&strongroom_audit::verify(directory.path()).unwrap()),
        unfinished
    );

    drop(Trail::open(directory.path(), Clock::System).unwrap());
    let text = findings(&strongroom_audit::verify(directory.path()).unwrap());
    let moved = format!(
        "an unfinished record, which nobody was answered for, was moved to {}",
        directory.path().display()
    );
    assert!(text.contains(&moved), "{text}");
}
