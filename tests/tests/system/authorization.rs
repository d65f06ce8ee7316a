//! The authorization matrix: every kind of caller × every method of the interface, as a reviewed file.

#[path = "authorization/secret_requests.rs"]
mod secret_requests;

use std::collections::BTreeMap;

use prost::Message;
use prost_types::FileDescriptorSet;
use strongroom_proto::v1;
use strongroom_tests::authority::Authority;
use strongroom_tests::daemon::configuration::principal_arn;
use strongroom_tests::golden;
use strongroom_tests::installation::{Client, EVERYTHING};

use tonic::transport::Channel;

use crate::parameters::add_parameters;
use crate::raw_call;
use crate::world::{World, create_key, keys, told};

/// The callers that the installation knows; a stranger has a certificate that no entry of its table names.
const CALLERS: [Client<'static>; 4] = [
    EVERYTHING,
    (
        "auditor",
        &[
            "kms:Describe*",
            "kms:List*",
            "secretsmanager:Describe*",
            "secretsmanager:List*",
            "ssm:Describe*",
        ],
        &["*"],
    ),
    (
        "service",
        &["kms:GenerateDataKey", "kms:Decrypt", "secretsmanager:GetSecretValue"],
        &["arn:aws:kms:*:*:key/*", "arn:aws:secretsmanager:*:*:secret:ours/*"],
    ),
    ("nobody", &["s3:GetObject"], &["*"]),
];
const STRANGER: &str = "stranger";
/// The version of the secret that every method of secrets is tried on.
const VERSION: &str = "00000000-0000-0000-0000-000000000001";

/// A valid request of each method, encoded, by the method's path.
pub(crate) type Requests = BTreeMap<String, Vec<u8>>;

#[tokio::test(flavor = "multi_thread")]
async fn every_caller_may_do_what_its_policy_says_and_nothing_else() {
    let world = World::start(&CALLERS);
    let certificates = world.installation.root().join("certificates");
    Authority::prepare(&certificates, &[EVERYTHING.0, STRANGER]).unwrap();
    let developer = world.connect().await;
    let requests = requests(&developer).await;
    assert_eq!(
        requests.keys().cloned().collect::<Vec<_>>(),
        methods(),
        "a method has no row here, or a row no method"
    );
    // Those who may less ask first: what the developer does, they can no longer see.
    let callers = [STRANGER, "nobody", "service", "auditor", EVERYTHING.0];
    let mut matrix = String::new();
    for (path, request) in &requests {
        let mut row = path.trim_start_matches("/strongroom.v1.").replace('/', " ");
        for caller in callers {
            let channel = world.connect_as(caller).await;
            row += &format!(" | {caller} {}", verdict(&channel, path, request).await);
        }
        matrix += &(row + "\n");
    }
    golden::check("authorization.txt", &matrix).unwrap_or_else(|fault| panic!("{fault}"));
}

/// What is neither a denial nor a lack of identity got past the gate; a request that is wrong in itself would not.
async fn verdict(channel: &Channel, path: &str, request: &[u8]) -> &'static str {
    let answer = raw_call::unary(channel, path, request).await;
    let code = answer.as_ref().err().map(tonic::Status::code);
    let said = told(answer);
    match code {
        Some(tonic::Code::PermissionDenied) => "denied",
        Some(tonic::Code::Unauthenticated) => "unknown",
        Some(tonic::Code::InvalidArgument | tonic::Code::Unimplemented | tonic::Code::Internal) => {
            panic!("{path}: {said}")
        }
        Some(_) | None => "allowed",
    }
}

/// Every method of the interface, from its own description.
fn methods() -> Vec<String> {
    let files = FileDescriptorSet::decode(v1::FILE_DESCRIPTOR_SET).unwrap().file;
    let mut methods = Vec::new();
    for file in files.iter().filter(|file| file.package() == "strongroom.v1") {
        for service in &file.service {
            let path = |method: &str| format!("/strongroom.v1.{}/{method}", service.name());
            methods.extend(service.method.iter().map(|method| path(method.name())));
        }
    }
    methods.sort();
    methods
}

async fn requests(developer: &Channel) -> Requests {
    let mut requests = Requests::new();
    add_admin(&mut requests);
    add_keys(&mut requests, developer).await;
    secret_requests::add_secrets(&mut requests, developer).await;
    add_parameters(&mut requests, developer).await;
    requests
}

pub(crate) fn add(requests: &mut Requests, path: &str, request: &impl Message) {
    requests.insert(format!("/strongroom.v1.{path}"), request.encode_to_vec());
}

fn add_admin(requests: &mut Requests) {
    let identity = v1::GetCallerIdentityRequest::default();
    add(requests, "Admin/GetCallerIdentity", &identity);
    add(requests, "Admin/DescribeToken", &v1::DescribeTokenRequest::default());
    add(requests, "Admin/WatchEvents", &v1::WatchEventsRequest::default());
}

/// Messages that have the key id in field 1, and nothing else that must be there. What ends a key is tried on the one
/// that nothing else needs.
fn add_by_key_id(requests: &mut Requests, key_id: &str, other: &str) {
    let on = |key_id: &str| v1::DescribeKeyRequest {
        key_id: key_id.to_owned(),
        ..v1::DescribeKeyRequest::default()
    };
    for method in [
        "DescribeKey",
        "EnableKey",
        "DisableKey",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
        "EnableKeyRotation",
        "DisableKeyRotation",
        "GetKeyLastUsage",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListGrants",
        "ListKeyPolicies",
        "ListKeyRotations",
        "ListResourceTags",
        "TagResource",
        "UntagResource",
        "RotateKeyOnDemand",
    ] {
        let key = if matches!(method, "EnableKey" | "DisableKey") || method.ends_with("KeyDeletion") {
            other
        } else {
            key_id
        };
        add(requests, &format!("KeyManagement/{method}"), &on(key));
    }
}

async fn add_keys(requests: &mut Requests, developer: &Channel) {
    let (key_id, other) = (create_key(developer).await, create_key(developer).await);
    let request = v1::GenerateDataKeyRequest {
        key_id: key_id.clone(),
        number_of_bytes: Some(32),
        ..Default::default()
    };
    let ciphertext_blob = keys(developer)
        .generate_data_key(request.clone())
        .await
        .unwrap()
        .into_inner()
        .ciphertext_blob;
    let alias = "alias/matrix".to_owned();
    let create_alias = v1::CreateAliasRequest {
        alias_name: alias.clone(),
        target_key_id: key_id.clone(),
    };
    keys(developer).create_alias(create_alias).await.unwrap();
    add_key_use(requests, &key_id, &ciphertext_blob);
    add_access(requests, developer, &key_id).await;
    add_import(requests, developer).await;
    add_pairs(requests, &key_id, &create_pair(developer).await);
    add(requests, "KeyManagement/GenerateDataKey", &request);
    add_by_key_id(requests, &key_id, &other);
    let inspect = v1::InspectKeyRequest {
        key_id: key_id.clone(),
        ..Default::default()
    };
    add(requests, "Admin/InspectKey", &inspect);
    let description = "described".to_owned();
    let request = v1::UpdateKeyDescriptionRequest {
        key_id: key_id.clone(),
        description,
    };
    add(requests, "KeyManagement/UpdateKeyDescription", &request);
    let target_key_id = key_id;
    let another = "alias/another".to_owned();
    let request = v1::CreateAliasRequest {
        alias_name: another,
        target_key_id: target_key_id.clone(),
    };
    add(requests, "KeyManagement/CreateAlias", &request);
    add(
        requests,
        "KeyManagement/UpdateAlias",
        &v1::UpdateAliasRequest {
            alias_name: alias.clone(),
            target_key_id,
        },
    );
    let deletion = v1::DeleteAliasRequest { alias_name: alias };
    add(requests, "KeyManagement/DeleteAlias", &deletion);
    add(requests, "KeyManagement/CreateKey", &v1::CreateKeyRequest::default());
    add(requests, "KeyManagement/ListKeys", &v1::ListKeysRequest::default());
    let aliases = v1::ListAliasesRequest::default();
    add(requests, "KeyManagement/ListAliases", &aliases);
}

/// Import into a key that waits for its deletion, of which whoever may import is told.
async fn add_import(requests: &mut Requests, developer: &Channel) {
    let mut keys = keys(developer);
    let external = v1::CreateKeyRequest {
        origin: v1::Origin::External.into(),
        ..Default::default()
    };
    let created = keys.create_key(external).await.unwrap().into_inner();
    let key_id = created.key_metadata.unwrap().key_id;
    let deletion = v1::ScheduleKeyDeletionRequest {
        key_id: key_id.clone(),
        pending_window_in_days: None,
    };
    keys.schedule_key_deletion(deletion).await.unwrap();
    let parameters = v1::GetParametersForImportRequest {
        key_id: key_id.clone(),
        wrapping_algorithm: v1::WrappingAlgorithm::RsaesOaepSha1.into(),
        wrapping_key_spec: v1::WrappingKeySpec::Rsa2048.into(),
    };
    let import = v1::ImportKeyMaterialRequest {
        key_id: key_id.clone(),
        import_token: vec![1],
        encrypted_key_material: vec![1],
        expiration_model: v1::ExpirationModel::KeyMaterialDoesNotExpire.into(),
        ..Default::default()
    };
    add(requests, "KeyManagement/GetParametersForImport", &parameters);
    add(requests, "KeyManagement/ImportKeyMaterial", &import);
    let deletion = v1::DeleteImportedKeyMaterialRequest {
        key_id,
        key_material_id: None,
    };
    add(requests, "KeyManagement/DeleteImportedKeyMaterial", &deletion);
}

/// Who may use a key. Each method that ends a grant has one of its own.
async fn add_access(requests: &mut Requests, developer: &Channel, key_id: &str) {
    let create = v1::CreateGrantRequest {
        key_id: key_id.to_owned(),
        grantee_principal: principal_arn("other"),
        operations: vec![v1::GrantOperation::Decrypt.into()],
        ..Default::default()
    };
    let made = keys(developer).create_grant(create.clone()).await.unwrap().into_inner();
    let request = v1::RetireGrantRequest {
        grant_token: Some(made.grant_token),
        ..Default::default()
    };
    add(requests, "KeyManagement/RetireGrant", &request);
    let made = keys(developer).create_grant(create.clone()).await.unwrap().into_inner();
    let request = v1::RevokeGrantRequest {
        key_id: key_id.to_owned(),
        grant_id: made.grant_id,
        dry_run: false,
    };
    add(requests, "KeyManagement/RevokeGrant", &request);
    add(requests, "KeyManagement/CreateGrant", &create);
    let request = v1::ListRetirableGrantsRequest {
        retiring_principal: principal_arn("other"),
        ..Default::default()
    };
    add(requests, "KeyManagement/ListRetirableGrants", &request);
    let get = v1::GetKeyPolicyRequest {
        key_id: key_id.to_owned(),
        policy_name: None,
    };
    let policy = keys(developer).get_key_policy(get).await.unwrap().into_inner().policy;
    let request = v1::PutKeyPolicyRequest {
        key_id: key_id.to_owned(),
        policy,
        ..Default::default()
    };
    add(requests, "KeyManagement/PutKeyPolicy", &request);
}

fn add_key_use(requests: &mut Requests, key_id: &str, ciphertext_blob: &[u8]) {
    let (key_id, ciphertext_blob) = (key_id.to_owned(), ciphertext_blob.to_vec());
    let request = v1::EncryptRequest {
        key_id: key_id.clone(),
        plaintext: vec![1],
        ..Default::default()
    };
    add(requests, "KeyManagement/Encrypt", &request);
    let request = v1::DecryptRequest {
        ciphertext_blob: ciphertext_blob.clone(),
        ..Default::default()
    };
    add(requests, "KeyManagement/Decrypt", &request);
    let destination_key_id = key_id.clone();
    let request = v1::ReEncryptRequest {
        ciphertext_blob,
        destination_key_id,
        ..Default::default()
    };
    add(requests, "KeyManagement/ReEncrypt", &request);
    let request = v1::GenerateDataKeyWithoutPlaintextRequest {
        key_id,
        number_of_bytes: Some(32),
        ..Default::default()
    };
    add(requests, "KeyManagement/GenerateDataKeyWithoutPlaintext", &request);
    let request = v1::GenerateRandomRequest {
        number_of_bytes: Some(32),
    };
    add(requests, "KeyManagement/GenerateRandom", &request);
}

/// A key pair that signs.
async fn create_pair(developer: &Channel) -> String {
    let request = v1::CreateKeyRequest {
        key_spec: v1::KeySpec::EccNistP256.into(),
        key_usage: v1::KeyUsage::SignVerify.into(),
        ..Default::default()
    };
    let created = keys(developer).create_key(request).await.unwrap().into_inner();
    created.key_metadata.unwrap().arn
}

/// What other kinds of keys do: where it would be refused for its content, on a symmetric key, which is refused for its kind.
fn add_pairs(requests: &mut Requests, key_id: &str, pair: &str) {
    let (key_id, pair) = (|| key_id.to_owned(), || pair.to_owned());
    let signing_algorithm = v1::SigningAlgorithm::EcdsaSha256.into();
    let mac_algorithm = v1::MacAlgorithm::HmacSha256.into();
    let request = v1::GetPublicKeyRequest {
        key_id: pair(),
        ..Default::default()
    };
    add(requests, "KeyManagement/GetPublicKey", &request);
    let request = v1::SignRequest {
        key_id: pair(),
        message: vec![1],
        signing_algorithm,
        ..Default::default()
    };
    add(requests, "KeyManagement/Sign", &request);
    let request = v1::VerifyRequest {
        key_id: key_id(),
        message: vec![1],
        signature: vec![1],
        signing_algorithm,
        ..Default::default()
    };
    add(requests, "KeyManagement/Verify", &request);
    let request = v1::GenerateMacRequest {
        key_id: key_id(),
        message: vec![1],
        mac_algorithm,
        ..Default::default()
    };
    add(requests, "KeyManagement/GenerateMac", &request);
    let request = v1::VerifyMacRequest {
        key_id: key_id(),
        message: vec![1],
        mac: vec![1],
        mac_algorithm,
        ..Default::default()
    };
    add(requests, "KeyManagement/VerifyMac", &request);
    add_agreements(requests, key_id);
}

fn add_agreements(requests: &mut Requests, key_id: impl Fn() -> String) {
    let encapsulation_algorithm = v1::EncapsulationAlgorithm::MlKem.into();
    let key_pair_spec = v1::DataKeyPairSpec::EccNistP256.into();
    let request = v1::DeriveSharedSecretRequest {
        key_id: key_id(),
        key_agreement_algorithm: v1::KeyAgreementAlgorithm::Ecdh.into(),
        public_key: vec![1],
        ..Default::default()
    };
    add(requests, "KeyManagement/DeriveSharedSecret", &request);
    let request = v1::EncapsulateRequest {
        key_id: key_id(),
        encapsulation_algorithm,
        ..Default::default()
    };
    add(requests, "KeyManagement/Encapsulate", &request);
    let request = v1::DecapsulateRequest {
        key_id: key_id(),
        encapsulation_algorithm,
        shared_secret_ciphertext_blob: vec![1],
        ..Default::default()
    };
    add(requests, "KeyManagement/Decapsulate", &request);
    let request = v1::GenerateDataKeyPairRequest {
        key_id: key_id(),
        key_pair_spec,
        ..Default::default()
    };
    add(requests, "KeyManagement/GenerateDataKeyPair", &request);
    let request = v1::GenerateDataKeyPairWithoutPlaintextRequest {
        key_id: key_id(),
        key_pair_spec,
        ..Default::default()
    };
    add(requests, "KeyManagement/GenerateDataKeyPairWithoutPlaintext", &request);
}
