//! Condition blocks that are refused, and the place that is named.

use super::document;
use crate::document::PolicyDocument;

fn refusal(condition: &str) -> String {
    PolicyDocument::parse(&document(condition)).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let empty = |name: &str| format!("{name} is empty; name something, or remove the statement");
    let cases = [
        ("{}", 13, empty("Condition")),
        (r#"{"Bool":{}}"#, 21, empty("a condition")),
        (r#"{"Bool":{"aws:SecureTransport":[]}}"#, 44, empty("a condition's value")),
        ("[]", 13, "Condition must be an object".to_owned()),
        (r#"{"Bool":[]}"#, 21, "a condition must be an object".to_owned()),
        (r#"{"Bool":{"aws:SecureTransport":"yes"}}"#, 44, "the operator compares with true or false, not with \"yes\"".to_owned()),
        (
            r#"{"Bool":{"aws:SecureTransport":null}}"#,
            44,
            "a condition's value must be a string, a number, true, false, or a list of those".to_owned(),
        ),
        (r#"{"Bool":{"aws:SecureTransprot":"true"}}"#, 22, "\"aws:SecureTransprot\" names no condition key of aws".to_owned()),
        (r#"{"StringEquals":{"kms:EncryptionContext":"a"}}"#, 30, "\"kms:EncryptionContext\" names no condition key of kms".to_owned()),
        (r#"{"StringEquals":{"strongroom:A":"a"}}"#, 30, "\"strongroom:A\" names no condition key of strongroom".to_owned()),
        (r#"{"StringEquals":{"username":"a"}}"#, 30, "a condition key reads \"service:Name\", not \"username\"".to_owned()),
        (r#"{"StringEquals":{"aws:username":"a","AWS:UserName":"b"}}"#, 49, "\"AWS:UserName\" is there twice; keep one of them".to_owned()),
        (r#"{"StringLike":{"aws:SourceIp":"10.*"}}"#, 28, "StringLike cannot compare what \"aws:SourceIp\" holds".to_owned()),
        (r#"{"NumericLessThan":{"aws:CurrentTime":"1"}}"#, 33, "NumericLessThan cannot compare what \"aws:CurrentTime\" holds".to_owned()),
        (r#"{"StringEquals":{"aws:UserAgent":"${aws:username"}}"#, 46, "in \"${aws:username\" a policy variable lacks its closing brace".to_owned()),
        (
            r#"{"StringEquals":{"aws:UserAgent":"${username}"}}"#,
            46,
            "in \"${username}\" a policy variable reads ${service:Name}, or ${*}, ${?} or ${$} for the character itself".to_owned(),
        ),
        (
            r#"{"StringEquals":{"aws:UserAgent":"${aws:user}"}}"#,
            46,
            "in \"${aws:user}\" a policy variable names no condition key of aws".to_owned(),
        ),
        (
            r#"{"StringEquals":{"aws:UserAgent":"${aws:TagKeys}"}}"#,
            46,
            "in \"${aws:TagKeys}\" a policy variable names a condition key that has several values".to_owned(),
        ),
        (
            r#"{"StringEquals":{"aws:UserAgent":"${aws:username, nobody}"}}"#,
            46,
            "in \"${aws:username, nobody}\" a policy variable's default must be in single quotes: ${aws:username, 'nobody'}".to_owned(),
        ),
        (
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::${aws:PrincipalAccount}:role/a"}}"#,
            44,
            "in \"arn:aws:iam::${aws:PrincipalAccount}:role/a\" a policy variable stands before the fifth colon; it may stand \
             after it only"
                .to_owned(),
        ),
    ];
    for (condition, column, what) in cases {
        assert_eq!(
            refusal(condition),
            format!("policy document line 2 column {column}: {what}"),
            "{condition}"
        );
    }
}

#[test]
fn operators_that_iam_does_not_have_are_refused() {
    for operator in [
        "stringEquals",
        "StringMatches",
        "NullIfExists",
        "ForAnyValue:Null",
        "ForSomeValues:StringEquals",
        "ForAnyValue:",
        "BinaryNotEquals",
        "StringEqualsIfExistsIfExists",
        "",
    ] {
        let found = refusal(&format!(r#"{{"{operator}":{{"aws:UserAgent":"a"}}}}"#));
        let start = format!("policy document line 2 column 14: {operator:?} is no condition operator; ");
        assert!(found.starts_with(&start), "{found}");
    }
}

#[test]
fn values_that_an_operator_cannot_read_are_refused() {
    for (operator, key, values) in [
        (
            "NumericEquals",
            "kms:RotationPeriodInDays",
            &["ninety", "1e3", "", "-", "1.", "NaN", "12345678901234567"][..],
        ),
        (
            "DateEquals",
            "aws:CurrentTime",
            &[
                "today",
                "2026-13-01",
                "2026-02-30",
                "2026-01-01T25:00:00Z",
                "2026-1-1",
                "",
            ],
        ),
        (
            "IpAddress",
            "aws:SourceIp",
            &["10.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/+8", "a", ""],
        ),
        ("ArnLike", "aws:PrincipalArn", &["user/ada", "arn:aws:iam::1", "**", ""]),
        ("BinaryEquals", "aws:UserAgent", &["QUI", "*"]),
        ("Null", "aws:UserAgent", &["True", "1"]),
    ] {
        for value in values {
            let found = refusal(&format!(r#"{{"{operator}":{{"{key}":"{value}"}}}}"#));
            assert!(
                found.contains(": the operator compares with "),
                "{operator} {value}: {found}"
            );
        }
    }
}
