//! Documents that promise something name the test that keeps the promise, and it exists.

use std::collections::BTreeSet;

use crate::sources;

/// In every document. A mention reads `` test: `path/of/file.rs::function` ``, several separated by commas.
#[test]
fn promised_tests_exist() {
    for document in sources::with_extension("md") {
        let mentions = mentions(&document.text);
        let missing: Vec<_> = mentions.iter().filter(|mention| !exists(mention)).collect();
        assert!(
            missing.is_empty(),
            "{} names tests that do not exist: {missing:#?}",
            document.path
        );
    }
    let architecture = mentions(&sources::file("docs/ARCHITECTURE.md").text);
    assert!(
        architecture.len() >= 10,
        "the architecture's invariants name only {} tests",
        architecture.len()
    );
}

/// What stands between backticks and looks like `file.rs::function`.
fn mentions(text: &str) -> BTreeSet<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|quoted| quoted.contains(".rs::"))
        .map(str::to_owned)
        .collect()
}

fn exists(mention: &str) -> bool {
    let Some((path, function)) = mention.split_once("::") else {
        return false;
    };
    let path = strongroom_tests::workspace::root().join(path);
    let Ok(text) = std::fs::read_to_string(path) else {
        return false;
    };
    let signature = format!("fn {function}(");
    let mut attributed = false;
    text.lines().map(str::trim_start).any(|line| {
        let here = line.contains(&signature);
        if line.starts_with("#[") {
            attributed |= line.contains("test");
        } else if !here && !line.starts_with("//") {
            attributed = false;
        }
        attributed && here
    })
}

#[test]
fn mentions_are_found() {
    let text = "A. test: `a/b.rs::c`, `d.rs::e`; and `code` that is none\n";
    assert_eq!(mentions(text).into_iter().collect::<Vec<_>>(), ["a/b.rs::c", "d.rs::e"]);
    assert!(exists("tests/tests/tidy/documents.rs::mentions_are_found"));
    assert!(!exists("tests/tests/tidy/documents.rs::mentions"));
    assert!(!exists("tests/tests/tidy/absent.rs::mentions_are_found"));
}
