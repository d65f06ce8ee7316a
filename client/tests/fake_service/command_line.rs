//! Tables, JSON, exit statuses and messages.

use std::process::Stdio;

use serde_json::{Value, json};
use tonic::Code;

use crate::answers::{KEY_ARN, KEY_ID};
use crate::program::{bare, command, fail, run, stderr, succeed};
use crate::service::{Fake, refusal};

#[test]
fn lists_follow_their_pages() {
    let fake = Fake::start();
    let table = succeed(&fake, &["key", "list"], b"");
    assert_eq!(table.lines().count(), 2_501);
    assert!(
        table.starts_with("KEY ID    KEY ARN\nkey-0     arn-0\n"),
        "{}",
        &table[..100]
    );
    assert_eq!(fake.methods().len(), 3);

    let json: Value = serde_json::from_str(&succeed(
        &fake,
        &["key", "list", "--limit", "2", "--output", "json"],
        b"",
    ))
    .unwrap();
    assert_eq!(
        json,
        json!({ "keys": [{ "key_id": "key-0", "key_arn": "arn-0" }, { "key_id": "key-1", "key_arn": "arn-1" }] })
    );
}

#[test]
fn json_has_times_in_rfc_3339_and_names_of_states() {
    let fake = Fake::start();
    let text = succeed(&fake, &["--output", "json", "key", "describe", "alias/demo"], b"");
    let key: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(key["arn"], KEY_ARN);
    assert_eq!(key["creation_date"], "2023-11-14T22:13:20Z");
    assert_eq!(key["key_state"], "ENABLED");
    assert_eq!(key["deletion_date"], Value::Null);
    assert_eq!(
        key["key_versions"][0]["invocations"],
        json!({ "limit": 4_294_967_296_u64, "rotation_limit": 2_147_483_648_u64, "used": 7 })
    );
}

#[test]
fn the_last_use_of_a_key_is_shown_if_there_is_one() {
    let fake = Fake::start();
    let show = |key| -> Value {
        let text = succeed(&fake, &["key", "last-usage", key, "--output", "json"], b"");
        serde_json::from_str(&text).unwrap()
    };
    let date = "2023-11-14T22:13:20Z";
    assert_eq!(
        show(KEY_ID),
        json!({
            "cloud_trail_event_id": "event-1", "key_creation_date": date, "key_id": KEY_ID, "kms_request_id": "request-1",
            "operation": "GENERATE_DATA_KEY", "timestamp": date, "tracking_start_date": date,
        })
    );
    let unused = show(KEY_ARN);
    assert_eq!(
        (&unused["operation"], &unused["timestamp"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(unused["tracking_start_date"], date);
}

#[test]
fn an_inspection_names_what_differs() {
    let fake = Fake::start();
    assert_eq!(
        succeed(&fake, &["key", "inspect", KEY_ID], b""),
        "KEY MATERIAL ID  ATTRIBUTE     RECORDED  FOUND     DIFFERS\n\
         abababababab     token serial  serial-1  serial-1  -\n\
         abababababab     CKA_DERIVE    false     false     -\n\
         cdcdcdcdcdcd     token serial  serial-1  serial-1  -\n\
         cdcdcdcdcdcd     CKA_DERIVE    false     true      differs\n"
    );
    let text = succeed(&fake, &["key", "inspect", KEY_ID, "--output", "json"], b"");
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        json["materials"][1],
        json!({
            "differences": ["CKA_DERIVE"], "fault": null, "found": { "CKA_DERIVE": "true" },
            "key_material_id": "cd".repeat(32), "recorded": { "CKA_DERIVE": "false" },
            "recorded_token_serial": "serial-1", "token_serial": "serial-1",
        })
    );
}

#[test]
fn a_description_cannot_move_the_cursor() {
    let fake = Fake::start();
    let text = succeed(&fake, &["key", "describe", "alias/demo"], b"");
    assert!(text.contains("for \\u{1b}[2J tests"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn every_simple_command_makes_its_call() {
    let fake = Fake::start();
    let commands: &[(&[&str], &str)] = &[
        (&["key", "enable", KEY_ID], "enable_key"),
        (&["key", "disable", KEY_ID], "disable_key"),
        (&["key", "update-description", KEY_ID, "new"], "update_key_description"),
        (
            &["key", "schedule-deletion", KEY_ID, "--window", "7"],
            "schedule_key_deletion",
        ),
        (&["key", "cancel-deletion", KEY_ID], "cancel_key_deletion"),
        (&["alias", "create", "alias/demo", KEY_ID], "create_alias"),
        (&["alias", "update", "alias/demo", KEY_ID], "update_alias"),
        (&["alias", "delete", "alias/demo"], "delete_alias"),
        (
            &["data-key", "generate", "--key", "alias/demo", "--without-plaintext"],
            "generate_data_key_without_plaintext",
        ),
        (&["secret", "describe", "demo"], "describe_secret"),
        (&["secret", "versions", "demo"], "list_secret_version_ids"),
        (&["secret", "update", "demo", "--description", "new"], "update_secret"),
        (
            &["secret", "stage", "demo", "BLUE", "--to", "version"],
            "update_secret_version_stage",
        ),
        (&["secret", "delete", "demo", "--recovery-window", "7"], "delete_secret"),
        (&["secret", "restore", "demo"], "restore_secret"),
        (&["secret", "tag", "demo", "team=blue"], "tag_resource"),
        (&["secret", "untag", "demo", "team"], "untag_resource"),
    ];
    for (arguments, method) in commands {
        succeed(&fake, arguments, b"");
        assert_eq!(fake.methods().pop(), Some(*method), "{arguments:?}");
    }
}

#[test]
fn identity_aliases_and_token_are_shown() {
    let fake = Fake::start();
    assert!(succeed(&fake, &["identity"], b"").contains("arn:aws:iam::000000000000:user/developer"));
    assert!(succeed(&fake, &["alias", "list"], b"").contains(&format!("alias/demo  {KEY_ID}  2023-11-14T22:13:20Z")));
    let token: Value = serde_json::from_str(&succeed(&fake, &["token", "--output", "json"], b"")).unwrap();
    assert_eq!(token["health"], "USABLE");
    assert_eq!(
        token["lanes"],
        json!([{ "name": "data", "queue_depth": 3, "queue_limit": 4096 }])
    );
    assert_eq!(token["counters"]["jobs"], 42);
}

#[test]
fn a_key_can_be_named_when_it_is_made() {
    let fake = Fake::start();
    succeed(&fake, &["key", "create", "--alias", "alias/new"], b"");
    assert_eq!(fake.methods(), ["describe_key", "create_key", "create_alias"]);
}

#[test]
fn the_exit_status_tells_what_failed() {
    let fake = Fake::start();
    let denied = fail(&fake, &["key", "describe", "alias/forbidden"], b"", 3);
    assert!(denied.starts_with("error: AccessDeniedException: "), "{denied}");
    assert!(
        denied.contains("hint: `strongroom identity` shows who the service takes you for"),
        "{denied}"
    );
    let missing = fail(&fake, &["key", "describe", "alias/missing"], b"", 4);
    assert!(
        missing.contains("hint: `strongroom key list` and `strongroom alias list` show what there is"),
        "{missing}"
    );
    fake.fail(refusal(Code::FailedPrecondition, "DisabledException", None));
    fail(&fake, &["key", "describe", "alias/demo"], b"", 1);
    fake.fail(refusal(Code::Unavailable, "ServiceUnavailableException", Some(30_000)));
    fail(&fake, &["key", "describe", "alias/demo"], b"", 5);
}

#[test]
fn without_a_configuration_it_says_where_it_looked() {
    let output = run(bare(&["key", "list"]), b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        "error: no configuration: no --config FILE, STRONGROOM_CONFIG is not set, and there is no \
         /nonexistent/.config/strongroom/client.toml; for a service that `cargo dev` runs: --config \
         .strongroom/clients/developer.toml\n"
    );
}

#[test]
fn an_endpoint_with_credentials_is_refused() {
    let output = run(
        bare(&["key", "list", "--endpoint", "https://ada:hunter2@localhost"]),
        b"",
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: the endpoint carries a user name or password; remove them"));
    assert!(!stderr(&output).contains("hunter2"));
}

#[test]
fn a_malformed_configuration_is_named_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("client.toml");
    std::fs::write(&file, "version = 1\nendpoint = 7\n").unwrap();
    let output = run(bare(&["key", "list", "--config", file.to_str().unwrap()]), b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        stderr(&output),
        format!(
            "error: {} is not a client configuration: line 2, column 12: invalid type: integer `7`, expected a string\n",
            file.display()
        )
    );
}

/// An empty list with status 0 would look like one that was found empty.
#[test]
fn a_limit_of_no_rows_is_refused() {
    let fake = Fake::start();
    for arguments in [
        &["key", "list"][..],
        &["key", "rotation", "list", KEY_ID],
        &["alias", "list"],
        &["secret", "list"],
        &["secret", "batch-get", "--filter", "name=a"],
    ] {
        let text = fail(&fake, &[arguments, &["--limit", "0"]].concat(), b"", 2);
        assert_eq!(
            text,
            "error: invalid value '0' for '--limit <ROWS>': write a number, 1 or more\n\nFor more information, try '--help'.\n",
            "{arguments:?}"
        );
    }
    assert_eq!(fake.methods(), [""; 0]);
}

#[test]
fn completions_need_no_configuration() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(bare(&["completions", shell]), b"");
        assert!(output.status.success(), "{shell}: {}", stderr(&output));
        assert!(
            String::from_utf8(output.stdout).unwrap().contains("schedule-deletion"),
            "{shell}"
        );
    }
}

/// As `strongroom key list | head -1`: println! would panic.
#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let fake = Fake::start();
    let mut child = command(&fake, &["key", "list"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(stderr(&output), "");
}
