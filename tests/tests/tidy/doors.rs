//! Who may look at secret bytes: the files that open each door of `Material`.

use std::collections::BTreeSet;

use strongroom_tests::golden;

use crate::sources;

/// A new line in the list is a new place where a secret can leak, and somebody should look at it.
#[test]
fn secrets_are_revealed_only_in_listed_files() {
    let mut found = BTreeSet::new();
    for source in sources::rust() {
        if source.is_test() || source.path.starts_with("server/material/") {
            continue;
        }
        for line in source.text.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for door in doors_in(line) {
                found.insert(format!("{door} {}", source.path));
            }
        }
    }
    let found: String = found.into_iter().map(|line| line + "\n").collect();
    golden::check("doors.txt", &found).unwrap_or_else(|fault| panic!("{fault}"));
}

/// The names after `.reveal_to_` in a line: a method call, never a definition.
fn doors_in(line: &str) -> impl Iterator<Item = String> {
    line.split("reveal_to_").skip(1).map(|rest| {
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        format!("reveal_to_{name}")
    })
}

#[test]
fn doors_are_found_in_a_line() {
    let line = "a.reveal_to_token(|x| b.reveal_to_cipher(x)) + Material::reveal_to_wire(c)";
    assert_eq!(
        doors_in(line).collect::<Vec<_>>(),
        ["reveal_to_token", "reveal_to_cipher", "reveal_to_wire"]
    );
}
