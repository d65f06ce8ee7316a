use super::*;

fn parsed(text: &str) -> ParameterReference {
    ParameterReference::parse(text, &Scope::new("aws", "r-1", "000000000000").unwrap()).unwrap()
}

#[test]
fn references_are_read_and_written_back() {
    for text in [
        "n",
        "/a/b:3",
        "/a/b:label",
        "/aws/reference/secretsmanager/s",
        "/aws/reference/secretsmanager/s:x",
    ] {
        assert_eq!(parsed(text).to_string(), text);
    }
    assert_eq!(parsed("/a:07").selector, Some(Selector::Version(7)));
    assert_eq!(parsed("/a:7x").selector, Some(Selector::Label("7x".to_owned())));
    assert_eq!(
        parsed("arn:aws:ssm:r-1:000000000000:parameter/a/b:3").to_string(),
        "/a/b:3"
    );
    assert_eq!(parsed("arn:aws:ssm:r-1:000000000000:parameter/n").to_string(), "n");
}

#[test]
fn an_arn_of_a_secret_keeps_its_colons() {
    let arn = "arn:aws:secretsmanager:r-1:000000000000:secret:s-AbCdEf";
    let reference = parsed(&format!("/aws/reference/secretsmanager/{arn}"));
    assert_eq!(
        (reference.subject, reference.selector),
        (Subject::Secret(arn.to_owned()), None)
    );
    let reference = parsed(&format!("/aws/reference/secretsmanager/{arn}:AWSPREVIOUS"));
    assert_eq!(reference.selector, Some(Selector::Label("AWSPREVIOUS".to_owned())));
}

#[test]
fn a_foreign_arn_is_none_of_ours_whatever_version_it_means() {
    let arn = "arn:aws:ssm:r-1:111111111111:parameter/n";
    let reference = parsed(&format!("{arn}:3"));
    assert_eq!(reference.subject, Subject::Foreign(arn.parse().unwrap()));
    assert_eq!(reference.selector, Some(Selector::Version(3)));
}
