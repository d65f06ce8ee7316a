use super::super::reference::SecretReference;
use super::*;

const ARN: &str = "arn:aws:secretsmanager:local-1:000000000000:secret:prod/db-AbCdEf";

fn reference(id: &str, key: Option<&str>, stage: Option<&str>, version: Option<&str>) -> Piece<'static> {
    Piece::Reference(Reference::Secret(SecretReference {
        secret_id: id.to_owned(),
        json_key: key.map(str::to_owned),
        version_stage: stage.map(str::to_owned),
        version_id: version.map(str::to_owned),
    }))
}

#[test]
fn references_are_read_as_cloudformation_writes_them() {
    for (body, expected) in [
        ("prod/db", reference("prod/db", None, None, None)),
        ("prod/db:SecretString", reference("prod/db", None, None, None)),
        (
            "prod/db:SecretString:password",
            reference("prod/db", Some("password"), None, None),
        ),
        ("prod/db:SecretString:::", reference("prod/db", None, None, None)),
        ("prod/db::password", reference("prod/db", Some("password"), None, None)),
        (
            "prod/db:SecretString:password:AWSPREVIOUS",
            reference("prod/db", Some("password"), Some("AWSPREVIOUS"), None),
        ),
        (
            "prod/db:SecretString:::v1",
            reference("prod/db", None, None, Some("v1")),
        ),
        (ARN, reference(ARN, None, None, None)),
        (
            &format!("{ARN}:SecretString:password"),
            reference(ARN, Some("password"), None, None),
        ),
    ] {
        let text = format!("{{{{resolve:secretsmanager:{body}}}}}");
        let template = Template::parse(&text).unwrap();
        assert_eq!(template.pieces()[1], expected, "{body}");
    }
}

#[test]
fn what_is_no_reference_stays_as_it_is() {
    for text in ["", "{{ name }}", "{{resolve}}", "}} {{", "{resolve:secretsmanager:x}"] {
        assert_eq!(Template::parse(text).unwrap().pieces(), [Piece::Text(text)]);
    }
    let template = Template::parse("a={{resolve:secretsmanager:x}};b={{resolve:secretsmanager:y}}\n").unwrap();
    assert_eq!(
        template.pieces(),
        [
            Piece::Text("a="),
            reference("x", None, None, None),
            Piece::Text(";b="),
            reference("y", None, None, None),
            Piece::Text("\n"),
        ]
    );
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (body, what) in [
        (
            "{{resolve:secretsmanager:}}",
            "a dynamic reference without the name or ARN of a secret",
        ),
        (
            "{{resolve:secretsmanager}}",
            "a dynamic reference without the name or ARN of a secret",
        ),
        (
            "{{resolve:secretsmanager:db",
            "a dynamic reference without }} at its end",
        ),
        (
            "{{resolve:secretsmanager:{{resolve:secretsmanager:db}}}}",
            "a dynamic reference in another one",
        ),
        (
            "{{resolve:secretsmanager:db:SecretBinary}}",
            "\"SecretBinary\" in a dynamic reference; the only part of a secret that can be referred to is SecretString",
        ),
        (
            "{{resolve:secretsmanager:db:SecretString:k:AWSCURRENT:v1}}",
            "a dynamic reference with a version stage and a version id; give one of them",
        ),
        (
            "{{resolve:secretsmanager:db:SecretString:k:s:v:more}}",
            "a dynamic reference with more parts than SECRET:SecretString:JSON-KEY:STAGE:VERSION-ID",
        ),
        (
            "{{resolve:s3:bucket}}",
            "the service \"s3\" of a dynamic reference is not known; there is secretsmanager",
        ),
    ] {
        let fault = Template::parse(&format!("first line\n  é={body}")).unwrap_err();
        assert_eq!((fault.line, fault.column, fault.what.as_str()), (2, 5, what), "{body}");
    }
}
