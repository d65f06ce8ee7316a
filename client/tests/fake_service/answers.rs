//! What the played service answers.

pub(crate) mod grants;
pub(crate) mod import;
pub(crate) mod key_pairs;
pub(crate) mod key_tags;
pub(crate) mod rotation;
pub(crate) mod secret_policies;

use std::any::Any;
use std::collections::{BTreeMap, HashMap};

use strongroom::v1;
use tonic::{Code, Status};

use crate::service::{State, refusal};

pub(crate) const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const KEY_ARN: &str = "arn:aws:kms:local-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const DATA_KEY: [u8; 32] = [0x5a; 32];

pub(crate) fn empty<Q, A: Default>(_state: &State, _message: Q) -> Result<A, Status> {
    Ok(A::default())
}

/// Keeps the request tokens of writes, those of failed tries too.
pub(crate) fn remember_token(state: &State, message: &dyn Any) {
    let create = message
        .downcast_ref::<v1::CreateSecretRequest>()
        .map(|message| message.client_request_token.clone());
    let put = message
        .downcast_ref::<v1::PutSecretValueRequest>()
        .map(|message| message.client_request_token.clone());
    let update = message
        .downcast_ref::<v1::UpdateSecretRequest>()
        .map(|message| message.client_request_token.clone());
    state.tokens.lock().unwrap().extend(create.or(put).or(update).flatten());
}

fn metadata() -> v1::KeyMetadata {
    v1::KeyMetadata {
        aws_account_id: "000000000000".to_owned(),
        key_id: KEY_ID.to_owned(),
        arn: KEY_ARN.to_owned(),
        creation_date: Some(prost_types::Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
        enabled: true,
        // A description that tries to clear the screen.
        description: "for \u{1b}[2J tests".to_owned(),
        key_state: v1::KeyState::Enabled.into(),
        key_versions: vec![v1::KeyVersion {
            key_material_id: "ab".repeat(32),
            creation_date: None,
            provenance: Some(v1::Provenance {
                local: true,
                ..v1::Provenance::default()
            }),
            invocations: Some(v1::InvocationBudget {
                used: 7,
                limit: 1 << 32,
                rotation_limit: 1 << 31,
            }),
        }],
        ..v1::KeyMetadata::default()
    }
}

pub(crate) fn create_key(state: &State, message: v1::CreateKeyRequest) -> Result<v1::CreateKeyResponse, Status> {
    if let Some(policy) = &message.policy {
        *state.key_policy.lock().unwrap() = Some(policy.clone());
    }
    if message.origin() != v1::Origin::AwsKms {
        let origin = message.origin().as_str_name().to_owned();
        state.imports.lock().unwrap().push(origin);
    }
    key_tags::of_new_key(state, message);
    Ok(v1::CreateKeyResponse {
        key_metadata: Some(metadata()),
    })
}

pub(crate) fn describe_key(state: &State, message: v1::DescribeKeyRequest) -> Result<v1::DescribeKeyResponse, Status> {
    asked(state, &message.grant_tokens, false)?;
    match message.key_id.as_str() {
        "alias/missing" | "alias/new" => Err(refusal(Code::NotFound, "NotFoundException", None)),
        "alias/forbidden" => Err(refusal(Code::PermissionDenied, "AccessDeniedException", None)),
        _ => Ok(v1::DescribeKeyResponse {
            key_metadata: Some(metadata()),
        }),
    }
}

/// A key that was used, and one that was not.
pub(crate) fn last_usage(
    _: &State,
    message: v1::GetKeyLastUsageRequest,
) -> Result<v1::GetKeyLastUsageResponse, Status> {
    let time = Some(prost_types::Timestamp {
        seconds: 1_700_000_000,
        nanos: 0,
    });
    let used = message.key_id == KEY_ID;
    let last = v1::KeyLastUsageData {
        operation: v1::KeyLastUsageTrackingOperation::GenerateDataKey.into(),
        timestamp: time,
        cloud_trail_event_id: "event-1".to_owned(),
        kms_request_id: "request-1".to_owned(),
    };
    Ok(v1::GetKeyLastUsageResponse {
        key_id: message.key_id,
        key_last_usage: Some(if used { last } else { v1::KeyLastUsageData::default() }),
        tracking_start_date: time,
        key_creation_date: time,
    })
}

/// 2,500 keys; the marker is the number of the next.
pub(crate) fn list_keys(_: &State, message: v1::ListKeysRequest) -> Result<v1::ListKeysResponse, Status> {
    let first: i32 = message.marker.map_or(0, |marker| marker.parse().unwrap());
    let next = (first + message.limit.unwrap()).min(2_500);
    let entry = |number| v1::KeyListEntry {
        key_id: format!("key-{number}"),
        key_arn: format!("arn-{number}"),
    };
    Ok(v1::ListKeysResponse {
        keys: (first..next).map(entry).collect(),
        next_marker: (next < 2_500).then(|| next.to_string()),
        truncated: next < 2_500,
    })
}

pub(crate) fn list_aliases(_: &State, _: v1::ListAliasesRequest) -> Result<v1::ListAliasesResponse, Status> {
    let alias = v1::AliasListEntry {
        alias_name: "alias/demo".to_owned(),
        target_key_id: KEY_ID.to_owned(),
        last_updated_date: Some(prost_types::Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
        ..v1::AliasListEntry::default()
    };
    Ok(v1::ListAliasesResponse {
        aliases: vec![alias],
        next_marker: None,
        truncated: false,
    })
}

/// A blob that only the same context opens: both in the clear, which a fake may do.
fn blob(plaintext: &[u8], context: &HashMap<String, String>) -> Vec<u8> {
    let sorted: BTreeMap<_, _> = context.iter().collect();
    [format!("{sorted:?}").as_bytes(), b"|", plaintext].concat()
}

fn unblob(blob: &[u8], context: &HashMap<String, String>) -> Result<Vec<u8>, Status> {
    let head = self::blob(b"", context);
    let plaintext = blob.strip_prefix(head.as_slice());
    plaintext
        .map(<[u8]>::to_vec)
        .ok_or_else(|| refusal(Code::InvalidArgument, "InvalidCiphertextException", None))
}

/// What stands before a blob that a pair of RSA encrypted.
fn head_of(algorithm: v1::EncryptionAlgorithm) -> String {
    match algorithm {
        v1::EncryptionAlgorithm::Unspecified | v1::EncryptionAlgorithm::SymmetricDefault => String::new(),
        other => format!("{} ", other.as_str_name()),
    }
}

/// Keeps the grant tokens; a dry run ends here.
fn asked(state: &State, grant_tokens: &[String], dry_run: bool) -> Result<(), Status> {
    state.grant_tokens.lock().unwrap().extend_from_slice(grant_tokens);
    if dry_run {
        return Err(refusal(Code::FailedPrecondition, "DryRunOperationException", None));
    }
    Ok(())
}

pub(crate) fn encrypt(state: &State, message: v1::EncryptRequest) -> Result<v1::EncryptResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    let ciphertext_blob = blob(&message.plaintext, &message.encryption_context);
    Ok(v1::EncryptResponse {
        ciphertext_blob,
        key_id: KEY_ARN.to_owned(),
        ..v1::EncryptResponse::default()
    })
}

pub(crate) fn decrypt(state: &State, message: v1::DecryptRequest) -> Result<v1::DecryptResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    let plaintext = unblob(&message.ciphertext_blob, &message.encryption_context)?;
    Ok(v1::DecryptResponse {
        plaintext,
        key_id: KEY_ARN.to_owned(),
        ..v1::DecryptResponse::default()
    })
}

pub(crate) fn re_encrypt(state: &State, message: v1::ReEncryptRequest) -> Result<v1::ReEncryptResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    let head = head_of(message.source_encryption_algorithm());
    let ciphertext = message.ciphertext_blob.strip_prefix(head.as_bytes()).unwrap();
    let plaintext = unblob(ciphertext, &message.source_encryption_context)?;
    let blob = blob(&plaintext, &message.destination_encryption_context);
    let head = head_of(message.destination_encryption_algorithm());
    Ok(v1::ReEncryptResponse {
        ciphertext_blob: [head.as_bytes(), &blob].concat(),
        ..v1::ReEncryptResponse::default()
    })
}

pub(crate) fn generate_data_key(
    state: &State,
    message: v1::GenerateDataKeyRequest,
) -> Result<v1::GenerateDataKeyResponse, Status> {
    asked(state, &message.grant_tokens, message.dry_run)?;
    Ok(v1::GenerateDataKeyResponse {
        ciphertext_blob: blob(&DATA_KEY, &message.encryption_context),
        plaintext: DATA_KEY.to_vec(),
        key_id: KEY_ARN.to_owned(),
        key_material_id: "ab".repeat(32),
    })
}

pub(crate) fn generate_random(
    _: &State,
    message: v1::GenerateRandomRequest,
) -> Result<v1::GenerateRandomResponse, Status> {
    Ok(v1::GenerateRandomResponse {
        plaintext: vec![0xee; message.number_of_bytes.unwrap() as usize],
    })
}

pub(crate) fn create_secret(
    state: &State,
    message: v1::CreateSecretRequest,
) -> Result<v1::CreateSecretResponse, Status> {
    let version_id = message
        .secret_value
        .is_some()
        .then_some(message.client_request_token)
        .flatten();
    if let Some(value) = message.secret_value {
        state.secrets.lock().unwrap().insert(message.name.clone(), value);
    }
    Ok(v1::CreateSecretResponse {
        arn: format!("arn:{}", message.name),
        name: message.name,
        version_id,
    })
}

pub(crate) fn put_secret_value(
    state: &State,
    message: v1::PutSecretValueRequest,
) -> Result<v1::PutSecretValueResponse, Status> {
    state
        .secrets
        .lock()
        .unwrap()
        .insert(message.secret_id.clone(), message.secret_value.unwrap());
    Ok(v1::PutSecretValueResponse {
        arn: format!("arn:{}", message.secret_id),
        name: message.secret_id,
        version_id: message.client_request_token.unwrap(),
        version_stages: vec!["AWSCURRENT".to_owned()],
    })
}

pub(crate) fn get_secret_value(
    state: &State,
    message: v1::GetSecretValueRequest,
) -> Result<v1::GetSecretValueResponse, Status> {
    let found = state.secrets.lock().unwrap().get(&message.secret_id).cloned();
    let value = found.ok_or_else(|| refusal(Code::NotFound, "ResourceNotFoundException", None))?;
    Ok(v1::GetSecretValueResponse {
        arn: format!("arn:{}", message.secret_id),
        name: message.secret_id,
        version_id: "version".to_owned(),
        secret_value: Some(value),
        version_stages: vec!["AWSCURRENT".to_owned()],
        created_date: Some(prost_types::Timestamp {
            seconds: 1_700_000_000,
            nanos: 0,
        }),
    })
}

/// Those that are named, or a page of all: every secret matches every filter. The token is the number of the next.
pub(crate) fn batch(
    state: &State,
    message: v1::BatchGetSecretValueRequest,
) -> Result<v1::BatchGetSecretValueResponse, Status> {
    let secrets = state.secrets.lock().unwrap();
    let mut answer = v1::BatchGetSecretValueResponse {
        secret_values: Vec::new(),
        next_token: None,
        errors: Vec::new(),
    };
    let mut names = message.secret_id_list;
    if !message.filters.is_empty() {
        let first: usize = message.next_token.map_or(0, |token| token.parse().unwrap());
        let next = (first + message.max_results.unwrap() as usize).min(secrets.len());
        names = secrets.keys().take(next).skip(first).cloned().collect();
        answer.next_token = (next < secrets.len()).then(|| next.to_string());
    }
    for secret_id in names {
        match secrets.get(&secret_id) {
            Some(value) => answer.secret_values.push(v1::SecretValueEntry {
                arn: format!("arn:{secret_id}"),
                name: secret_id,
                version_id: "version".to_owned(),
                secret_value: Some(value.clone()),
                version_stages: vec!["AWSCURRENT".to_owned()],
                created_date: None,
            }),
            None => answer.errors.push(v1::ApiError {
                secret_id,
                error_code: "ResourceNotFoundException".to_owned(),
                message: "not there".to_owned(),
            }),
        }
    }
    Ok(answer)
}

/// Those that were put; or the pages that a test set, of which the token is the number of the next.
pub(crate) fn list_secrets(state: &State, message: v1::ListSecretsRequest) -> Result<v1::ListSecretsResponse, Status> {
    let pages = state.secret_pages.lock().unwrap();
    if !pages.is_empty() {
        let page: usize = message.next_token.map_or(0, |token| token.parse().unwrap());
        return Ok(v1::ListSecretsResponse {
            secret_list: pages[page].clone(),
            next_token: (page + 1 < pages.len()).then(|| (page + 1).to_string()),
        });
    }
    let entry = |name: &String| v1::SecretListEntry {
        name: name.clone(),
        ..v1::SecretListEntry::default()
    };
    let secret_list = state.secrets.lock().unwrap().keys().map(entry).collect();
    Ok(v1::ListSecretsResponse {
        secret_list,
        next_token: None,
    })
}

pub(crate) fn password(_: &State, _: v1::GetRandomPasswordRequest) -> Result<v1::GetRandomPasswordResponse, Status> {
    Ok(v1::GetRandomPasswordResponse {
        random_password: PASSWORD.to_owned(),
    })
}

pub(crate) fn identity(_: &State, _: v1::GetCallerIdentityRequest) -> Result<v1::GetCallerIdentityResponse, Status> {
    Ok(v1::GetCallerIdentityResponse {
        user_id: "developer".to_owned(),
        account: "000000000000".to_owned(),
        arn: "arn:aws:iam::000000000000:user/developer".to_owned(),
    })
}

/// Two materials on two pages; the object of the second has gained a usage.
pub(crate) fn inspection(_: &State, message: v1::InspectKeyRequest) -> Result<v1::InspectKeyResponse, Status> {
    let attribute = |value: &str| v1::TokenAttribute {
        name: "CKA_DERIVE".to_owned(),
        value: value.to_owned(),
    };
    let second = message.marker.is_some();
    let material = v1::InspectedMaterial {
        key_material_id: (if second { "cd" } else { "ab" }).repeat(32),
        recorded: vec![attribute("false")],
        recorded_token_serial: "serial-1".to_owned(),
        found: vec![attribute(if second { "true" } else { "false" })],
        fault: None,
        differences: second.then(|| "CKA_DERIVE".to_owned()).into_iter().collect(),
    };
    Ok(v1::InspectKeyResponse {
        key_id: KEY_ARN.to_owned(),
        token_serial: "serial-1".to_owned(),
        materials: vec![material],
        next_marker: (!second).then(|| "next".to_owned()),
        truncated: !second,
    })
}

pub(crate) fn token(_: &State, _: v1::DescribeTokenRequest) -> Result<v1::DescribeTokenResponse, Status> {
    Ok(v1::DescribeTokenResponse {
        health: v1::TokenHealth::Usable.into(),
        label: "strongroom-development".to_owned(),
        lanes: vec![v1::TokenLane {
            name: "data".to_owned(),
            queue_depth: 3,
            queue_limit: 4_096,
        }],
        counters: Some(v1::TokenCounters {
            jobs: 42,
            ..v1::TokenCounters::default()
        }),
        ..v1::DescribeTokenResponse::default()
    })
}

/// A stream that says where it stands, and ends.
pub(crate) fn no_events(
    _: &State,
    _: v1::WatchEventsRequest,
) -> Result<Vec<Result<v1::WatchEventsResponse, Status>>, Status> {
    let message = |end: v1::WatchEnd| v1::WatchEventsResponse {
        resume_token: "token".to_owned(),
        event: None,
        end: end.into(),
    };
    Ok(vec![
        Ok(message(v1::WatchEnd::Unspecified)),
        Ok(message(v1::WatchEnd::ConnectionAge)),
    ])
}
