//! A service that answers from memory, fails when told to, and remembers who asked for what.

use std::collections::{BTreeMap, VecDeque};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use strongroom::v1;
use strongroom::v1::admin_server::{Admin, AdminServer};
use strongroom::v1::key_management_server::{KeyManagement, KeyManagementServer};
use strongroom::v1::secrets_server::{Secrets, SecretsServer};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Server, ServerTlsConfig};
use tonic::{Code, Request, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::answers;

/// One request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    /// The grpc-timeout header.
    pub(crate) timeout: Option<String>,
    pub(crate) at: Instant,
}

/// What the tests set and look at.
#[derive(Default)]
pub(crate) struct State {
    /// Answered before anything else, one for each request.
    pub(crate) failures: Mutex<VecDeque<Status>>,
    /// Answered by these methods whenever they are called.
    pub(crate) refusing: Mutex<BTreeMap<&'static str, Status>>,
    /// How long each request takes.
    pub(crate) delay: Mutex<Duration>,
    pub(crate) calls: Mutex<Vec<Call>>,
    /// Request tokens of writes, in the order of their tries.
    pub(crate) tokens: Mutex<Vec<String>>,
    /// Grant tokens of all requests.
    pub(crate) grant_tokens: Mutex<Vec<String>>,
    /// Tags of every key.
    pub(crate) key_policy: Mutex<Option<String>>,
    pub(crate) grants_asked: Mutex<Vec<v1::CreateGrantRequest>>,
    pub(crate) key_tags: Mutex<BTreeMap<String, String>>,
    pub(crate) secrets: Mutex<BTreeMap<String, v1::SecretValue>>,
    /// Pages of a list of secrets, instead of those that were put.
    pub(crate) secret_pages: Mutex<Vec<Vec<v1::SecretListEntry>>>,
    /// The resource policy of every secret.
    pub(crate) secret_policy: Mutex<Option<String>>,
    /// What was asked about imports, and of keys for them, in words.
    pub(crate) imports: Mutex<Vec<String>>,
    /// Days between two rotations of every key, if they rotate by themselves.
    pub(crate) rotation_period: Mutex<Option<i32>>,
}

/// A running service.
#[derive(Clone)]
pub(crate) struct Fake {
    pub(crate) endpoint: String,
    pub(crate) state: Arc<State>,
}

impl Fake {
    pub(crate) fn start() -> Self {
        Self::start_with(None)
    }

    /// On a thread of its own, so that tests of the program, which block, can use it too.
    pub(crate) fn start_with(tls: Option<ServerTlsConfig>) -> Self {
        let state = Arc::new(State::default());
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (sender, receiver) = mpsc::channel();
        let served = Service(Arc::clone(&state));
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                let server = tls
                    .into_iter()
                    .fold(Server::builder(), |server, tls| server.tls_config(tls).unwrap());
                serve(server, served, listener).await;
            });
        });
        Self {
            endpoint: format!("{scheme}://{}", receiver.recv().unwrap()),
            state,
        }
    }

    pub(crate) fn fail(&self, status: Status) {
        self.state.failures.lock().unwrap().push_back(status);
    }

    /// From now on this method answers so.
    pub(crate) fn refuse(&self, method: &'static str, status: Status) {
        self.state.refusing.lock().unwrap().insert(method, status);
    }

    /// The methods that were called, in order.
    pub(crate) fn methods(&self) -> Vec<&'static str> {
        self.state
            .calls
            .lock()
            .unwrap()
            .iter()
            .map(|call| call.method)
            .collect()
    }
}

async fn serve(mut server: Server, service: Service, listener: TcpListener) {
    server
        .add_service(KeyManagementServer::new(service.clone()))
        .add_service(SecretsServer::new(service.clone()))
        .add_service(AdminServer::new(service))
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await
        .unwrap();
}

/// An error as the service makes them.
pub(crate) fn refusal(code: Code, exception: &str, retry_millis: Option<u64>) -> Status {
    refusal_saying(code, exception, &format!("{exception} for a test."), retry_millis)
}

/// The same with the service's own words.
pub(crate) fn refusal_saying(code: Code, exception: &str, message: &str, retry_millis: Option<u64>) -> Status {
    let mut details = ErrorDetails::with_error_info(exception, "strongroom", []);
    if let Some(millis) = retry_millis {
        details.set_retry_info(Some(Duration::from_millis(millis)));
    }
    details.set_request_info("request-1", "");
    Status::with_error_details(code, message, details)
}

#[derive(Clone)]
struct Service(Arc<State>);

impl Service {
    async fn answer<Q: 'static, A>(
        &self,
        method: &'static str,
        request: Request<Q>,
        answer: impl FnOnce(&State, Q) -> Result<A, Status>,
    ) -> Result<Response<A>, Status> {
        let timeout = request
            .metadata()
            .get("grpc-timeout")
            .map(|value| value.to_str().unwrap().to_owned());
        self.0.calls.lock().unwrap().push(Call {
            method,
            timeout,
            at: Instant::now(),
        });
        let delay = *self.0.delay.lock().unwrap();
        tokio::time::sleep(delay).await;
        let failure = self.0.failures.lock().unwrap().pop_front();
        let failure = failure.or_else(|| self.0.refusing.lock().unwrap().get(method).cloned());
        let message = request.into_inner();
        answers::remember_token(&self.0, &message);
        match failure {
            Some(status) => Err(status),
            None => answer(&self.0, message).map(Response::new),
        }
    }
}

macro_rules! service {
    ($service:ident {
        $($method:ident($request:ident) -> $response:ident = $answer:expr;)*
        $(=> $name:ident: $stream:ident($asked:ident) -> $message:ident = $messages:expr;)*
    }) => {
        #[tonic::async_trait]
        impl $service for Service {
            $(async fn $method(&self, request: Request<v1::$request>) -> Result<Response<v1::$response>, Status> {
                self.answer(stringify!($method), request, $answer).await
            })*
            $(
                type $name = tokio_stream::Iter<std::vec::IntoIter<Result<v1::$message, Status>>>;
                async fn $stream(&self, request: Request<v1::$asked>) -> Result<Response<Self::$name>, Status> {
                    let answer = |state: &State, request| Ok(tokio_stream::iter($messages(state, request)?));
                    self.answer(stringify!($stream), request, answer).await
                }
            )*
        }
    };
}

service! { KeyManagement {
    create_key(CreateKeyRequest) -> CreateKeyResponse = answers::create_key;
    describe_key(DescribeKeyRequest) -> DescribeKeyResponse = answers::describe_key;
    list_keys(ListKeysRequest) -> ListKeysResponse = answers::list_keys;
    put_key_policy(PutKeyPolicyRequest) -> PutKeyPolicyResponse = answers::grants::put_policy;
    get_key_policy(GetKeyPolicyRequest) -> GetKeyPolicyResponse = answers::grants::policy;
    list_key_policies(ListKeyPoliciesRequest) -> ListKeyPoliciesResponse = answers::grants::policies;
    create_grant(CreateGrantRequest) -> CreateGrantResponse = answers::grants::create;
    list_grants(ListGrantsRequest) -> ListGrantsResponse = answers::grants::list;
    list_retirable_grants(ListRetirableGrantsRequest) -> ListRetirableGrantsResponse = answers::grants::list_retirable;
    retire_grant(RetireGrantRequest) -> RetireGrantResponse = answers::grants::retire;
    revoke_grant(RevokeGrantRequest) -> RevokeGrantResponse = answers::grants::revoke;
    tag_resource(TagKeyRequest) -> TagKeyResponse = answers::key_tags::tag;
    untag_resource(UntagKeyRequest) -> UntagKeyResponse = answers::key_tags::untag;
    list_resource_tags(ListResourceTagsRequest) -> ListResourceTagsResponse = answers::key_tags::list;
    enable_key(EnableKeyRequest) -> EnableKeyResponse = answers::empty;
    disable_key(DisableKeyRequest) -> DisableKeyResponse = answers::empty;
    update_key_description(UpdateKeyDescriptionRequest) -> UpdateKeyDescriptionResponse = answers::empty;
    schedule_key_deletion(ScheduleKeyDeletionRequest) -> ScheduleKeyDeletionResponse = answers::empty;
    cancel_key_deletion(CancelKeyDeletionRequest) -> CancelKeyDeletionResponse = answers::empty;
    get_key_last_usage(GetKeyLastUsageRequest) -> GetKeyLastUsageResponse = answers::last_usage;
    enable_key_rotation(EnableKeyRotationRequest) -> EnableKeyRotationResponse = answers::rotation::enable;
    disable_key_rotation(DisableKeyRotationRequest) -> DisableKeyRotationResponse = answers::rotation::disable;
    get_key_rotation_status(GetKeyRotationStatusRequest) -> GetKeyRotationStatusResponse = answers::rotation::status;
    list_key_rotations(ListKeyRotationsRequest) -> ListKeyRotationsResponse = answers::rotation::list;
    rotate_key_on_demand(RotateKeyOnDemandRequest) -> RotateKeyOnDemandResponse = answers::rotation::rotate;
    create_alias(CreateAliasRequest) -> CreateAliasResponse = answers::empty;
    update_alias(UpdateAliasRequest) -> UpdateAliasResponse = answers::empty;
    delete_alias(DeleteAliasRequest) -> DeleteAliasResponse = answers::empty;
    list_aliases(ListAliasesRequest) -> ListAliasesResponse = answers::list_aliases;
    encrypt(EncryptRequest) -> EncryptResponse = answers::encrypt;
    decrypt(DecryptRequest) -> DecryptResponse = answers::decrypt;
    re_encrypt(ReEncryptRequest) -> ReEncryptResponse = answers::re_encrypt;
    generate_data_key(GenerateDataKeyRequest) -> GenerateDataKeyResponse = answers::generate_data_key;
    generate_data_key_without_plaintext(GenerateDataKeyWithoutPlaintextRequest)
        -> GenerateDataKeyWithoutPlaintextResponse = answers::empty;
    generate_data_key_pair(GenerateDataKeyPairRequest) -> GenerateDataKeyPairResponse = answers::key_pairs::pair;
    generate_data_key_pair_without_plaintext(GenerateDataKeyPairWithoutPlaintextRequest)
        -> GenerateDataKeyPairWithoutPlaintextResponse = answers::key_pairs::pair_without_plaintext;
    sign(SignRequest) -> SignResponse = answers::key_pairs::sign;
    verify(VerifyRequest) -> VerifyResponse = answers::key_pairs::verify;
    get_public_key(GetPublicKeyRequest) -> GetPublicKeyResponse = answers::key_pairs::public_key;
    generate_mac(GenerateMacRequest) -> GenerateMacResponse = answers::key_pairs::generate_mac;
    verify_mac(VerifyMacRequest) -> VerifyMacResponse = answers::key_pairs::verify_mac;
    derive_shared_secret(DeriveSharedSecretRequest) -> DeriveSharedSecretResponse = answers::key_pairs::derive;
    encapsulate(EncapsulateRequest) -> EncapsulateResponse = answers::key_pairs::encapsulate;
    decapsulate(DecapsulateRequest) -> DecapsulateResponse = answers::key_pairs::decapsulate;
    generate_random(GenerateRandomRequest) -> GenerateRandomResponse = answers::generate_random;
    get_parameters_for_import(GetParametersForImportRequest) -> GetParametersForImportResponse
        = answers::import::parameters;
    import_key_material(ImportKeyMaterialRequest) -> ImportKeyMaterialResponse = answers::import::material;
    delete_imported_key_material(DeleteImportedKeyMaterialRequest) -> DeleteImportedKeyMaterialResponse
        = answers::import::delete;
}}

service! { Secrets {
    create_secret(CreateSecretRequest) -> CreateSecretResponse = answers::create_secret;
    get_secret_value(GetSecretValueRequest) -> GetSecretValueResponse = answers::get_secret_value;
    batch_get_secret_value(BatchGetSecretValueRequest) -> BatchGetSecretValueResponse = answers::batch;
    put_secret_value(PutSecretValueRequest) -> PutSecretValueResponse = answers::put_secret_value;
    update_secret(UpdateSecretRequest) -> UpdateSecretResponse = answers::empty;
    describe_secret(DescribeSecretRequest) -> DescribeSecretResponse = answers::empty;
    list_secrets(ListSecretsRequest) -> ListSecretsResponse = answers::list_secrets;
    list_secret_version_ids(ListSecretVersionIdsRequest) -> ListSecretVersionIdsResponse = answers::empty;
    update_secret_version_stage(UpdateSecretVersionStageRequest) -> UpdateSecretVersionStageResponse = answers::empty;
    delete_secret(DeleteSecretRequest) -> DeleteSecretResponse = answers::empty;
    restore_secret(RestoreSecretRequest) -> RestoreSecretResponse = answers::empty;
    tag_resource(TagResourceRequest) -> TagResourceResponse = answers::empty;
    untag_resource(UntagResourceRequest) -> UntagResourceResponse = answers::empty;
    put_resource_policy(PutResourcePolicyRequest) -> PutResourcePolicyResponse = answers::secret_policies::put;
    get_resource_policy(GetResourcePolicyRequest) -> GetResourcePolicyResponse = answers::secret_policies::get;
    delete_resource_policy(DeleteResourcePolicyRequest) -> DeleteResourcePolicyResponse
        = answers::secret_policies::delete;
    validate_resource_policy(ValidateResourcePolicyRequest) -> ValidateResourcePolicyResponse
        = answers::secret_policies::validate;
    get_random_password(GetRandomPasswordRequest) -> GetRandomPasswordResponse = answers::password;
}}

service! { Admin {
    get_caller_identity(GetCallerIdentityRequest) -> GetCallerIdentityResponse = answers::identity;
    inspect_key(InspectKeyRequest) -> InspectKeyResponse = answers::inspection;
    describe_token(DescribeTokenRequest) -> DescribeTokenResponse = answers::token;
    => WatchEventsStream: watch_events(WatchEventsRequest) -> WatchEventsResponse = answers::no_events;
}}
