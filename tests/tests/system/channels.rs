//! Conditions on how a request came in: the caller's address, the listener, and whether the connection is encrypted.

use std::fs;
use std::path::Path;

use strongroom_proto::v1;
use strongroom_tests::daemon::configuration::principal_arn;
use strongroom_tests::installation::{Client, Installation};
use tonic::transport::Channel;

use crate::world::{helper, keys, told};

/// Allows `name` everything under this condition, and denies it nothing; or denies it, beside an Allow of everything.
fn write_condition(root: &Path, name: &str, effect: &str, condition: &str) {
    let statement = |effect: &str, condition: &str| {
        format!(r#"{{"Effect":"{effect}","Action":"kms:*","Resource":"*"{condition}}}"#)
    };
    let conditional = statement(effect, &format!(r#","Condition":{condition}"#));
    let statements = match effect {
        "Deny" => format!("{},{conditional}", statement("Allow", "")),
        _ => conditional,
    };
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    fs::write(root.join(format!("{name}.json")), policy).unwrap();
}

/// What a caller is told who lists keys.
async fn lists(channel: &Channel) -> String {
    told(keys(channel).list_keys(v1::ListKeysRequest::default()).await)
}

fn silent(name: &str) -> String {
    format!(
        "PermissionDenied AccessDeniedException: User: {} is not authorized to perform: kms:ListKeys because no \
         identity-based policy allows the kms:ListKeys action",
        principal_arn(name)
    )
}

fn denied(name: &str) -> String {
    format!(
        "PermissionDenied AccessDeniedException: User: {} is not authorized to perform: kms:ListKeys with an explicit deny \
         in an identity-based policy",
        principal_arn(name)
    )
}

const ANSWER: &str = "an answer";

/// Name, effect and condition of each caller's policy.
const CALLERS: [(&str, &str, &str); 9] = [
    ("here", "Allow", r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#),
    (
        "elsewhere",
        "Allow",
        r#"{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]}}"#,
    ),
    ("not-here", "Deny", r#"{"IpAddress":{"aws:SourceIp":"127.0.0.1"}}"#),
    ("inside", "Allow", r#"{"StringEquals":{"aws:SourceVpce":"inside"}}"#),
    ("outside", "Allow", r#"{"StringEquals":{"aws:SourceVpce":"outside"}}"#),
    ("not-inside", "Deny", r#"{"StringEquals":{"aws:SourceVpce":"inside"}}"#),
    ("encrypted", "Allow", r#"{"Bool":{"aws:SecureTransport":"true"}}"#),
    ("open", "Allow", r#"{"Bool":{"aws:SecureTransport":"false"}}"#),
    ("never-open", "Deny", r#"{"Bool":{"aws:SecureTransport":"false"}}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn policies_see_address_listener_and_encryption_of_the_connection() {
    let directory = tempfile::tempdir().unwrap();
    let clients = CALLERS.map(|(name, ..)| -> Client<'static> { (name, &["kms:*"], &["*"]) });
    let installation = Installation::prepare(directory.path(), &clients, helper()).unwrap();
    for (name, effect, condition) in CALLERS {
        write_condition(directory.path(), name, effect, condition);
    }
    let file = &installation.command().configuration;
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains("[grpc]\n"), "{text}");
    fs::write(file, text.replace("[grpc]\n", "[grpc]\nname = \"inside\"\n")).unwrap();
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    for (name, expected) in [
        ("here", ANSWER.to_owned()),
        ("elsewhere", silent("elsewhere")),
        ("not-here", denied("not-here")),
        ("inside", ANSWER.to_owned()),
        ("outside", silent("outside")),
        ("not-inside", denied("not-inside")),
        ("encrypted", ANSWER.to_owned()),
        ("open", silent("open")),
        ("never-open", ANSWER.to_owned()),
    ] {
        let channel = installation.connect(&daemon, name).await.unwrap();
        assert_eq!(lists(&channel).await, expected, "{name}");
    }
}

/// Without TLS there is one caller; each of its policies needs a start of its own. The listener is called `grpc` unless it is
/// given a name.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_tls_is_not_secure() {
    let clerk: Client<'static> = ("clerk", &["kms:*"], &["*"]);
    for (effect, condition, expected) in [
        ("Allow", r#"{"Bool":{"aws:SecureTransport":"true"}}"#, silent("clerk")),
        ("Deny", r#"{"Bool":{"aws:SecureTransport":"false"}}"#, denied("clerk")),
        (
            "Allow",
            r#"{"Bool":{"aws:SecureTransport":"false"},"StringEquals":{"aws:SourceVpce":"grpc"},
            "IpAddress":{"aws:SourceIp":"127.0.0.1/32"}}"#,
            ANSWER.to_owned(),
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let installation = Installation::prepare_plaintext(directory.path(), clerk, helper()).unwrap();
        write_condition(directory.path(), clerk.0, effect, condition);
        let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
        let channel = installation.connect(&daemon, clerk.0).await.unwrap();
        assert_eq!(lists(&channel).await, expected, "{effect} {condition}");
    }
}
