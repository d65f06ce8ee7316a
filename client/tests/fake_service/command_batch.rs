//! `strongroom secret batch-get` with stdout redirected.

use std::process::Output;

use serde_json::{Value, json};

use crate::program::{command, fail, run, stderr, succeed};
use crate::service::Fake;

/// A service with these secrets.
fn with(secrets: &[(&str, &[u8])]) -> Fake {
    let fake = Fake::start();
    for (name, value) in secrets {
        succeed(&fake, &["secret", "put", name], value);
    }
    fake
}

fn get(fake: &Fake, arguments: &[&str]) -> Output {
    run(command(fake, &[&["secret", "batch-get"], arguments].concat()), b"")
}

fn parsed(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A value that tries to look like another secret stays on its line.
#[test]
fn each_secret_is_a_paragraph() {
    let fake = with(&[
        ("a", b"hunter2"),
        ("b", b"\xff\x00"),
        ("c", "x\nname  z\x1b[2J\u{202e}y\u{2066}".as_bytes()),
    ]);
    let output = get(&fake, &["c", "b", "a"]);
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "name           c\nversion_id     version\nsecret_string  x\\nname  z\\u{1b}[2J\\u{202e}y\\u{2066}\n\n\
         name           b\nversion_id     version\nsecret_binary  /wA=\n\n\
         name           a\nversion_id     version\nsecret_string  hunter2\n"
    );
    assert_eq!((output.stderr.as_slice(), output.status.code()), (&b""[..], Some(0)));
    assert_eq!(*fake.methods().last().unwrap(), "batch_get_secret_value");
}

#[test]
fn json_has_the_values_and_the_errors_in_awss_shape() {
    let fake = with(&[("a", b"line\n"), ("b", b"\xff")]);
    let output = get(&fake, &["a", "missing", "b", "--output", "json"]);
    let version = |name: &str| {
        json!({
            "arn": format!("arn:{name}"), "created_date": null, "name": name,
            "version_id": "version", "version_stages": ["AWSCURRENT"],
        })
    };
    let (mut a, mut b) = (version("a"), version("b"));
    a["secret_string"] = json!("line\n");
    b["secret_binary"] = json!("/w==");
    assert_eq!(
        parsed(&output),
        json!({
            "errors": [
                { "error_code": "ResourceNotFoundException", "message": "not there", "secret_id": "missing" },
            ],
            "secret_values": [a, b],
        })
    );
    assert_eq!(output.status.code(), Some(1));
}

/// What could be read is printed; what could not is said, and scripts notice.
#[test]
fn secrets_that_cannot_be_read_are_named_and_fail_no_other() {
    let fake = with(&[("a", b"one")]);
    let output = get(&fake, &["x", "a", "y"]);
    assert_eq!(
        String::from_utf8(output.stdout.clone()).unwrap(),
        "name           a\nversion_id     version\nsecret_string  one\n"
    );
    assert_eq!(
        stderr(&output),
        "error: 2 secrets could not be read: x (ResourceNotFoundException: not there); \
         y (ResourceNotFoundException: not there)\nhint: `strongroom secret list` shows what there is\n"
    );
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        fail(&fake, &["secret", "batch-get", "x"], b"", 1),
        "error: 1 secret could not be read: x (ResourceNotFoundException: not there)\n\
         hint: `strongroom secret list` shows what there is\n"
    );
}

#[test]
fn all_pages_of_what_filters_choose_are_read() {
    let names: Vec<String> = (10..55).map(|number| format!("s{number}")).collect();
    let secrets: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"x"[..])).collect();
    let fake = with(&secrets);
    let read = |more: &[&str]| {
        let filter = ["--filter", "name=s", "--output", "json"];
        let before = fake.methods().len();
        let json = parsed(&get(&fake, &[&filter[..], more].concat()));
        let values = json["secret_values"].as_array().unwrap();
        let names = values.iter().map(|value| value["name"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), fake.methods().len() - before)
    };
    assert_eq!(read(&[]), (names.clone(), 3));
    assert_eq!(read(&["--limit", "25"]), (names[..25].to_vec(), 2));
    assert_eq!(read(&["--limit", "20"]), (names[..20].to_vec(), 1));
}

#[test]
fn a_file_may_have_them() {
    let fake = with(&[("a", b"one")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("values");
    let output = get(&fake, &["a", "--out", file.to_str().unwrap()]);
    assert_eq!((output.stdout.as_slice(), output.status.code()), (&b""[..], Some(0)));
    assert_eq!(
        std::fs::read_to_string(file).unwrap(),
        "name           a\nversion_id     version\nsecret_string  one\n"
    );
}

#[test]
fn names_and_filters_exclude_each_other() {
    let fake = with(&[]);
    for (arguments, expected) in [
        (
            &[][..],
            "the following required arguments were not provided:\n  <SECRET|--filter <KEY=VALUE>>\n",
        ),
        (
            &["a", "--filter", "name=a"],
            "'[SECRET]...' cannot be used with '--filter <KEY=VALUE>'",
        ),
        (
            &["a", "--limit", "1"],
            "'[SECRET]...' cannot be used with '--limit <ROWS>'",
        ),
        (
            &["--filter", "colour=red"],
            "there is no filter \"colour\"; use name, description",
        ),
    ] {
        let text = fail(&fake, &[&["secret", "batch-get"], arguments].concat(), b"", 2);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
    assert_eq!(fake.methods(), [""; 0]);
}
