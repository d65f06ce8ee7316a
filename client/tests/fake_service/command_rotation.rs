//! `strongroom key rotation` and `strongroom key rotate` with stdout redirected.

use serde_json::{Value, json};
use tonic::Code;

use crate::answers::rotation::KEY_OF_ONE_PAGE;
use crate::answers::{KEY_ARN, KEY_ID};
use crate::program::{fail, succeed};
use crate::service::{Fake, refusal};

fn rotation(fake: &Fake, arguments: &[&str]) -> String {
    succeed(fake, &[&["key", "rotation"], arguments].concat(), b"")
}

fn json_of(fake: &Fake, arguments: &[&str]) -> Value {
    let text = succeed(fake, &[&["key"], arguments, &["--output", "json"]].concat(), b"");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn rotation_is_enabled_with_the_period_that_was_given() {
    let fake = Fake::start();
    assert_eq!(
        rotation(&fake, &["enable", KEY_ARN, "--period", "90"]),
        format!("enabled rotation of {KEY_ARN}; when: strongroom key rotation status {KEY_ARN}\n")
    );
    assert_eq!(*fake.state.rotation_period.lock().unwrap(), Some(90));
    assert_eq!(
        json_of(&fake, &["rotation", "enable", KEY_ID]),
        json!({ "key_id": KEY_ID })
    );
    assert_eq!(
        *fake.state.rotation_period.lock().unwrap(),
        Some(365),
        "the service's default"
    );
    assert_eq!(fake.methods(), ["enable_key_rotation"; 2]);
}

#[test]
fn rotation_is_disabled() {
    let fake = Fake::start();
    rotation(&fake, &["enable", KEY_ID]);
    assert_eq!(
        rotation(&fake, &["disable", KEY_ID]),
        format!("disabled rotation of {KEY_ID}\n")
    );
    assert_eq!(*fake.state.rotation_period.lock().unwrap(), None);
    assert_eq!(
        json_of(&fake, &["rotation", "disable", KEY_ID]),
        json!({ "key_id": KEY_ID })
    );
    assert_eq!(fake.methods()[1..], ["disable_key_rotation"; 2]);
}

#[test]
fn the_status_of_a_key_that_rotates_says_when() {
    let fake = Fake::start();
    rotation(&fake, &["enable", KEY_ID, "--period", "90"]);
    assert_eq!(
        rotation(&fake, &["status", KEY_ID]),
        format!(
            "key_id                         {KEY_ID}\n\
             key_rotation_enabled           true\n\
             next_rotation_date             2024-02-12T22:13:20Z\n\
             on_demand_rotation_start_date  -\n\
             rotation_period_in_days        90\n"
        )
    );
    assert_eq!(
        json_of(&fake, &["rotation", "status", KEY_ID]),
        json!({
            "key_id": KEY_ID, "key_rotation_enabled": true, "next_rotation_date": "2024-02-12T22:13:20Z",
            "on_demand_rotation_start_date": null, "rotation_period_in_days": 90,
        })
    );
}

#[test]
fn the_status_of_a_key_that_does_not_rotate_by_itself_has_no_date() {
    let fake = Fake::start();
    assert_eq!(
        json_of(&fake, &["rotation", "status", KEY_ID]),
        json!({
            "key_id": KEY_ID, "key_rotation_enabled": false, "next_rotation_date": null,
            "on_demand_rotation_start_date": "2023-11-14T22:13:20Z", "rotation_period_in_days": null,
        })
    );
}

#[test]
fn the_list_follows_its_pages() {
    let fake = Fake::start();
    let table = rotation(&fake, &["list", KEY_ID]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2_500);
    assert_eq!(
        lines[..3],
        [
            "ROTATION DATE         ROTATION TYPE  KEY MATERIAL STATE  KEY MATERIAL ID",
            "2023-11-15T22:13:20Z  AUTOMATIC      NON_CURRENT         material-1",
            "2023-11-16T22:13:20Z  ON_DEMAND      NON_CURRENT         material-2",
        ]
    );
    assert_eq!(
        lines[2_499],
        "2030-09-17T22:13:20Z  AUTOMATIC      CURRENT             material-2499"
    );
    assert_eq!(fake.methods(), ["list_key_rotations"; 3]);
}

/// The last page is asked for no more rows than are wanted.
#[test]
fn a_limit_ends_the_list_after_several_pages() {
    let fake = Fake::start();
    let table = rotation(&fake, &["list", KEY_ID, "--limit", "1001"]);
    assert_eq!(table.lines().count(), 1_002);
    assert!(table.ends_with("material-1001\n"), "{}", &table[table.len() - 100..]);
    assert_eq!(fake.methods(), ["list_key_rotations"; 2]);
}

#[test]
fn all_materials_begin_with_the_one_that_no_rotation_made() {
    let fake = Fake::start();
    let row = |number: i32, rotation_type: Value, date: Value| {
        json!({
            "expiration_model": null, "import_state": null, "key_id": KEY_ID, "key_material_description": "",
            "key_material_id": format!("material-{number}"), "key_material_state": "NON_CURRENT",
            "rotation_date": date, "rotation_type": rotation_type, "valid_to": null,
        })
    };
    assert_eq!(
        json_of(&fake, &["rotation", "list", KEY_ID, "--all", "--limit", "2"]),
        json!({ "rotations": [
            row(0, Value::Null, Value::Null),
            row(1, json!("AUTOMATIC"), json!("2023-11-15T22:13:20Z")),
        ] })
    );
    let table = rotation(&fake, &["list", KEY_ID, "--all", "--limit", "1"]);
    assert_eq!(
        table.lines().nth(1),
        Some("-              -              NON_CURRENT         material-0")
    );
}

#[test]
fn a_rotation_on_demand_answers_with_the_id() {
    let fake = Fake::start();
    assert_eq!(
        succeed(&fake, &["key", "rotate", KEY_ARN], b""),
        format!("rotated {KEY_ID}\n")
    );
    assert_eq!(json_of(&fake, &["rotate", KEY_ARN]), json!({ "key_id": KEY_ID }));
    assert_eq!(fake.methods(), ["rotate_key_on_demand"; 2]);
}

#[test]
fn a_key_says_how_often_each_material_may_encrypt() {
    let fake = Fake::start();
    let table = succeed(&fake, &["key", "describe", KEY_ID], b"");
    for (name, number) in [("used", "7"), ("rotation_limit", "2147483648"), ("limit", "4294967296")] {
        let name = format!("key_versions.0.invocations.{name}");
        let line = table.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        assert_eq!(line.map(str::trim), Some(number), "{name}: {table}");
    }
}

#[test]
fn refusals_say_what_to_do_next() {
    let fake = Fake::start();
    assert_eq!(
        fail(&fake, &["key", "rotation", "status", "other"], b"", 4),
        "error: NotFoundException: NotFoundException for a test; check the name, id or ARN against a list (request \
         request-1)\nhint: `strongroom key list` and `strongroom alias list` show what there is\n"
    );
    assert_eq!(
        fail(&fake, &["key", "rotation", "enable", KEY_ID, "--period", "89"], b"", 1),
        "error: ValidationException: ValidationException for a test (request request-1)\n"
    );
    fake.fail(refusal(Code::FailedPrecondition, "DisabledException", None));
    assert_eq!(
        fail(&fake, &["key", "rotation", "disable", KEY_ID], b"", 1),
        "error: DisabledException: DisabledException for a test; enable the key first (request request-1)\n\
         hint: `strongroom key enable KEY` enables a key\n"
    );
    fake.fail(refusal(Code::FailedPrecondition, "KMSInvalidStateException", None));
    assert_eq!(
        fail(&fake, &["key", "rotation", "list", KEY_ID], b"", 1),
        "error: KMSInvalidStateException: KMSInvalidStateException for a test; describe the key to see its state \
         (request request-1)\nhint: `strongroom key describe KEY` shows the key's state\n"
    );
    fake.fail(refusal(Code::ResourceExhausted, "LimitExceededException", None));
    assert_eq!(
        fail(&fake, &["key", "rotate", KEY_ID], b"", 1),
        "error: LimitExceededException: LimitExceededException for a test; make room, or use another key (request \
         request-1)\n"
    );
}

/// The first page is not printed as if it were all.
#[test]
fn a_list_whose_second_page_fails_prints_nothing() {
    let fake = Fake::start();
    assert_eq!(
        fail(&fake, &["key", "rotation", "list", KEY_OF_ONE_PAGE], b"", 1),
        "error: InvalidMarkerException: InvalidMarkerException for a test (request request-1)\n"
    );
    assert_eq!(fake.methods(), ["list_key_rotations"; 2]);
}

/// It may have been done: nothing is repeated, and scripts can tell that it may help to try later.
#[test]
fn a_rotation_on_demand_that_ran_out_of_time_is_not_repeated() {
    let fake = Fake::start();
    fake.fail(refusal(Code::DeadlineExceeded, "DependencyTimeoutException", Some(1)));
    assert_eq!(
        fail(&fake, &["key", "rotate", KEY_ID], b"", 5),
        "error: DependencyTimeoutException: DependencyTimeoutException for a test; look whether it was done before \
         you repeat it (request request-1)\n"
    );
    assert_eq!(fake.methods(), ["rotate_key_on_demand"]);
}

#[test]
fn arguments_are_checked_before_the_service_is_asked() {
    let fake = Fake::start();
    let refused: &[(&[&str], &str)] = &[
        (
            &["enable", KEY_ID, "--period", "often"],
            "error: invalid value 'often' for '--period <DAYS>': invalid digit found in string\n",
        ),
        (
            &["list", KEY_ID, "--limit", "-1"],
            "error: unexpected argument '-1' found\n",
        ),
        (
            &["status"],
            "error: the following required arguments were not provided:\n  <KEY>\n",
        ),
        (
            &[],
            "error: 'strongroom key rotation' requires a subcommand but one was not provided\n",
        ),
    ];
    for (arguments, message) in refused {
        let text = fail(&fake, &[&["key", "rotation"], *arguments].concat(), b"", 2);
        assert!(text.starts_with(message), "{text}");
    }
    assert_eq!(fake.methods(), [""; 0]);
}
