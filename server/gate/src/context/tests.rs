//! Grant tokens within the model's bounds.

use strongroom_base::Code;

use super::GrantTokens;

fn refusal(tokens: Vec<String>) -> (Code, String) {
    let fault = GrantTokens::new(tokens).unwrap_err();
    (fault.code(), fault.to_string())
}

#[test]
fn a_request_brings_ten_grant_tokens_at_most() {
    let tokens = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
    assert_eq!(GrantTokens::new(Vec::new()).unwrap().iter().count(), 0);
    let ten = GrantTokens::new(tokens(10)).unwrap();
    assert_eq!(ten.iter().collect::<Vec<_>>(), tokens(10));
    let (code, text) = refusal(tokens(11));
    assert_eq!(code, Code::Validation);
    assert!(
        text.ends_with(
            "Value at 'grantTokens' failed to satisfy constraint: Member must have length less than or equal to 10"
        ),
        "{text}"
    );
}

#[test]
fn grant_tokens_have_1_to_8192_characters() {
    let of = |length: usize| vec!["good".to_owned(), "\u{e9}".repeat(length)];
    assert_eq!(GrantTokens::new(of(1)).unwrap().iter().count(), 2);
    assert_eq!(GrantTokens::new(of(8_192)).unwrap().iter().count(), 2);
    for length in [0, 8_193] {
        let (code, text) = refusal(of(length));
        assert_eq!(code, Code::Validation);
        assert!(text.contains("[Member must have length less than or equal to 8192, Member must have length greater than or equal to 1]"), "{text}");
    }
}
