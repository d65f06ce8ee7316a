//! One request of each method of secrets, for the matrix.

use strongroom_proto::v1;
use tonic::transport::Channel;

use super::{Requests, VERSION, add};
use crate::world::{secrets, text};

pub(super) async fn add_secrets(requests: &mut Requests, developer: &Channel) {
    let request = v1::CreateSecretRequest {
        name: "ours/matrix".to_owned(),
        client_request_token: Some(VERSION.to_owned()),
        secret_value: Some(text("value")),
        ..Default::default()
    };
    let secret_id = secrets(developer)
        .create_secret(request)
        .await
        .unwrap()
        .into_inner()
        .arn;
    let on = v1::DescribeSecretRequest {
        secret_id: secret_id.clone(),
    };
    // These messages have the secret id in field 1, and nothing else that must be there.
    for method in [
        "DescribeSecret",
        "GetSecretValue",
        "ListSecretVersionIds",
        "DeleteSecret",
        "RestoreSecret",
    ] {
        add(requests, &format!("Secrets/{method}"), &on);
    }
    let secret_id_list = vec![secret_id.clone()];
    let request = v1::BatchGetSecretValueRequest {
        secret_id_list,
        ..Default::default()
    };
    add(requests, "Secrets/BatchGetSecretValue", &request);
    let value = Some(text("another value"));
    let request = v1::CreateSecretRequest {
        name: "ours/new".to_owned(),
        secret_value: value.clone(),
        ..Default::default()
    };
    add(requests, "Secrets/CreateSecret", &request);
    let request = v1::PutSecretValueRequest {
        secret_id: secret_id.clone(),
        secret_value: value.clone(),
        ..Default::default()
    };
    add(requests, "Secrets/PutSecretValue", &request);
    let request = v1::UpdateSecretRequest {
        secret_id: secret_id.clone(),
        secret_value: value,
        ..Default::default()
    };
    add(requests, "Secrets/UpdateSecret", &request);
    add_marks(requests, secret_id.clone());
    add_policies(requests, secret_id);
    add(requests, "Secrets/ListSecrets", &v1::ListSecretsRequest::default());
    add(
        requests,
        "Secrets/GetRandomPassword",
        &v1::GetRandomPasswordRequest::default(),
    );
}

fn add_marks(requests: &mut Requests, secret_id: String) {
    let request = v1::UpdateSecretVersionStageRequest {
        secret_id: secret_id.clone(),
        version_stage: "OURS".to_owned(),
        move_to_version_id: Some(VERSION.to_owned()),
        ..Default::default()
    };
    add(requests, "Secrets/UpdateSecretVersionStage", &request);
    let tags = vec![v1::Tag {
        key: "team".to_owned(),
        value: "ours".to_owned(),
    }];
    add(
        requests,
        "Secrets/TagResource",
        &v1::TagResourceRequest {
            secret_id: secret_id.clone(),
            tags,
        },
    );
    let tag_keys = vec!["team".to_owned()];
    add(
        requests,
        "Secrets/UntagResource",
        &v1::UntagResourceRequest { secret_id, tag_keys },
    );
}

/// A policy that says nothing of the callers here.
fn add_policies(requests: &mut Requests, secret_id: String) {
    let resource_policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Resource":"*",
        "Action":"secretsmanager:GetSecretValue","Principal":{"AWS":"arn:aws:iam::000000000000:user/elsewhere"}}}"#;
    let put = v1::PutResourcePolicyRequest {
        secret_id: secret_id.clone(),
        resource_policy: resource_policy.to_owned(),
        block_public_policy: true,
        policy_name: None,
    };
    add(requests, "Secrets/PutResourcePolicy", &put);
    let get = v1::GetResourcePolicyRequest {
        secret_id: secret_id.clone(),
        policy_name: None,
    };
    add(requests, "Secrets/GetResourcePolicy", &get);
    let validate = v1::ValidateResourcePolicyRequest {
        secret_id: Some(secret_id.clone()),
        resource_policy: resource_policy.to_owned(),
    };
    add(requests, "Secrets/ValidateResourcePolicy", &validate);
    let delete = v1::DeleteResourcePolicyRequest {
        secret_id,
        policy_name: None,
    };
    add(requests, "Secrets/DeleteResourcePolicy", &delete);
}
