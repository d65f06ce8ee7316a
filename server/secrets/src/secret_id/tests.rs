//! Names, ARNs and partial ARNs, and what each may mean.

use super::*;

fn scope() -> Scope {
    Scope::new("aws", "local-1", "000000000000").unwrap()
}

fn readings(text: &str) -> Vec<String> {
    let shown = |reading: Reading| match reading.suffix {
        Some(suffix) => format!("{} ending in {}", reading.name, suffix.as_str()),
        None => reading.name.to_string(),
    };
    SecretId::parse(text)
        .unwrap()
        .readings(&scope())
        .into_iter()
        .map(shown)
        .collect()
}

const PREFIX: &str = "arn:aws:secretsmanager:local-1:000000000000:secret:";

#[test]
fn a_text_is_read_in_every_way_that_it_can_mean() {
    let table: &[(String, &[&str])] = &[
        ("database".to_owned(), &["database"]),
        // A name is a name, whatever it ends like.
        ("database-AbCdEf".to_owned(), &["database-AbCdEf"]),
        (
            format!("{PREFIX}database-AbCdEf"),
            &["database ending in AbCdEf", "database-AbCdEf"],
        ),
        (
            format!("{PREFIX}a/b-AbCdEf-123456"),
            &["a/b-AbCdEf ending in 123456", "a/b-AbCdEf-123456"],
        ),
        (format!("{PREFIX}database"), &["database"]),
        (format!("{PREFIX}data-base1"), &["data-base1"]),
        // Another account's secret is none of ours.
        (
            "arn:aws:secretsmanager:local-1:111111111111:secret:database-AbCdEf".to_owned(),
            &[],
        ),
        (
            "arn:aws:secretsmanager:elsewhere:000000000000:secret:database-AbCdEf".to_owned(),
            &[],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(readings(text), *expected, "{text}");
    }
}

#[test]
fn an_absent_secret_is_decided_on_as_if_it_had_any_suffix() {
    let table = [
        ("database".to_owned(), format!("{PREFIX}database-??????")),
        (format!("{PREFIX}database"), format!("{PREFIX}database-??????")),
        (format!("{PREFIX}database-AbCdEf"), format!("{PREFIX}database-AbCdEf")),
        ("database-AbCdEf".to_owned(), format!("{PREFIX}database-AbCdEf-??????")),
    ];
    for (text, expected) in table {
        assert_eq!(SecretId::parse(&text).unwrap().absent_arn(&scope()).as_str(), expected);
    }
}

#[test]
fn what_names_no_secret_is_refused() {
    let name =
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
    let long = "1 validation error detected: Value at 'secretId' failed to satisfy constraint: Member must have length \
                less than or equal to 2048";
    let short = "1 validation error detected: Value at 'secretId' failed to satisfy constraint: Member must have length \
                 greater than or equal to 1";
    let table = [
        (String::new(), Code::Validation, short.to_owned()),
        ("x".repeat(2_049), Code::Validation, long.to_owned()),
        ("with blank".to_owned(), Code::Validation, name.to_owned()),
        ("schlüssel".to_owned(), Code::Validation, name.to_owned()),
        foreign("arn:aws:kms:local-1:000000000000:key/1"),
        foreign("arn:aws:secretsmanager:local-1:000000000000:secret:"),
        foreign("arn:aws:secretsmanager:local-1:000000000000:thing:database"),
        foreign("arn:aws:secretsmanager:local-1:000000000000:secret:with*star"),
        foreign("arn:aws:secretsmanager:local-1:000000000000:secret:with:colon"),
        foreign("arn:\"\":secretsmanager:local-1:000000000000:secret:database"),
        foreign("arn:aws"),
    ];
    for (text, code, message) in table {
        let fault = SecretId::parse(&text).unwrap_err();
        assert_eq!((fault.code(), fault.message()), (code, message.as_str()), "{text}");
    }
}

fn foreign(text: &str) -> (String, Code, String) {
    (
        text.to_owned(),
        Code::InvalidParameter,
        format!("The SecretId {text} is not the ARN of a secret."),
    )
}
