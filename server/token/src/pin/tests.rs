use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use strongroom_base::InstallationId;
use strongroom_base::limits::PIN_FILE_BYTES_MAX;
use strongroom_material::{Material, Pin};

use super::{Latch, read};
use crate::fake::FakeToken;
use crate::fault::TokenFault;
use crate::settings::TokenSettings;

fn file(directory: &Path, content: &[u8], mode: u32) -> PathBuf {
    let path = directory.join("pin");
    let _ = fs::remove_file(&path);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn refusal(path: &Path) -> String {
    match read(path) {
        Err(TokenFault::PinFile { what, .. }) => what,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("the PIN was taken"),
    }
}

#[test]
fn one_line_break_at_the_end_does_not_count() {
    let directory = tempfile::tempdir().unwrap();
    for (content, pin) in [
        ("1234", "1234"),
        ("1234\n", "1234"),
        ("1234\n\n", "1234\n"),
        (" 1 \n", " 1 "),
    ] {
        let read = read(&file(directory.path(), content.as_bytes(), 0o600)).unwrap();
        assert_eq!(read.reveal_to_token(<[u8]>::to_vec), pin.as_bytes());
    }
    let longest = vec![b'1'; PIN_FILE_BYTES_MAX];
    assert_eq!(
        read(&file(directory.path(), &longest, 0o400)).unwrap().len(),
        PIN_FILE_BYTES_MAX
    );
}

#[test]
fn what_cannot_be_a_pin_file_is_refused_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), b"1234\n", 0o640);
    assert_eq!(
        refusal(&path),
        format!("others may read it (mode 640); run: chmod 600 {}", path.display())
    );
    assert_eq!(refusal(&file(directory.path(), b"\n", 0o600)), "it is empty");
    let long = vec![b'1'; PIN_FILE_BYTES_MAX + 1];
    assert_eq!(
        refusal(&file(directory.path(), &long, 0o600)),
        "it is longer than 4096 bytes"
    );
    assert_eq!(refusal(directory.path()), "it is not a file");
    assert!(refusal(&directory.path().join("none")).contains("No such file"));
}

fn settings(directory: &Path) -> TokenSettings {
    FakeToken::new().settings(directory, InstallationId::random()).unwrap()
}

/// The token refuses this PIN.
fn refuse(latch: &Latch, text: &str) {
    latch.prepare(&pin(text)).unwrap().refused().unwrap();
}

fn pin(text: &str) -> Material<Pin> {
    Material::take(text.as_bytes().to_vec())
}

#[test]
fn the_latch_holds_one_pin_at_one_place() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(directory.path());
    let latch = Latch::of(&settings);
    assert!(!latch.holds(&pin("1234")).unwrap());
    refuse(&latch, "1234");
    assert!(Latch::of(&settings).holds(&pin("1234")).unwrap(), "a restart remembers");
    assert!(!latch.holds(&pin("12345")).unwrap(), "another PIN may be tried");

    let elsewhere = TokenSettings {
        label: "other".to_owned(),
        ..settings.clone()
    };
    assert!(
        !Latch::of(&elsewhere).holds(&pin("1234")).unwrap(),
        "another token may be tried"
    );
    let moved = TokenSettings {
        library: "/other.so".into(),
        ..settings.clone()
    };
    assert!(
        !Latch::of(&moved).holds(&pin("1234")).unwrap(),
        "another library may be tried"
    );

    latch.prepare(&pin("4321")).unwrap().accepted().unwrap();
    assert!(!latch.holds(&pin("1234")).unwrap());
    assert!(fs::read_dir(&settings.state_directory).unwrap().next().is_none());
}

/// The token was away: that says nothing of this PIN, and takes nothing back of another one.
#[test]
fn an_attempt_that_came_to_nothing_leaves_what_was() {
    let directory = tempfile::tempdir().unwrap();
    let latch = Latch::of(&settings(directory.path()));
    refuse(&latch, "1234");
    latch.prepare(&pin("4321")).unwrap().undecided();
    assert!(latch.holds(&pin("1234")).unwrap());
    latch.prepare(&pin("4321")).unwrap().undecided();
    assert!(!latch.holds(&pin("4321")).unwrap());
}

/// What is dropped here is a process that crashes within C_Login.
#[test]
fn a_pin_without_an_answer_is_tried_twice_at_most() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(directory.path());
    let latch = Latch::of(&settings);
    drop(latch.prepare(&pin("1234")).unwrap());
    assert!(!latch.holds(&pin("1234")).unwrap(), "it may be right");
    drop(latch.prepare(&pin("1234")).unwrap());
    assert!(latch.holds(&pin("1234")).unwrap(), "no third time");
    assert!(!latch.holds(&pin("4321")).unwrap(), "another PIN may be tried");

    // The second time the token answers.
    fs::remove_file(latch.path()).unwrap();
    drop(latch.prepare(&pin("1234")).unwrap());
    latch.prepare(&pin("1234")).unwrap().accepted().unwrap();
    assert!(fs::read_dir(&settings.state_directory).unwrap().next().is_none());
    drop(latch.prepare(&pin("1234")).unwrap());
    refuse(&latch, "1234");
    assert!(latch.holds(&pin("1234")).unwrap());
}

/// A crash while it is prepared is before the login.
#[test]
fn a_preparation_that_was_cut_off_does_not_count() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(directory.path());
    let latch = Latch::of(&settings);
    for cut_off in ["", "00ff", "00ff 12"] {
        fs::write(settings.state_directory.join("pin-latch.prepared"), cut_off).unwrap();
        latch.prepare(&pin("1234")).unwrap().undecided();
        assert!(!latch.holds(&pin("1234")).unwrap());
    }
}

#[test]
fn the_latch_does_not_give_the_pin_away_and_holds_when_damaged() {
    let directory = tempfile::tempdir().unwrap();
    let settings = settings(directory.path());
    let latch = Latch::of(&settings);
    refuse(&latch, "1234");
    let first = fs::read_to_string(latch.path()).unwrap();
    refuse(&latch, "1234");
    assert_ne!(fs::read_to_string(latch.path()).unwrap(), first, "salted");
    assert_eq!(fs::metadata(latch.path()).unwrap().permissions().mode() & 0o777, 0o600);
    fs::write(latch.path(), "").unwrap();
    assert!(latch.holds(&pin("anything")).unwrap());
}
