use crate::condition_key::KeyName;
use crate::decide::decide;
use crate::document::PolicyDocument;
use crate::resource_policy::ResourcePolicy;
use crate::testing::{Asked, text};

fn reaches(pattern: &str, asked: &Asked) -> bool {
    let document = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"*","Resource":"arn:aws:kms:r:1:{pattern}"}}}}"#
    );
    decide(&[PolicyDocument::parse(&document).unwrap()], None, asked).is_allowed()
}

fn on(resource: &str) -> Asked {
    Asked::new("kms:Decrypt", &format!("arn:aws:kms:r:1:{resource}"))
        .with(KeyName::Username, "", text("ada"))
        .with(KeyName::PrincipalTag, "wild", text("*"))
}

#[test]
fn variables_in_resources_stand_for_the_callers_own() {
    assert!(reaches("alias/${aws:username}/*", &on("alias/ada/db")));
    assert!(!reaches("alias/${aws:username}/*", &on("alias/eve/db")));
    assert!(reaches("alias/${aws:PrincipalTag/team, 'none'}", &on("alias/none")));
    assert!(
        !reaches("alias/${aws:PrincipalTag/team}*", &on("alias/")),
        "nothing is like a variable without value"
    );
    assert!(reaches("alias/a${*}b${?}c${$}d", &on("alias/a*b?c$d")));
    assert!(!reaches("alias/a${*}b", &on("alias/axb")));
}

/// Whoever may choose a tag would choose `*`.
#[test]
fn a_value_is_never_a_wildcard() {
    assert!(reaches("alias/${aws:PrincipalTag/wild}", &on("alias/*")));
    assert!(!reaches("alias/${aws:PrincipalTag/wild}", &on("alias/anything")));
}

#[test]
fn the_older_language_has_no_variables() {
    let statement =
        r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"arn:aws:kms:r:1:alias/${aws:username}"}"#;
    let refusal = ResourcePolicy::parse(&format!("{{\"Statement\":{statement}}}"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        refusal,
        "policy document line 1 column 71: in \"arn:aws:kms:r:1:alias/${aws:username}\" there is a policy variable, which needs \
         Version \"2012-10-17\""
    );
    assert!(ResourcePolicy::parse(&format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statement}}}")).is_ok());
    let older = format!(
        "{{\"Version\":\"2008-10-17\",\"Statement\":{}}}",
        statement.replace("${aws:username}", "a")
    );
    assert!(ResourcePolicy::parse(&older).is_ok());
}
