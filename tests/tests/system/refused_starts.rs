//! Mistakes that strongroomd refuses to start with: each message says what is wrong and what to change.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use strongroom_tests::HarnessFault;
use strongroom_tests::daemon::{Daemon, log_tail};
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
    edit(&policy, "\"Effect\"", "\"Conditions\": {}, \"Effect\"");
    let message = installation.command().refusal().unwrap();
    assert_says(
        &message,
        &["developer.json", "\"Conditions\" is not understood by this version"],
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

/// The name of the token's own directory; SoftHSM makes one for each token.
fn token_directory(installation: &Installation) -> String {
    let mut entries = fs::read_dir(installation.token().tokens_directory()).unwrap();
    entries.next().unwrap().unwrap().file_name().into_string().unwrap()
}

/// What a start says of a `sync-directory` that does not hold the token's files.
fn elsewhere(installation: &Installation, directory: &Path, found: &str) -> String {
    let name = token_directory(installation);
    let ending = name.get(name.len() - "-0000-000000000000".len()..).unwrap();
    format!(
        "`sync-directory` in [token] is {}, and the files of the token are not there: looked for *{ending}/token.object in \
         it, and {found}; correct it to the directory that the module keeps its tokens in (`directories.tokendir` in \
         softhsm2.conf), where they must be files (`objectstore.backend = file`)",
        directory.display()
    )
}

/// Else no key would ever be acknowledged, or keys would be acknowledged that a power cut takes.
#[test]
fn a_directory_to_sync_that_does_not_hold_the_token() {
    let (_directory, installation) = prepared();
    installation.start().unwrap().stop().unwrap();
    let configuration = &installation.command().configuration;
    let tokens = installation.token().tokens_directory();
    let unrelated = installation.root().join("unrelated");
    fs::create_dir(&unrelated).unwrap();
    let other = unrelated.join("6e2ba6f1-3fd0-4a53-11f6-aa21cb0ab8c1");
    let line = |directory: &Path| format!("sync-directory = \"{}\"", directory.display());

    edit(configuration, &line(&tokens), &line(Path::new("/nope")));
    let expected = elsewhere(&installation, Path::new("/nope"), "there is no such directory");
    assert_says(&installation.command().refusal().unwrap(), &[&expected]);
    edit(configuration, &line(Path::new("/nope")), &line(&unrelated));
    let expected = elsewhere(&installation, &unrelated, "there is no token");
    assert_says(&installation.command().refusal().unwrap(), &[&expected]);
    fs::create_dir(&other).unwrap();
    fs::write(other.join("token.object"), "").unwrap();
    let found = "there is: 6e2ba6f1-3fd0-4a53-11f6-aa21cb0ab8c1";
    let expected = elsewhere(&installation, &unrelated, found);
    assert_says(&installation.command().refusal().unwrap(), &[&expected]);
    let doctor = Command::new(&installation.command().program)
        .args(["token", "doctor", "--config"])
        .arg(configuration)
        .env(
            installation.token().kind().variable(),
            installation.token().configuration(),
        )
        .output()
        .unwrap();
    assert!(!doctor.status.success());
    let report = String::from_utf8(doctor.stdout).unwrap();
    assert_says(&report, &[&format!("BAD files       {expected}")]);

    edit(configuration, &line(&unrelated), &line(&tokens));
    installation.start().unwrap();
}

/// The token is away, and so are its files: nothing says that the directory is the wrong one.
#[test]
fn a_token_that_is_away_with_its_files_is_waited_for() {
    let (_directory, installation) = prepared();
    installation.start().unwrap().stop().unwrap();
    let tokens = installation.token().tokens_directory();
    let aside = tokens.with_extension("aside");
    fs::rename(&tokens, &aside).unwrap();
    let running = installation.start().unwrap();
    fs::rename(&aside, &tokens).unwrap();
    let opened = || log_tail(&installation.command().log).contains("callers are let in");
    let begun = Instant::now();
    while !opened() {
        assert!(begun.elapsed() < Duration::from_secs(30), "it does not come back");
        thread::sleep(Duration::from_millis(50));
    }
    running.stop().unwrap();
}

#[test]
fn another_scope_than_the_installation_was_founded_for() {
    let (_directory, installation) = prepared();
    installation.start().unwrap().stop().unwrap();
    let configuration = &installation.command().configuration;
    for (from, to, now) in [
        (
            "region = \"local-1\"",
            "region = \"local-2\"",
            "partition aws, region local-2, account 000000000000",
        ),
        (
            "account = \"000000000000\"",
            "account = \"000000000001\"",
            "partition aws, region local-1, account 000000000001",
        ),
        (
            "[scope]",
            "[scope]\npartition = \"aws-x\"",
            "partition aws-x, region local-1, account 000000000000",
        ),
    ] {
        edit(configuration, from, to);
        let expected = format!(
            "This installation was founded for partition aws, region local-1, account 000000000000, and [scope] now says \
             {now}: its secrets could not be opened. Correct [scope], or give the other scope a data-directory and a token \
             of its own."
        );
        assert_says(&installation.command().refusal().unwrap(), &[&expected]);
        edit(configuration, to, from);
    }
    installation.start().unwrap();
}

#[test]
fn a_log_filter_that_cannot_be_read() {
    let (_directory, installation) = prepared();
    let command = installation.command();
    let mut start = Command::new(&command.program);
    start.arg("serve").arg("--config").arg(&command.configuration);
    start.env(command.module_configuration.0, &command.module_configuration.1);
    start.env("STRONGROOM_LOG", "info,strongroom_token=loud");
    let Err(HarnessFault::Daemon { log, .. }) = Daemon::spawn(&mut start, &command.log) else {
        panic!("it started, or was not there");
    };
    let expected = "strongroomd: STRONGROOM_LOG is \"info,strongroom_token=loud\", which is not a filter; write a level (error, warn, info, debug, trace), and target=level for exceptions, as in \
                    info,strongroom_token=debug";
    assert_says(&log, &[expected]);
}

#[test]
fn a_name_that_carries_credentials() {
    let message = refusal_after("names = [\"uri:spiffe://", "names = [\"uri:spiffe://ada:password@");
    assert_says(
        &message,
        &["a principal's name must not carry credentials; without them it reads \"uri:spiffe://"],
    );
    assert!(!message.contains("ada:password"), "{message}");
}
