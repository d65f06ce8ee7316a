//! A running service in a temporary folder, and the errors that its callers get.

use std::path::Path;

use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use strongroom_proto::v1::parameters_client::ParametersClient;
use strongroom_proto::v1::secrets_client::SecretsClient;
use strongroom_tests::daemon::Daemon;
use strongroom_tests::installation::{Client, EVERYTHING, Installation};
use strongroom_tests::software_token::TokenKind;
use tempfile::TempDir;
use tonic::Status;
use tonic::transport::Channel;
use tonic_types::StatusExt;

/// The program that initialises tokens.
pub(crate) fn helper() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_dev"))
}

/// A service; dropping it kills it and deletes its folder.
pub(crate) struct World {
    pub(crate) daemon: Daemon,
    pub(crate) installation: Installation,
    _directory: TempDir,
}

impl World {
    pub(crate) fn start(clients: &[Client<'_>]) -> Self {
        Self::start_on(TokenKind::SoftHsm, clients)
    }

    pub(crate) fn start_on(kind: TokenKind, clients: &[Client<'_>]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let installation = Installation::prepare_on(kind, directory.path(), clients, helper()).unwrap();
        let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
        Self {
            daemon,
            installation,
            _directory: directory,
        }
    }

    /// Ends the service in order and starts it again.
    pub(crate) fn restarted(self) -> Self {
        assert!(self.daemon.stop().unwrap().success());
        let daemon = self.installation.start().unwrap_or_else(|fault| panic!("{fault}"));
        Self { daemon, ..self }
    }

    /// A connection as the client that may do everything.
    pub(crate) async fn connect(&self) -> Channel {
        self.connect_as(EVERYTHING.0).await
    }

    pub(crate) async fn connect_as(&self, client: &str) -> Channel {
        self.installation.connect(&self.daemon, client).await.unwrap()
    }
}

pub(crate) fn keys(channel: &Channel) -> KeyManagementClient<Channel> {
    KeyManagementClient::new(channel.clone())
}

pub(crate) fn secrets(channel: &Channel) -> SecretsClient<Channel> {
    SecretsClient::new(channel.clone())
}

pub(crate) fn parameters(channel: &Channel) -> ParametersClient<Channel> {
    ParametersClient::new(channel.clone())
}

/// Makes a key and gives its ARN.
pub(crate) async fn create_key(channel: &Channel) -> String {
    let created = keys(channel).create_key(v1::CreateKeyRequest::default()).await.unwrap();
    created.into_inner().key_metadata.unwrap().arn
}

/// Makes a secret with a text value and gives its ARN.
pub(crate) async fn create_secret(channel: &Channel, name: &str, value: &str) -> String {
    let request = v1::CreateSecretRequest {
        name: name.to_owned(),
        secret_value: Some(text(value)),
        ..Default::default()
    };
    secrets(channel).create_secret(request).await.unwrap().into_inner().arn
}

pub(crate) fn text(value: &str) -> v1::SecretValue {
    v1::SecretValue {
        value: Some(v1::secret_value::Value::String(value.to_owned())),
    }
}

/// What a caller is told: gRPC code, AWS exception name, message, as one line to compare.
pub(crate) fn told<T>(answer: Result<T, Status>) -> String {
    match answer {
        Ok(_) => "an answer".to_owned(),
        Err(status) => {
            let reason = status
                .get_details_error_info()
                .map(|info| info.reason)
                .unwrap_or_default();
            format!("{:?} {reason}: {}", status.code(), status.message())
        }
    }
}
