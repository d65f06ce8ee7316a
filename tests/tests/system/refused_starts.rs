//! Mistakes that strongroomd refuses to start with: each message says what is wrong and what to change.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use strongroom_tests::installation::{EVERYTHING, Installation};
use tempfile::TempDir;

use crate::world::helper;

fn prepared() -> (TempDir, Installation) {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    (directory, installation)
}

/// Replaces text in a file of the installation.
fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from:?} is not in {text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

/// Edits the configuration, and returns why the service does not start.
fn refusal_after(from: &str, to: &str) -> String {
    let (_directory, installation) = prepared();
    edit(&installation.command().configuration, from, to);
    installation.command().refusal().unwrap()
}

#[track_caller]
fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is missing in: {message}");
    }
}

#[test]
fn an_unknown_field() {
    assert_says(
        &refusal_after("label = ", "colour = \"blue\"\nlabel = "),
        &["strongroomd.toml", "unknown field `colour`"],
    );
}

#[test]
fn an_unknown_version_of_the_configuration() {
    assert_says(
        &refusal_after("version = 1", "version = 2"),
        &["version 2 is not one that this program understands"],
    );
}

#[test]
fn an_unknown_token_label() {
    let message = refusal_after("label = \"strongroom-test\"", "label = \"strongrom\"");
    assert_says(
        &message,
        &[
            "there is no token labelled \"strongrom\"",
            "strongroom-test",
            "correct `label` in [token]",
        ],
    );
}

#[test]
fn a_missing_module() {
    let (_directory, installation) = prepared();
    let library = installation.token().library().display().to_string();
    edit(
        &installation.command().configuration,
        &library,
        "/nowhere/libsofthsm2.so",
    );
    let message = installation.command().refusal().unwrap();
    assert_says(
        &message,
        &[
            "/nowhere/libsofthsm2.so",
            "cannot be loaded",
            "correct `library` in [token]",
        ],
    );
}

#[test]
fn an_unknown_profile() {
    assert_says(
        &refusal_after("profile = \"softhsm2\"", "profile = \"softhsm3\""),
        &["[token]", "softhsm3", "softhsm2"],
    );
}

/// SoftHSM counts no wrong PINs, other tokens lock after three: the second start must not try again.
#[test]
fn a_wrong_pin_is_tried_once_and_not_once_per_restart() {
    let (_directory, installation) = prepared();
    let pin = fs::read(installation.token().pin_file()).unwrap();
    fs::write(installation.token().pin_file(), "not the PIN").unwrap();
    let first = installation.command().refusal().unwrap();
    assert_says(
        &first,
        &[
            "the token refused the PIN of",
            "it is not tried again until the PIN file or [token] changes",
        ],
    );
    let second = installation.command().refusal().unwrap();
    assert_says(
        &second,
        &["the token refused this PIN before, so it was not tried again"],
    );
    assert!(!second.contains("not the PIN"), "the message shows the PIN: {second}");
    fs::write(installation.token().pin_file(), pin).unwrap();
    installation.start().unwrap();
}

#[test]
fn a_pin_file_that_others_can_read() {
    let (_directory, installation) = prepared();
    fs::set_permissions(installation.token().pin_file(), fs::Permissions::from_mode(0o644)).unwrap();
    assert_says(
        &installation.command().refusal().unwrap(),
        &["the PIN file", "cannot be used"],
    );
}

#[test]
fn a_private_key_that_others_can_read() {
    let (_directory, installation) = prepared();
    let key = installation.authority().private_key("server");
    for mode in [0o644, 0o640, 0o602] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let path = key.display();
        let expected =
            format!("the private key {path} cannot be used: others may read it (mode {mode:o}); run: chmod 600 {path}");
        assert_says(&installation.command().refusal().unwrap(), &[&expected]);
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
    installation.start().unwrap();
}

#[test]
fn a_policy_with_something_not_understood() {
    let (_directory, installation) = prepared();
    let policy = installation.root().join("developer.json");
    edit(&policy, "\"Effect\"", "\"Condition\": {}, \"Effect\"");
    let message = installation.command().refusal().unwrap();
    assert_says(
        &message,
        &["developer.json", "\"Condition\" is not understood by this version"],
    );
}

#[test]
fn a_store_that_is_open_already() {
    let (_directory, installation) = prepared();
    let running = installation.start().unwrap();
    assert_says(
        &installation.command().refusal().unwrap(),
        &["is open already", "stop the other strongroomd"],
    );
    running.stop().unwrap();
}

#[test]
fn an_address_that_is_taken() {
    let (_directory, installation) = prepared();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    edit(&installation.command().configuration, "127.0.0.1:0", &taken);
    assert_says(
        &installation.command().refusal().unwrap(),
        &[&format!("cannot listen on {taken}"), "[grpc] listen"],
    );
}

#[test]
fn a_missing_certificate() {
    let (_directory, installation) = prepared();
    fs::remove_file(installation.authority().certificate("server")).unwrap();
    assert_says(
        &installation.command().refusal().unwrap(),
        &["cannot read the certificate", "server.pem"],
    );
}

#[test]
fn a_missing_private_key() {
    let (_directory, installation) = prepared();
    fs::remove_file(installation.authority().private_key("server")).unwrap();
    assert_says(
        &installation.command().refusal().unwrap(),
        &["cannot read the private key", "server.key", "No such file or directory"],
    );
}

#[test]
fn plaintext_on_an_address_that_others_reach() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare_plaintext(directory.path(), EVERYTHING, helper()).unwrap();
    edit(&installation.command().configuration, "127.0.0.1:0", "0.0.0.0:0");
    let message = installation.command().refusal().unwrap();
    assert_says(
        &message,
        &[
            "plaintext-loopback-principal is for loopback addresses alone",
            "0.0.0.0:0",
        ],
    );
}

/// The data of one installation with the token of another: nothing of it could be opened.
#[test]
fn another_installations_token() {
    let (_first_directory, first) = prepared();
    first.start().unwrap().stop().unwrap();
    let (_second_directory, second) = prepared();
    second.start().unwrap().stop().unwrap();
    fs::remove_dir_all(first.data_directory()).unwrap();
    fs::rename(second.data_directory(), first.data_directory()).unwrap();
    assert_says(
        &first.command().refusal().unwrap(),
        &["the token holds objects of installation", "give each its own token"],
    );
}
