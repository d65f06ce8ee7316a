//! `strongroom key policy` and `strongroom grant`.

use serde_json::{Value, json};
use strongroom::v1;
use tonic::Code;

use crate::answers::grants::DEFAULT_POLICY;
use crate::answers::{KEY_ARN, KEY_ID};
use crate::program::{fail, succeed};
use crate::service::{Fake, refusal};

fn json_of(fake: &Fake, arguments: &[&str]) -> Value {
    let text = succeed(fake, &[arguments, &["--output", "json"]].concat(), b"");
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_policy_comes_back_to_the_letter() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let name = file.to_str().unwrap();
    let get = ["key", "policy", "get", KEY_ID];
    assert_eq!(succeed(&fake, &get, b""), format!("{DEFAULT_POLICY}\n"));
    std::fs::write(&file, "{\r\n\t\"a\": \"ü\"}\n\n").unwrap();
    let put = ["key", "policy", "put", KEY_ARN, "--in", name];
    assert_eq!(succeed(&fake, &put, b""), format!("put the policy of {KEY_ARN}\n"));
    let out = folder.path().join("out.json");
    succeed(&fake, &[&get[..], &["--out", out.to_str().unwrap()]].concat(), b"");
    assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&file).unwrap());
    assert_eq!(
        json_of(&fake, &get),
        json!({ "policy": "{\r\n\t\"a\": \"ü\"}\n\n", "policy_name": "default" })
    );
    assert_eq!(
        succeed(&fake, &["key", "policy", "list", KEY_ID], b""),
        "POLICY NAME\ndefault\n"
    );
}

#[test]
fn a_policy_may_come_from_stdin_and_with_a_new_key() {
    let fake = Fake::start();
    let put = json_of_input(&fake, &["key", "policy", "put", KEY_ID], b"{}");
    assert_eq!(put, json!({ "key_id": KEY_ID }));
    assert_eq!(fake.state.key_policy.lock().unwrap().as_deref(), Some("{}"));
    succeed(&fake, &["key", "create", "--policy", "-"], b"{\"new\":1}");
    assert_eq!(fake.state.key_policy.lock().unwrap().as_deref(), Some("{\"new\":1}"));
}

fn json_of_input(fake: &Fake, arguments: &[&str], input: &[u8]) -> Value {
    let text = succeed(fake, &[arguments, &["--output", "json"]].concat(), input);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_policy_that_locks_out_is_refused_unless_that_is_meant() {
    let fake = Fake::start();
    let put = ["key", "policy", "put", KEY_ID];
    assert_eq!(
        fail(&fake, &put, b"locked out", 1),
        "error: MalformedPolicyDocumentException: MalformedPolicyDocumentException for a test (request request-1)\n"
    );
    let bypass = [&put[..], &["--bypass-policy-lockout-safety-check"]].concat();
    succeed(&fake, &bypass, b"locked out");
}

#[test]
fn what_can_be_no_policy_is_not_sent() {
    let fake = Fake::start();
    let put = ["key", "policy", "put", KEY_ID];
    assert_eq!(fail(&fake, &put, &[0xff], 2), "error: stdin is not text in UTF-8\n");
    assert_eq!(
        fail(&fake, &put, &[b' '; 32_769], 1),
        "error: stdin has more than 32768 bytes, the most that a key policy may have\n"
    );
    assert_eq!(fake.methods(), [""; 0]);
}

#[test]
fn a_grant_is_asked_for_in_full() {
    let fake = Fake::start();
    let create = [
        "grant",
        "create",
        KEY_ID,
        "--grantee",
        "arn:clerk",
        "--operation",
        "decrypt,GenerateDataKey",
        "--operation",
        "ReEncryptTo",
        "--retiring",
        "arn:boss",
        "--context-subset",
        "tenant=7",
        "--context-subset",
        "a=b=c",
        "--context-equals",
        "x=",
        "--name",
        "once",
        "--grant-token",
        "first",
    ];
    assert_eq!(
        json_of(&fake, &create),
        json!({ "grant_id": "ab".repeat(32), "grant_token": "token" })
    );
    let pairs = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        owned.collect()
    };
    let expected = v1::CreateGrantRequest {
        key_id: KEY_ID.to_owned(),
        grantee_principal: "arn:clerk".to_owned(),
        retiring_principal: Some("arn:boss".to_owned()),
        operations: vec![
            v1::GrantOperation::Decrypt.into(),
            v1::GrantOperation::GenerateDataKey.into(),
            v1::GrantOperation::ReEncryptTo.into(),
        ],
        constraints: Some(v1::GrantConstraints {
            encryption_context_subset: pairs(&[("tenant", "7"), ("a", "b=c")]),
            encryption_context_equals: pairs(&[("x", "")]),
        }),
        name: Some("once".to_owned()),
        grant_tokens: vec!["first".to_owned()],
        dry_run: false,
    };
    assert_eq!(*fake.state.grants_asked.lock().unwrap(), [expected]);
}

#[test]
fn an_operation_that_no_grant_permits_is_refused_with_those_that_one_may() {
    let fake = Fake::start();
    let create = [
        "grant",
        "create",
        KEY_ID,
        "--grantee",
        "arn:clerk",
        "--operation",
        "PutKeyPolicy",
    ];
    let text = fail(&fake, &create, b"", 2);
    let expected = "error: invalid value 'PutKeyPolicy' for '--operation <OPERATION>': a grant may permit Decrypt, Encrypt, \
                    GenerateDataKey, GenerateDataKeyWithoutPlaintext, ReEncryptFrom, ReEncryptTo, Sign, Verify, \
                    GetPublicKey, CreateGrant, RetireGrant, DescribeKey, GenerateDataKeyPair, \
                    GenerateDataKeyPairWithoutPlaintext, GenerateMac, VerifyMac, DeriveSharedSecret, Encapsulate, \
                    Decapsulate\n";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!(fake.methods(), [""; 0]);
}

#[test]
fn lists_go_through_every_page() {
    let fake = Fake::start();
    let table = succeed(&fake, &["grant", "list", KEY_ID], b"");
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 251);
    assert_eq!(
        lines[..3],
        [
            "GRANT ID   GRANTEE PRINCIPAL  OPERATIONS                                CONSTRAINTS",
            "grant-0    arn:clerk          Decrypt, GenerateDataKeyWithoutPlaintext  encryption_context_equals=-, \
             encryption_context_subset=tenant=7",
            "grant-1    arn:clerk          Decrypt, GenerateDataKeyWithoutPlaintext  -",
        ]
    );
    assert_eq!(fake.methods(), ["list_grants"; 3]);
    let retirable = json_of(&fake, &["grant", "list-retirable", "arn:boss", "--limit", "101"]);
    assert_eq!(retirable["grants"].as_array().unwrap().len(), 101);
    let one = json_of(
        &fake,
        &["grant", "list", KEY_ID, "--grantee", "arn:other", "--limit", "2"],
    );
    assert_eq!(
        one["grants"][1],
        json!({
            "constraints": null, "creation_date": "2023-11-14T22:13:20Z", "grant_id": "grant-1",
            "grantee_principal": "arn:other", "issuing_account": "arn:aws:iam::000000000000:root", "key_id": KEY_ARN,
            "name": null, "operations": ["Decrypt", "GenerateDataKeyWithoutPlaintext"], "retiring_principal": null,
        })
    );
}

#[test]
fn a_grant_is_retired_by_token_or_by_key_and_id() {
    let fake = Fake::start();
    assert_eq!(
        succeed(&fake, &["grant", "retire", "--token", "token"], b""),
        "retired the grant\n"
    );
    let by_id = ["grant", "retire", "--key", KEY_ID, "--grant", "abcd"];
    assert_eq!(succeed(&fake, &by_id, b""), "retired abcd\n");
    assert_eq!(json_of(&fake, &by_id), json!({ "grant_id": "abcd", "key_id": KEY_ID }));
    assert_eq!(
        fail(&fake, &["grant", "retire", "--token", "other"], b"", 1),
        "error: InvalidGrantTokenException: InvalidGrantTokenException for a test (request request-1)\n"
    );
    let calls = fake.methods().len();
    for wrong in [
        &["grant", "retire"][..],
        &["grant", "retire", "--key", KEY_ID],
        &["grant", "retire", "--grant", "abcd"],
        &[
            "grant", "retire", "--token", "token", "--key", KEY_ID, "--grant", "abcd",
        ],
    ] {
        fail(&fake, wrong, b"", 2);
    }
    assert_eq!(fake.methods().len(), calls, "the service was not asked");
}

#[test]
fn a_grant_is_revoked_or_it_is_only_checked_whether_it_could_be() {
    let fake = Fake::start();
    let revoke = ["grant", "revoke", KEY_ID, "abcd"];
    assert_eq!(succeed(&fake, &revoke, b""), "revoked abcd\n");
    assert_eq!(
        succeed(&fake, &[&revoke[..], &["--dry-run"]].concat(), b""),
        "the request would have succeeded; nothing was done\n"
    );
}

/// Only with a name does a second request change nothing.
#[test]
fn a_grant_without_a_name_is_not_asked_for_twice() {
    let late = || refusal(Code::DeadlineExceeded, "DependencyTimeoutException", Some(1));
    let create = [
        "grant",
        "create",
        KEY_ID,
        "--grantee",
        "arn:clerk",
        "--operation",
        "Decrypt",
    ];
    let fake = Fake::start();
    fake.fail(late());
    fail(&fake, &create, b"", 5);
    assert_eq!(fake.methods(), ["create_grant"]);
    let fake = Fake::start();
    fake.fail(late());
    succeed(&fake, &[&create[..], &["--name", "once"]].concat(), b"");
    assert_eq!(fake.methods(), ["create_grant"; 2]);
}
