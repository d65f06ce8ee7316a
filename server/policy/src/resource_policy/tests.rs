use super::ResourcePolicy;
use crate::testing::scope;

fn refusal(statement: &str) -> String {
    ResourcePolicy::parse(&format!("{{\"Statement\":\n{statement}}}"))
        .unwrap_err()
        .to_string()
}

#[test]
fn the_default_policy_is_what_its_text_says() {
    let policy = ResourcePolicy::default_of_keys(&scope());
    let parsed = ResourcePolicy::parse(policy.as_str()).unwrap();
    assert_eq!(policy.statements(), parsed.statements());
}

#[test]
fn the_text_is_kept_to_the_letter() {
    let text =
        "{ \"Statement\" : {\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\n\"Resource\":\"*\"} }";
    let policy: ResourcePolicy = text.parse().unwrap();
    assert_eq!(policy.as_str(), text);
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(json, serde_json::to_string(text).unwrap());
    let read: ResourcePolicy = serde_json::from_str(&json).unwrap();
    assert_eq!(read, policy);
    let damaged = serde_json::from_str::<ResourcePolicy>("\"{}\"").unwrap_err();
    assert!(damaged.to_string().contains("Statement is missing"), "{damaged}");
}

#[test]
fn every_statement_says_whom_it_speaks_of() {
    let rest = r#""Action":"kms:*","Resource":"*""#;
    assert_eq!(
        refusal(&format!(r#"{{"Effect":"Allow",{rest}}}"#)),
        "policy document line 2 column 1: Principal (or NotPrincipal) is missing"
    );
    assert_eq!(
        refusal(&format!(r#"{{"Effect":"Allow",{rest},"NotPrincipal":"*"}}"#)),
        "policy document line 2 column 1: NotPrincipal may stand in a Deny only; name those who are allowed"
    );
    assert_eq!(
        refusal(&format!(
            r#"{{"Principal":"*","NotPrincipal":"*","Effect":"Deny",{rest}}}"#
        )),
        "policy document line 2 column 18: a statement has either Principal or NotPrincipal, not both"
    );
}

#[test]
fn principals_that_can_be_nobody_are_refused_where_they_stand() {
    for (principal, column) in [
        (r#""ada""#, 14),
        (r#"{"AWS":"*a"}"#, 21),
        (r#"{"AWS":["*","12345678901"]}"#, 26),
        (r#"{"AWS":"arn:aws:iam::000000000000:user/*"}"#, 21),
        (r#"{"AWS":"arn:aws:iam::000000000000:group/all"}"#, 21),
        (r#"{"AWS":"arn:aws:iam::000000000000:user/"}"#, 21),
        (r#"{"AWS":"arn:aws:iam::*:root"}"#, 21),
        (r#"{"AWS":"arn:aws:iam::000000000000:user/${aws:username}"}"#, 21),
        (r#"{"AWS":"arn:aws:kms:r:000000000000:key/1"}"#, 21),
        (r#"{"Service":"*"}"#, 25),
        (r#"{"Federated":"*"}"#, 27),
    ] {
        let found = refusal(&format!(r#"{{"Principal":{principal}}}"#));
        let place = format!("policy document line 2 column {column}: a principal reads ");
        assert!(found.starts_with(&place), "{principal}: {found}");
    }
    assert_eq!(
        refusal(r#"{"Principal":{"CanonicalUser":"a"}}"#),
        "policy document line 2 column 15: \"CanonicalUser\" is not understood by this version; a principal is of AWS, Service \
         or Federated"
    );
    assert_eq!(
        refusal(r#"{"Principal":{}}"#),
        "policy document line 2 column 14: Principal is empty; name something, or remove the statement"
    );
    assert_eq!(
        refusal(r#"{"Principal":[]}"#),
        "policy document line 2 column 14: Principal must be \"*\" or an object such as {\"AWS\": \
         \"arn:aws:iam::123456789012:user/NAME\"}"
    );
}
