//! Words that do not belong into the project's files.

use crate::sources;

/// What is unfinished or left over from debugging.
const UNFINISHED: [&str; 5] = ["todo!", "unimplemented!", "dbg!", "FIXME", "XXX"];
/// Names of the workplace: files are for readers who have only the project.
const WORKPLACE: [&str; 5] = ["/work/", "/tmp/plan", "/tmp/tools", "contract.md", "styles.md"];
/// This file lists the words.
const SELF: &str = "tests/tests/tidy/words.rs";

#[test]
fn nothing_is_unfinished() {
    let found = occurrences(&["rs", "proto"], &UNFINISHED);
    assert!(found.is_empty(), "finish or remove: {found:#?}");
}

#[test]
fn nothing_speaks_of_the_workplace() {
    let mut found = occurrences(&["rs", "proto", "toml", "md", "txt", "json"], &WORKPLACE);
    found.extend(issue_numbers());
    assert!(
        found.is_empty(),
        "a reader of the project cannot follow these: {found:#?}"
    );
}

fn issue_numbers() -> Vec<String> {
    let mut found = Vec::new();
    for source in files(&["rs", "proto", "toml", "md"]) {
        for (index, line) in source.text.lines().enumerate() {
            let lower = line.to_lowercase();
            let after = lower.split("issue ").nth(1).unwrap_or_default().trim_start_matches('#');
            if after.starts_with(|character: char| character.is_ascii_digit()) {
                found.push(format!("{}:{}: {line}", source.path, index + 1));
            }
        }
    }
    found
}

fn occurrences(extensions: &[&str], words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in files(extensions) {
        for (index, line) in source.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{}: {}", source.path, index + 1, line.trim()));
            }
        }
    }
    found
}

fn files(extensions: &[&str]) -> impl Iterator<Item = sources::Source> {
    let files: Vec<_> = extensions
        .iter()
        .flat_map(|extension| sources::with_extension(extension))
        .collect();
    files.into_iter().filter(|source| source.path != SELF)
}
