//! Secrets and data keys through the program, with stdout redirected.

use serde_json::{Value, json};
use strongroom::v1::secret_value::Value as Sent;

use crate::answers::PASSWORD;
use crate::program::{command, fail, run, succeed};
use crate::service::Fake;

#[test]
fn a_value_comes_back_byte_for_byte() {
    let fake = Fake::start();
    for value in [&b"hunter2"[..], b"line\n", b"\xff\x00\n", "gr\u{fc}n".as_bytes()] {
        succeed(&fake, &["secret", "put", "demo"], value);
        let output = run(command(&fake, &["secret", "get", "demo"]), b"");
        assert_eq!(output.stdout, value);
    }
    succeed(&fake, &["secret", "create", "other"], b"made");
    assert_eq!(succeed(&fake, &["secret", "get", "other"], b""), "made");
    assert_eq!(succeed(&fake, &["secret", "list"], b"").lines().count(), 3);
}

#[test]
fn text_and_bytes_are_told_apart() {
    let fake = Fake::start();
    let stored = |fake: &Fake| fake.state.secrets.lock().unwrap()["demo"].value.clone().unwrap();
    succeed(&fake, &["secret", "put", "demo"], b"text");
    assert!(matches!(stored(&fake), Sent::String(text) if text == "text"));
    succeed(&fake, &["secret", "put", "demo", "--binary"], b"text");
    assert!(matches!(stored(&fake), Sent::Binary(bytes) if bytes == b"text"));
    succeed(&fake, &["secret", "put", "demo"], b"\xff");
    assert!(matches!(stored(&fake), Sent::Binary(bytes) if bytes == b"\xff"));
}

#[test]
fn json_has_the_value_in_awss_shape() {
    let fake = Fake::start();
    succeed(&fake, &["secret", "put", "demo"], b"say \"hi\"\n");
    let text = succeed(&fake, &["secret", "get", "demo", "--output", "json"], b"");
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({
            "arn": "arn:demo", "created_date": "2023-11-14T22:13:20Z", "name": "demo",
            "secret_string": "say \"hi\"\n", "version_id": "version", "version_stages": ["AWSCURRENT"],
        })
    );
    succeed(&fake, &["secret", "put", "demo"], b"\xff\x00");
    let text = succeed(&fake, &["secret", "get", "demo", "--output", "json"], b"");
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (&json["secret_binary"], &json["secret_string"]),
        (&json!("/wA="), &Value::Null)
    );
}

#[test]
fn a_value_that_is_too_long_is_refused_before_it_is_sent() {
    let fake = Fake::start();
    let text = fail(&fake, &["secret", "put", "demo"], &vec![b'x'; 65_537], 1);
    assert_eq!(
        text,
        "error: stdin has more than 65536 bytes, the most that a secret's value may have\n"
    );
    assert_eq!(fake.methods(), [""; 0]);
    succeed(&fake, &["secret", "put", "demo"], &vec![b'x'; 65_536]);
}

#[test]
fn a_missing_secret_is_explained() {
    let fake = Fake::start();
    let text = fail(&fake, &["secret", "get", "missing"], b"", 4);
    assert!(text.starts_with("error: ResourceNotFoundException: "), "{text}");
    assert!(
        text.ends_with("hint: `strongroom secret list` shows what there is\n"),
        "{text}"
    );
}

#[test]
fn a_data_key_comes_with_its_ciphertext() {
    let fake = Fake::start();
    let plaintext = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=";
    let generate = ["data-key", "generate", "--key", "alias/demo", "--context", "a=b"];
    let table = succeed(&fake, &generate, b"");
    assert!(table.contains(&format!("plaintext        {plaintext}\n")), "{table}");
    assert!(table.contains("ciphertext_blob  "), "{table}");
    let json: Value =
        serde_json::from_str(&succeed(&fake, &[&generate[..], &["--output", "json"]].concat(), b"")).unwrap();
    assert_eq!(json["plaintext"], plaintext);

    let folder = tempfile::tempdir().unwrap();
    let (key, blob) = (folder.path().join("key"), folder.path().join("blob"));
    let files = [
        "--plaintext-out",
        key.to_str().unwrap(),
        "--blob-out",
        blob.to_str().unwrap(),
    ];
    let table = succeed(&fake, &[&generate[..], &files].concat(), b"");
    assert!(!table.contains(plaintext));
    assert_eq!(std::fs::read(key).unwrap(), [0x5a; 32]);
    assert_eq!(
        std::fs::read(blob).unwrap(),
        [b"{\"a\": \"b\"}|", &[0x5a; 32][..]].concat()
    );
}

#[test]
fn random_bytes_and_passwords_are_written_as_asked() {
    let fake = Fake::start();
    let output = run(command(&fake, &["random", "--bytes", "3"]), b"");
    assert_eq!(output.stdout, [0xee; 3]);
    assert_eq!(
        succeed(&fake, &["random", "--bytes", "3", "--encoding", "hex"], b""),
        "eeeeee\n"
    );
    assert_eq!(
        succeed(&fake, &["random", "--bytes", "3", "--encoding", "base64"], b""),
        "7u7u\n"
    );
    assert_eq!(succeed(&fake, &["secret", "password"], b""), PASSWORD);
}

#[test]
fn random_bytes_and_passwords_come_as_json_too() {
    let fake = Fake::start();
    let json = |arguments: &[&str]| -> Value {
        let arguments = [arguments, &["--output", "json"]].concat();
        serde_json::from_str(&succeed(&fake, &arguments, b"")).unwrap()
    };
    assert_eq!(json(&["random", "--bytes", "3"]), json!({ "plaintext": "7u7u" }));
    assert_eq!(json(&["secret", "password"]), json!({ "random_password": PASSWORD }));
    assert_eq!(
        fail(&fake, &["random", "--output", "json", "--encoding", "hex"], b"", 2),
        "error: --output json writes bytes in base64, as AWS does; leave out --encoding\n"
    );
}

#[test]
fn arguments_that_do_not_fit_are_explained() {
    let fake = Fake::start();
    let text = fail(
        &fake,
        &["encrypt", "--key", "k", "--context", "a=1", "--context", "a=2"],
        b"",
        2,
    );
    assert_eq!(text, "error: the context has \"a\" twice; give each name once\n");
    let text = fail(&fake, &["encrypt", "--key", "k", "--context", "novalue"], b"", 2);
    assert!(text.contains("write it as NAME=VALUE"), "{text}");
    let text = fail(&fake, &["secret", "list", "--filter", "colour=red"], b"", 2);
    assert!(
        text.starts_with("error: there is no filter \"colour\"; use name, description"),
        "{text}"
    );
}
