use strongroom::v1::FilterKey;

use super::{Pair, context, filters, parse};

fn pairs(texts: &[&str]) -> Vec<Pair> {
    texts.iter().map(|text| parse(text).unwrap()).collect()
}

#[test]
fn the_first_equals_sign_separates() {
    let pair = parse("query=a=b").unwrap();
    assert_eq!((pair.name.as_str(), pair.value.as_str()), ("query", "a=b"));
    assert_eq!(parse("empty=").unwrap().value, "");
    for text in ["", "name", "=value"] {
        assert_eq!(parse(text), Err("write it as NAME=VALUE".to_owned()), "{text:?}");
    }
}

#[test]
fn a_context_has_each_name_once() {
    let whole = context(pairs(&["a=1", "b=2"])).unwrap();
    assert_eq!(
        whole,
        [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())].into()
    );
    let fault = context(pairs(&["a=1", "a=1"])).unwrap_err();
    assert_eq!(fault.to_string(), "the context has \"a\" twice; give each name once");
    assert_eq!(fault.exit_status(), 2);
}

#[test]
fn values_of_one_filter_are_gathered() {
    let filters = filters(pairs(&["name=a", "tag-key=team", "name=!b"])).unwrap();
    assert_eq!(filters.len(), 2);
    assert_eq!(
        (filters[0].key(), filters[0].values.as_slice()),
        (FilterKey::Name, &["a".to_owned(), "!b".to_owned()][..])
    );
    assert_eq!(
        (filters[1].key(), filters[1].values.as_slice()),
        (FilterKey::TagKey, &["team".to_owned()][..])
    );
}
