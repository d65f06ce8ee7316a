use strongroom_base::Scope;
use strongroom_policy::ResourcePolicy;

use super::policy_of;
use crate::managed_key::ManagedKey;

/// The fallback in [`super::KeyPolicies::new`] is never needed.
#[test]
fn the_policies_of_the_services_keys_are_understood() {
    let scope = Scope::new("aws-us-gov", "local-1", "123456789012").unwrap();
    for key in ManagedKey::ALL {
        let text = policy_of(key, &scope);
        assert_eq!(ResourcePolicy::parse(&text).unwrap().as_str(), text);
        let via = format!(r#""kms:ViaService" : "{}.local-1.amazonaws.com""#, key.service_name());
        for part in [r#""AWS" : "arn:aws-us-gov:iam::123456789012:root""#, &via] {
            assert!(text.contains(part), "{text}");
        }
    }
}
