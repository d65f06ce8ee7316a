use crate::condition_key::KeyName;
use crate::decide::decide;
use crate::document::PolicyDocument;
use crate::resource_policy::ResourcePolicy;
use crate::testing::{Asked, text, texts};
use crate::value::Values;

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

/// Names of keys are the same whatever their case, those behind the slash too (IAM User Guide, "Condition").
#[test]
fn variables_ignore_the_case_of_their_names() {
    for name in [
        "aws:PrincipalTag/wild",
        "aws:principaltag/Wild",
        "AWS:PRINCIPALTAG/WILD",
    ] {
        assert!(reaches(&format!("alias/${{{name}}}"), &on("alias/*")), "{name}");
    }
    assert!(reaches("alias/${AWS:UserName}", &on("alias/ada")));
}

/// Ada's requests with these values of her tag team, or of Team and team.
fn of_teams(teams: Values<'static>) -> Asked {
    let alias = "alias/blue/1";
    let asked = Asked::new("kms:Decrypt", &format!("arn:aws:kms:r:1:{alias}"));
    let asked = asked.with(KeyName::PrincipalTag, "team", teams);
    asked.with(KeyName::RequestAlias, "", text(alias))
}

/// Whether a document of an Allow of everything but for these statements allows her request.
fn allows(statements: &str, teams: Values<'static>) -> bool {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    decide(&[PolicyDocument::parse(&document).unwrap()], None, &of_teams(teams)).is_allowed()
}

/// Whoever brings a second tag whose name differs by case gets no further than with either of them.
#[test]
fn a_variable_of_several_values_avoids_no_deny_and_earns_no_allow() {
    let one = |value| allows_and_denies(text(value));
    let both = allows_and_denies(texts(&["blue", "red"]));
    assert_eq!(one("blue"), [true, false, false, true, true, false, false, true]);
    assert_eq!(one("red"), [false, true, true, false, false, true, true, false]);
    assert_eq!(both, [false; 8]);
}

/// The request matches the tag's value blue: in Resource, NotResource, a condition and its negation, each in an Allow of its
/// own and in a Deny beside an Allow of everything.
fn allows_and_denies(teams: Values<'static>) -> [bool; 8] {
    let parts = [
        r#""Resource":"arn:aws:kms:r:1:alias/${aws:PrincipalTag/team}/*""#,
        r#""NotResource":"arn:aws:kms:r:1:alias/${aws:principaltag/Team}/*""#,
        r#""Resource":"*","Condition":{"StringLike":{"kms:RequestAlias":"alias/${aws:PrincipalTag/TEAM}/*"}}"#,
        r#""Resource":"*","Condition":{"StringNotLike":{"kms:RequestAlias":"alias/${aws:PrincipalTag/team}/*"}}"#,
    ];
    let statement = |effect: &str, part: &str| format!(r#"{{"Effect":"{effect}","Action":"*",{part}}}"#);
    let mut answers = parts.iter().flat_map(|part| {
        let everything = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let denied = format!("{everything},{}", statement("Deny", part));
        [statement("Allow", part), denied].map(|statements| allows(&statements, teams.clone()))
    });
    std::array::from_fn(|_| answers.next().unwrap())
}

/// A value that could be any does not make the rest of the pattern any: the Deny is of aliases of a team.
#[test]
fn in_doubt_a_deny_keeps_to_the_rest_of_its_pattern() {
    let deny = |rest: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"*","Resource":"arn:aws:kms:r:1:{rest}"}}"#
        )
    };
    let both = || texts(&["blue", "red"]);
    assert!(!allows(&deny("alias/${aws:PrincipalTag/team}/1"), both()));
    assert!(allows(&deny("alias/${aws:PrincipalTag/team}/2"), both()));
}

/// A document of 32 KiB is as long in memory, and not eight times as long.
#[test]
fn text_between_variables_is_one_part() {
    let text = format!("{}${{aws:username}}{}*", "a".repeat(1_000), "b".repeat(1_000));
    let parts = super::parts(&text, super::Wildcards::Yes).unwrap();
    assert_eq!(parts.len(), 4);
    let escaped = super::parts("a${*}b${?}c${$}d", super::Wildcards::Yes).unwrap();
    let whole = super::Part::Piece(crate::glob::Piece::Text("a*b?c$d".into()));
    assert_eq!(escaped, [whole]);
}
