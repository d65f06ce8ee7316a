use proptest::prelude::*;

use super::{Case, Glob};

/// The definition, without regard to time: a star takes nothing, or one character and then tries again.
fn by_definition(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => {
            by_definition(rest, text) || text.split_first().is_some_and(|(_, left)| by_definition(pattern, left))
        }
        (['?', rest @ ..], [_, left @ ..]) => by_definition(rest, left),
        ([expected, rest @ ..], [found, left @ ..]) => expected == found && by_definition(rest, left),
        ([], _) | (_, []) => false,
    }
}

fn characters(text: &str) -> Vec<char> {
    text.chars().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_096))]

    #[test]
    fn matches_what_the_definition_matches(pattern in "[ab*?é]{0,8}", text in "[abé]{0,10}") {
        let expected = by_definition(&characters(&pattern), &characters(&text));
        prop_assert_eq!(Glob::new(&pattern, Case::Matters).matches(&text), expected);
    }

    #[test]
    fn ignoring_case_is_matching_in_lower_case(pattern in "[aAbB*?]{0,8}", text in "[aAbB]{0,10}") {
        let lower = Glob::new(&pattern.to_lowercase(), Case::Matters).matches(&text.to_lowercase());
        prop_assert_eq!(Glob::new(&pattern, Case::Ignored).matches(&text), lower);
    }

    #[test]
    fn a_text_without_wildcards_matches_itself_alone(text in "[^*?]{0,20}", other in "[^*?]{0,20}") {
        let glob = Glob::new(&text, Case::Matters);
        prop_assert!(glob.matches(&text));
        prop_assert_eq!(glob.matches(&other), text == other);
    }
}

/// Trying every way to split this text among 32 stars would outlast the universe; the test would not end.
#[test]
fn many_stars_do_not_explode() {
    let glob = Glob::new(&format!("{}b", "*a".repeat(32)), Case::Matters);
    assert!(!glob.matches(&"a".repeat(2_000)));
    assert!(glob.matches(&format!("{}b", "a".repeat(2_000))));
}
