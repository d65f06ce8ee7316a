//! Bad input gets a clear error: gRPC code, AWS exception name and message, word for word.

use std::collections::HashMap;

use strongroom_proto::v1;
use strongroom_tests::golden;
use strongroom_tests::installation::EVERYTHING;
use tonic::transport::Channel;

use crate::world::{World, create_key, create_secret, keys, parameters, secrets, text, told};

/// One service for all of them, compared with the reviewed list: each is a request that changes nothing. What no test could foresee, such as a key's
/// id, stands as a word in capitals.
#[tokio::test(flavor = "multi_thread")]
async fn bad_input_gets_a_clear_error() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let mut said = key_errors(&channel).await;
    said.extend(secret_errors(&channel).await);
    said.extend(parameter_errors(&channel).await);
    let said: String = said.into_iter().map(|line| line + "\n").collect();
    golden::check("bad_input.txt", &said).unwrap_or_else(|fault| panic!("{fault}"));
}

/// Sends requests of one method, and notes what the caller is told of each.
macro_rules! try_each {
    ($said:ident, $client:ident . $method:ident, [$($what:expr => $request:expr),* $(,)?]) => {$(
        $said.push(format!("{} {:.60} -> {}", stringify!($method), $what, told($client.$method($request).await)));
    )*};
}

async fn key_errors(channel: &Channel) -> Vec<String> {
    let key = create_key(channel).await;
    let mut said = references(channel).await;
    said.extend(aliases(channel, &key).await);
    said.extend(cryptography(channel, &key).await);
    said.extend(states(channel, &key).await);
    let id = key.rsplit('/').next().unwrap();
    said.into_iter().map(|line| line.replace(id, "KEY")).collect()
}

async fn references(channel: &Channel) -> Vec<String> {
    let (mut keys, mut said) = (keys(channel), Vec::new());
    for key_id in [
        "",
        "1234abcd-12ab-34cd-56ef-1234567890ab",
        "no such thing",
        "arn:aws:kms:local-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:s3:::bucket",
        "arn:aws:kms:elsewhere:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "alias/absent",
        &"k".repeat(2_049),
    ] {
        try_each!(said, keys.describe_key, [key_id => v1::DescribeKeyRequest { key_id: key_id.to_owned(), ..v1::DescribeKeyRequest::default() }]);
    }
    let list = v1::ListKeysRequest::default;
    try_each!(said, keys.list_keys, [
        "a marker of somebody's" => v1::ListKeysRequest { marker: Some("nonsense".to_owned()), ..list() },
        "0 rows" => v1::ListKeysRequest { limit: Some(0), ..list() },
        "1001 rows" => v1::ListKeysRequest { limit: Some(1_001), ..list() },
    ]);
    said
}

async fn aliases(channel: &Channel, key: &str) -> Vec<String> {
    let (mut keys, mut said) = (keys(channel), Vec::new());
    let create = |name: &str| v1::CreateAliasRequest {
        alias_name: name.to_owned(),
        target_key_id: key.to_owned(),
    };
    for name in [
        "first",
        "alias/",
        "alias/aws/mine",
        "alias/a b",
        &format!("alias/{}", "a".repeat(251)),
    ] {
        try_each!(said, keys.create_alias, [name => create(name)]);
    }
    keys.create_alias(create("alias/taken")).await.unwrap();
    try_each!(said, keys.create_alias, ["alias/taken" => create("alias/taken")]);
    try_each!(said, keys.delete_alias, [
        "alias/absent" => v1::DeleteAliasRequest { alias_name: "alias/absent".to_owned() }
    ]);
    said
}

async fn cryptography(channel: &Channel, key: &str) -> Vec<String> {
    let (mut keys, mut said) = (keys(channel), Vec::new());
    let encrypt = |plaintext: Vec<u8>| v1::EncryptRequest {
        key_id: key.to_owned(),
        plaintext,
        ..Default::default()
    };
    let context = HashMap::from([("name".to_owned(), "v".repeat(8_189))]);
    try_each!(said, keys.encrypt, [
        "nothing" => encrypt(Vec::new()),
        "4097 bytes" => encrypt(vec![1; 4_097]),
        "with a context of 8193 characters" => v1::EncryptRequest { encryption_context: context, ..encrypt(vec![1]) },
    ]);
    let generate = |number_of_bytes: Option<i32>| v1::GenerateDataKeyRequest {
        key_id: key.to_owned(),
        number_of_bytes,
        ..Default::default()
    };
    try_each!(said, keys.generate_data_key, [
        "0 bytes" => generate(Some(0)),
        "-1 bytes" => generate(Some(-1)),
        "1025 bytes" => generate(Some(1_025)),
        "neither length nor kind" => generate(None),
    ]);
    let decrypt = |ciphertext_blob: Vec<u8>| v1::DecryptRequest {
        ciphertext_blob,
        ..Default::default()
    };
    let good = keys
        .encrypt(encrypt(vec![1]))
        .await
        .unwrap()
        .into_inner()
        .ciphertext_blob;
    let mut flipped = good.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let context = HashMap::from([("another".to_owned(), "context".to_owned())]);
    try_each!(said, keys.decrypt, [
        "nothing" => decrypt(Vec::new()),
        "6145 bytes" => decrypt(vec![1; 6_145]),
        "what is no ciphertext" => decrypt(b"not a ciphertext".to_vec()),
        "a flipped bit" => decrypt(flipped),
        "a truncated ciphertext" => decrypt(good[..good.len() - 1].to_vec()),
        "another context" => v1::DecryptRequest { encryption_context: context, ..decrypt(good) },
    ]);
    said
}

async fn states(channel: &Channel, key: &str) -> Vec<String> {
    let (mut keys, mut said) = (keys(channel), Vec::new());
    let schedule = |days: i32| v1::ScheduleKeyDeletionRequest {
        key_id: key.to_owned(),
        pending_window_in_days: Some(days),
    };
    try_each!(said, keys.schedule_key_deletion, ["6 days" => schedule(6), "31 days" => schedule(31)]);
    let cancel = v1::CancelKeyDeletionRequest { key_id: key.to_owned() };
    try_each!(said, keys.cancel_key_deletion, ["a key that is not about to be deleted" => cancel]);
    let encrypt = v1::EncryptRequest {
        key_id: key.to_owned(),
        plaintext: vec![1],
        ..Default::default()
    };
    keys.disable_key(v1::DisableKeyRequest { key_id: key.to_owned() })
        .await
        .unwrap();
    try_each!(said, keys.encrypt, ["under a disabled key" => encrypt.clone()]);
    keys.schedule_key_deletion(schedule(7)).await.unwrap();
    try_each!(said, keys.encrypt, ["under a key that is about to be deleted" => encrypt]);
    let enable = v1::EnableKeyRequest { key_id: key.to_owned() };
    try_each!(said, keys.enable_key, ["a key that is about to be deleted" => enable]);
    said
}

async fn secret_errors(channel: &Channel) -> Vec<String> {
    let arn = create_secret(channel, "taken", "value").await;
    let (mut secrets, mut said) = (secrets(channel), Vec::new());
    let create = |name: &str| v1::CreateSecretRequest {
        name: name.to_owned(),
        secret_value: Some(text("other")),
        ..Default::default()
    };
    for name in ["", "taken", "no spaces allowed", &"n".repeat(513)] {
        try_each!(said, secrets.create_secret, [name => create(name)]);
    }
    let put = |value: &str| v1::PutSecretValueRequest {
        secret_id: "taken".to_owned(),
        secret_value: Some(text(value)),
        ..Default::default()
    };
    let short = Some("short".to_owned());
    try_each!(said, secrets.put_secret_value, [
        "65537 bytes" => put(&"x".repeat(65_537)),
        "no value" => v1::PutSecretValueRequest { secret_value: None, ..put("") },
        "a short token" => v1::PutSecretValueRequest { client_request_token: short, ..put("x") },
    ]);
    for secret_id in ["absent", "", "arn:aws:kms:local-1:000000000000:key/x"] {
        let request = v1::GetSecretValueRequest {
            secret_id: secret_id.to_owned(),
            ..Default::default()
        };
        try_each!(said, secrets.get_secret_value, [secret_id => request]);
    }
    said.extend(labels_and_tokens(channel).await);
    said.extend(policies(channel).await);
    said.extend(deleted(channel).await);
    let suffix = &arn[arn.len() - 6..];
    said.into_iter().map(|line| line.replace(suffix, "SUFFIX")).collect()
}

/// What keeps versions and staging labels apart.
async fn labels_and_tokens(channel: &Channel) -> Vec<String> {
    let (mut secrets, mut said) = (secrets(channel), Vec::new());
    let put = |number: usize, value: &str, labels: Vec<String>| v1::PutSecretValueRequest {
        secret_id: "taken".to_owned(),
        client_request_token: Some(format!("{number:0>32}")),
        secret_value: Some(text(value)),
        version_stages: labels,
    };
    for number in 1..=2 {
        secrets
            .put_secret_value(put(number, "value", Vec::new()))
            .await
            .unwrap();
    }
    let labels = |count: usize| (0..count).map(|label| format!("label-{label}")).collect();
    try_each!(said, secrets.put_secret_value, [
        "a token with another value" => put(2, "another value", Vec::new()),
        "21 labels" => put(3, "value", labels(21)),
        "a label of 257 characters" => put(3, "value", vec!["x".repeat(257)]),
    ]);
    let update = v1::UpdateSecretRequest {
        secret_id: "taken".to_owned(),
        client_request_token: Some(format!("{:0>32}", 2)),
        secret_value: Some(text("value")),
        ..Default::default()
    };
    try_each!(said, secrets.update_secret, ["a token with the same value" => update]);
    let stage = |label: &str, from: Option<usize>, to: Option<usize>| v1::UpdateSecretVersionStageRequest {
        secret_id: "taken".to_owned(),
        version_stage: label.to_owned(),
        remove_from_version_id: from.map(|number| format!("{number:0>32}")),
        move_to_version_id: to.map(|number| format!("{number:0>32}")),
    };
    try_each!(said, secrets.update_secret_version_stage, [
        "AWSCURRENT removed" => stage("AWSCURRENT", Some(2), None),
        "moved from where it is not said" => stage("AWSCURRENT", None, Some(1)),
        "moved from where it is not" => stage("AWSCURRENT", Some(1), Some(2)),
        "moved to no version" => stage("AWSCURRENT", Some(2), Some(9)),
        "neither from nor to" => stage("AWSCURRENT", None, None),
    ]);
    said
}

async fn policies(channel: &Channel) -> Vec<String> {
    let (mut secrets, mut said) = (secrets(channel), Vec::new());
    let put = |resource_policy: &str| v1::PutResourcePolicyRequest {
        secret_id: "taken".to_owned(),
        resource_policy: resource_policy.to_owned(),
        block_public_policy: true,
        policy_name: None,
    };
    let statement = |effect: &str, action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":"*","Action":"secretsmanager:{action}","Resource":"*"}}]}}"#
        )
    };
    try_each!(said, secrets.put_resource_policy, [
        "nothing" => put(""),
        "20481 bytes" => put(&" ".repeat(20_481)),
        "no JSON" => put("{"),
        "an unknown effect" => put(&statement("AllowSomething", "*")),
        "an unknown action" => put(&statement("Allow", "GetSecret")),
        "a public one" => put(&statement("Allow", "GetSecretValue")),
        "one that locks out" => put(&statement("Deny", "*")),
        "another name" => v1::PutResourcePolicyRequest { policy_name: Some("mine".to_owned()), ..put("{}") },
    ]);
    let get = v1::GetResourcePolicyRequest {
        secret_id: "taken".to_owned(),
        policy_name: Some("mine".to_owned()),
    };
    try_each!(said, secrets.get_resource_policy, ["another name" => get]);
    said
}

async fn deleted(channel: &Channel) -> Vec<String> {
    let (mut secrets, mut said) = (secrets(channel), Vec::new());
    let secret_id = "taken".to_owned();
    let delete = v1::DeleteSecretRequest {
        secret_id: secret_id.clone(),
        ..Default::default()
    };
    let days = |days: i64| v1::DeleteSecretRequest {
        recovery_window_in_days: Some(days),
        ..delete.clone()
    };
    try_each!(said, secrets.delete_secret, ["6 days" => days(6), "31 days" => days(31)]);
    try_each!(said, secrets.delete_secret, [
        "at once and later" => v1::DeleteSecretRequest { force_delete_without_recovery: true, ..days(7) }
    ]);
    secrets.delete_secret(delete).await.unwrap();
    let get = v1::GetSecretValueRequest {
        secret_id,
        ..Default::default()
    };
    try_each!(said, secrets.get_secret_value, ["a deleted secret" => get]);
    said
}

async fn parameter_errors(channel: &Channel) -> Vec<String> {
    let (mut parameters, mut said) = (parameters(channel), Vec::new());
    let put = |name: &str, value: &str| v1::PutParameterRequest {
        name: name.to_owned(),
        value: value.to_owned(),
        r#type: v1::ParameterType::String.into(),
        ..Default::default()
    };
    for name in ["a/b", "/a b", "aws-x", "/ssm/x", "/aws/x"] {
        try_each!(said, parameters.put_parameter, [name => put(name, "x")]);
    }
    parameters.put_parameter(put("/taken", "x")).await.unwrap();
    let again = || v1::PutParameterRequest {
        overwrite: true,
        ..put("/taken", "x")
    };
    try_each!(said, parameters.put_parameter, [
        "16 levels" => put(&"/x".repeat(16), "x"),
        "taken" => put("/taken", "x"),
        "no type" => v1::PutParameterRequest { r#type: 0, ..put("/new", "x") },
        "type 9" => v1::PutParameterRequest { r#type: 9, ..put("/new", "x") },
        "tier 9" => v1::PutParameterRequest { tier: 9, ..put("/new", "x") },
        "another type" => v1::PutParameterRequest { r#type: v1::ParameterType::SecureString.into(), ..again() },
        "4097 bytes" => put("/new", &"x".repeat(4_097)),
        "no value" => put("/new", ""),
        "a pattern that looks back" => v1::PutParameterRequest { allowed_pattern: Some(r"(a)\1".to_owned()), ..again() },
        "a value that does not fit" => v1::PutParameterRequest { allowed_pattern: Some("^[0-9]$".to_owned()), ..again() },
    ]);
    for name in ["/absent", "/taken:2", "/taken:label", "/taken:", "arn:aws:s3:::bucket"] {
        let request = v1::GetParameterRequest {
            name: name.to_owned(),
            with_decryption: true,
        };
        try_each!(said, parameters.get_parameter, [name => request]);
    }
    let path = v1::GetParametersByPathRequest {
        path: "taken".to_owned(),
        ..Default::default()
    };
    try_each!(said, parameters.get_parameters_by_path, ["no path" => path]);
    said
}
