use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Mode, Sink, Source};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn an_output_file_appears_when_it_is_complete() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let sink = Sink::create(Some(&path), Mode::Private).unwrap();
    sink.write(b"half").unwrap();
    assert!(!path.exists());
    sink.write(b" and half").unwrap();
    sink.complete().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"half and half");
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn an_output_file_that_is_not_completed_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Sink::create(Some(&folder.path().join("out")), Mode::Private).unwrap();
    sink.write(b"half").unwrap();
    drop(sink);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Plaintext must not inherit the permissions of the file that it replaces.
#[test]
fn a_private_file_replaces_a_public_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let sink = Sink::create(Some(&path), Mode::Private).unwrap();
    assert_eq!(mode(&path), 0o644);
    sink.complete().unwrap();
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn a_source_knows_its_length_and_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in");
    fs::write(&path, "12345").unwrap();
    let source = Source::open(Some(&path)).unwrap();
    assert_eq!(source.length, Some(5));
    assert_eq!(source.read_all(5, "a test").unwrap(), b"12345");
    let fault = Source::open(Some(&path)).unwrap().read_all(4, "a test").unwrap_err();
    assert_eq!(
        fault.to_string(),
        format!(
            "{} has more than 4 bytes, the most that a test may have",
            path.display()
        )
    );
    assert_eq!(fault.exit_status(), 1);
}
