//! Reviewed files in `tests/golden`: tables that a person has read, and that a change of the product must not change
//! unread.

use std::collections::BTreeSet;

use crate::{HarnessFault, workspace};

/// Set, the found text becomes the reviewed one: for whoever has just reviewed it.
const BLESS: &str = "STRONGROOM_BLESS";

/// Compares what was found with the reviewed file `name`.
///
/// # Errors
/// With the lines that differ, or when the file cannot be read or written.
pub fn check(name: &str, found: &str) -> Result<(), HarnessFault> {
    let file = workspace::root().join("tests/golden").join(name);
    if std::env::var_os(BLESS).is_some() {
        return std::fs::write(&file, found).map_err(HarnessFault::file("write", &file));
    }
    let reviewed = std::fs::read_to_string(&file).map_err(HarnessFault::file("read", &file))?;
    if reviewed == found {
        return Ok(());
    }
    let what = format!(
        "{} is not what was reviewed:\n{}",
        file.display(),
        difference(&reviewed, found)
    );
    Err(HarnessFault::refused(
        what,
        format!("review the change, then run the test with {BLESS}=1"),
    ))
}

/// Lines that only one side has; the order alone is a difference that has none.
fn difference(reviewed: &str, found: &str) -> String {
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) = (reviewed.lines().collect(), found.lines().collect());
    let gone = before.difference(&after).map(|line| format!("- {line}\n"));
    let new = after.difference(&before).map(|line| format!("+ {line}\n"));
    gone.chain(new).collect()
}
