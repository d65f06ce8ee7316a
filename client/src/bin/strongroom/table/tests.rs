use serde_json::json;

use super::{printable, record, rows};

#[test]
fn columns_are_as_wide_as_their_widest_cell() {
    let keys = [
        json!({ "key_id": "a", "tags": ["x", "y"] }),
        json!({ "key_id": "long id", "tags": [] }),
        json!({}),
    ];
    assert_eq!(
        rows(&["key_id", "tags"], &keys),
        "KEY ID   TAGS\na        x, y\nlong id  -\n-        -\n"
    );
}

#[test]
fn nested_values_get_names_with_dots() {
    let key = json!({ "id": "a", "versions": [{ "used": 7 }], "labels": ["x"], "none": null, "enabled": true });
    let text = record(&key);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "enabled          true",
            "id               a",
            "labels           x",
            "none             -",
            "versions.0.used  7"
        ]
    );
}

#[test]
fn disturbing_characters_are_written_out() {
    assert_eq!(
        printable("a\u{1b}[2Jb\nc\u{9b}d\u{7f}"),
        "a\\u{1b}[2Jb\\nc\\u{9b}d\\u{7f}"
    );
    assert_eq!(
        printable("\u{61c}a\u{200f}b\u{202a}c\u{202e}d\u{2066}e\u{2069}f"),
        "\\u{61c}a\\u{200f}b\\u{202a}c\\u{202e}d\\u{2066}e\\u{2069}f"
    );
    assert_eq!(printable("grün 鍵"), "grün 鍵");
    assert_eq!(rows(&["name"], &[json!({ "name": "a\nb" })]), "NAME\na\\nb\n");
}
