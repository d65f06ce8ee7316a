use super::*;

fn entry(name: &str, value: Value) -> Entry {
    Entry {
        name: name.to_owned(),
        value,
    }
}

fn shown(entry: &Entry) -> (String, bool, Vec<u8>) {
    let bytes = entry.value.material().reveal_to_wire(<[u8]>::to_vec);
    (entry.name.clone(), entry.value.is_text(), bytes)
}

#[test]
fn secrets_come_back_as_they_went() {
    let entries = [
        entry("prod/a", Value::text("say \"hi\"\n\u{1F511}".to_owned())),
        entry("prod/b", Value::binary(vec![0, 0xff, b'x'])),
        entry("prod/c", Value::binary(b"text as bytes".to_vec())),
    ];
    let written = write(&entries).unwrap();
    let read = read(&written, "prod/").unwrap();
    assert_eq!(
        read.iter().map(shown).collect::<Vec<_>>(),
        entries.iter().map(shown).collect::<Vec<_>>()
    );
}

#[test]
fn what_is_wrong_is_said_without_the_values() {
    for (text, told) in [
        ("hush", "not an export of secrets (line 1, column 1)"),
        (
            r#"{"version":1,"secrets":[{"name":"p/a","hush":1}]}"#,
            "not an export of secrets (line 1, column 44)",
        ),
        (
            r#"{"version":2,"secrets":[]}"#,
            "an export of version 2; this program reads version 1",
        ),
        (
            r#"{"version":1,"secrets":[{"name":"q/a","secret_string":"hush"}]}"#,
            "the secret \"q/a\" is not under \"p/\"",
        ),
        (
            r#"{"version":1,"secrets":[{"name":"p/a","secret_string":"hush"},{"name":"p/a","secret_string":"hush"}]}"#,
            "the secret \"p/a\" comes twice",
        ),
        (
            r#"{"version":1,"secrets":[{"name":"p/a"}]}"#,
            "the secret \"p/a\" needs secret_string or secret_binary",
        ),
        (
            r#"{"version":1,"secrets":[{"name":"p/a","secret_binary":"hush!"}]}"#,
            "the secret_binary of \"p/a\" is not base64",
        ),
    ] {
        let fault = read(text.as_bytes(), "p/").err().unwrap();
        assert_eq!(fault, told, "{text}");
    }
}
