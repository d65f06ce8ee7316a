//! `--dry-run` and `--grant-token` of the commands that use keys.

use crate::program::{self, run, stderr, succeed};
use crate::service::Fake;

/// Commands that use a key, with what is on their stdin.
const COMMANDS: [(&[&str], &[u8]); 5] = [
    (&["data-key", "generate", "--key", "alias/demo"], b""),
    (&["data-key", "decrypt"], b"{}|key"),
    (&["re-encrypt", "--destination-key", "alias/demo"], b"{}|key"),
    (&["encrypt", "--key", "alias/demo"], b"text"),
    (&["key", "describe", "alias/demo"], b""),
];

#[test]
fn a_dry_run_that_would_succeed_is_a_success() {
    let fake = Fake::start();
    for (command, input) in &COMMANDS[..4] {
        assert_eq!(
            succeed(&fake, &[*command, &["--dry-run"]].concat(), input),
            "the request would have succeeded; nothing was done\n",
            "{command:?}"
        );
    }
    let json = ["--output", "json", "--dry-run"];
    assert_eq!(
        succeed(&fake, &[COMMANDS[0].0, &json].concat(), b""),
        "{\n  \"dry_run\": true\n}\n"
    );
}

/// A file that is there already stays as it is.
#[test]
fn a_dry_run_writes_no_file() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sealed");
    let command = [
        "encrypt",
        "--key",
        "alias/demo",
        "--dry-run",
        "--out",
        file.to_str().unwrap(),
    ];
    succeed(&fake, &command, b"text");
    assert!(!file.exists());
}

#[test]
fn grant_tokens_go_with_every_use_of_a_key() {
    let fake = Fake::start();
    for (command, input) in COMMANDS {
        let tokens = ["--grant-token", "one", "--grant-token", "two"];
        let output = run(program::command(&fake, &[command, &tokens].concat()), input);
        assert!(output.status.success(), "{command:?}: {}", stderr(&output));
        assert_eq!(
            fake.state.grant_tokens.lock().unwrap().split_off(0),
            ["one", "two"],
            "{command:?}"
        );
    }
}
