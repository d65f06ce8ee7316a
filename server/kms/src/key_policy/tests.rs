use strongroom_base::Scope;
use strongroom_policy::ResourcePolicy;

use super::policy_of_secrets;

/// The fallback in [`super::KeyPolicies::new`] is never needed.
#[test]
fn the_policy_of_the_secrets_key_is_understood() {
    let scope = Scope::new("aws-us-gov", "local-1", "123456789012").unwrap();
    let text = policy_of_secrets(&scope);
    assert_eq!(ResourcePolicy::parse(&text).unwrap().as_str(), text);
    assert!(
        text.contains(r#""AWS" : "arn:aws-us-gov:iam::123456789012:root""#),
        "{text}"
    );
}
