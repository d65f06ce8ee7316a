use super::*;

fn ranges(key: &str, option: &str, value: &str) -> Option<Vec<String>> {
    let written = vec![(key.to_owned(), Some(option.to_owned()), vec![value.to_owned()])];
    Filter::parse_all(written, List::All).unwrap().first().unwrap().ranges()
}

/// A list reads the part of the store that its filters can choose from.
#[test]
fn names_and_paths_bound_what_is_read() {
    for (key, option, value, expected) in [
        ("Path", "OneLevel", "/a/b", vec!["/a/b:"]),
        ("Path", "Recursive", "/a/b", vec!["/a/b:", "/a/b/"]),
        ("Path", "Recursive", "/", vec![":", "/"]),
        ("Name", "Equals", "/a/b", vec!["/a:b"]),
        ("Name", "BeginsWith", "/a/", vec!["/a:", "/a/"]),
        ("Name", "BeginsWith", "n", vec![":n", "/n"]),
    ] {
        assert_eq!(ranges(key, option, value).unwrap(), expected, "{key} {option} {value}");
    }
    assert_eq!(ranges("Name", "Contains", "/a"), None);
    assert_eq!(ranges("Type", "Equals", "String"), None);
}
