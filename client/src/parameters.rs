//! Parameters: values in hierarchies, with versions and labels.

use prost_types::Timestamp;
use strongroom_material::{Material, SecretValue};
use strongroom_proto::v1;
use strongroom_proto::v1::parameters_client::ParametersClient;
use tonic::{Request, Response, Status};

use crate::client::Client;
use crate::fault::ClientFault;
use crate::retry::Repeat;
use crate::value::Value;

/// A parameter to be made, or to get another version.
pub struct NewParameter {
    /// Its name, such as `/app/database/password`.
    pub name: String,
    value: Value,
    /// What it holds; must be said of a new parameter.
    pub kind: v1::ParameterType,
    /// Whether there may be a parameter of this name, which then gets another version.
    pub overwrite: bool,
    /// Free text, up to 1,024 characters.
    pub description: Option<String>,
    /// The key of a secure parameter; the service's own key aws/ssm when left out.
    pub key_id: Option<String>,
    /// A regular expression that values must fit.
    pub allowed_pattern: Option<String>,
    /// Up to 50 tags, of a new parameter.
    pub tags: Vec<v1::Tag>,
    /// What it may have; as it was when unspecified.
    pub tier: v1::ParameterTier,
    /// A JSON array of parameter policies.
    pub policies: Option<String>,
    /// What values are checked for.
    pub data_type: Option<String>,
}

impl NewParameter {
    /// A new parameter of this type, with nothing but a value: text, up to 4,096 bytes, 8,192 of an advanced parameter. The
    /// string's own bytes are wiped.
    #[must_use]
    pub fn new(name: impl Into<String>, kind: v1::ParameterType, value: String) -> Self {
        Self {
            name: name.into(),
            value: Value::text(value),
            kind,
            overwrite: false,
            description: None,
            key_id: None,
            allowed_pattern: None,
            tags: Vec::new(),
            tier: v1::ParameterTier::Unspecified,
            policies: None,
            data_type: None,
        }
    }
}

/// A parameter with the value of one version.
pub struct ParameterValue {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: v1::ParameterType,
    /// The value; of a secure parameter without decryption its ciphertext in base64.
    pub value: Value,
    /// The version; 0 for a secret in a parameter's place.
    pub version: u64,
    /// `:version` or `:label`, as the request chose.
    pub selector: Option<String>,
    /// For a secret in a parameter's place: what GetSecretValue answered, as JSON.
    pub source_result: Option<Material<SecretValue>>,
    /// When the version was made.
    pub last_modified_date: Option<Timestamp>,
    /// Its ARN.
    pub arn: String,
    /// What the value was checked for.
    pub data_type: String,
}

/// The answer of GetParameters.
pub struct ParameterValues {
    /// Those that are there.
    pub parameters: Vec<ParameterValue>,
    /// The names of those that are not.
    pub invalid_parameters: Vec<String>,
}

/// A page of GetParametersByPath.
pub struct ParameterValuePage {
    /// The rows.
    pub parameters: Vec<ParameterValue>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

/// A version of a parameter with its value.
pub struct ParameterVersion {
    /// The value.
    pub value: Value,
    /// All else that is said of it; the value is not in it.
    pub about: v1::ParameterHistory,
}

/// A page of GetParameterHistory.
pub struct ParameterVersionPage {
    /// The rows.
    pub versions: Vec<ParameterVersion>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

impl Client {
    /// Makes a parameter, or adds a version to one. Repeated only if nothing was done: a second try would make a second
    /// version, or find the parameter there.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn put_parameter(&self, parameter: NewParameter) -> Result<v1::PutParameterResponse, ClientFault> {
        let make = || v1::PutParameterRequest {
            value: parameter.value.to_text(),
            name: parameter.name.clone(),
            description: parameter.description.clone(),
            r#type: parameter.kind.into(),
            key_id: parameter.key_id.clone(),
            overwrite: parameter.overwrite,
            allowed_pattern: parameter.allowed_pattern.clone(),
            tags: parameter.tags.clone(),
            tier: parameter.tier.into(),
            policies: parameter.policies.clone(),
            data_type: parameter.data_type.clone(),
        };
        self.call(Repeat::OnlyIfNothingWasDone, make, |channel, request| async move {
            ParametersClient::new(channel).put_parameter(request).await
        })
        .await
    }

    /// Reads the value of one version.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn parameter(&self, request: v1::GetParameterRequest) -> Result<ParameterValue, ClientFault> {
        let answer = self
            .read(request, async |mut service, request| {
                service.get_parameter(request).await
            })
            .await?;
        let missing = ClientFault::AnswerIncomplete("the parameter");
        answer.parameter.map(value).ok_or(missing)
    }

    /// Reads the values of several parameters.
    ///
    /// # Errors
    /// [`ClientFault`]; a parameter that is not there is in [`ParameterValues::invalid_parameters`] instead.
    pub async fn parameters(&self, request: v1::GetParametersRequest) -> Result<ParameterValues, ClientFault> {
        let answer = self
            .read(request, async |mut service, request| {
                service.get_parameters(request).await
            })
            .await?;
        Ok(ParameterValues {
            parameters: answer.parameters.into_iter().map(value).collect(),
            invalid_parameters: answer.invalid_parameters,
        })
    }

    /// One page of the parameters of a level, or of all below it, with their values.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn parameters_by_path(
        &self,
        request: v1::GetParametersByPathRequest,
    ) -> Result<ParameterValuePage, ClientFault> {
        let answer = self
            .read(request, async |mut service, request| {
                service.get_parameters_by_path(request).await
            })
            .await?;
        Ok(ParameterValuePage {
            parameters: answer.parameters.into_iter().map(value).collect(),
            next_token: answer.next_token,
        })
    }

    /// One page of a parameter's versions with their values.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn parameter_history(
        &self,
        request: v1::GetParameterHistoryRequest,
    ) -> Result<ParameterVersionPage, ClientFault> {
        let answer = self
            .read(request, async |mut service, request| {
                service.get_parameter_history(request).await
            })
            .await?;
        let version = |mut about: v1::ParameterHistory| ParameterVersion {
            value: Value::text(std::mem::take(&mut about.value)),
            about,
        };
        Ok(ParameterVersionPage {
            versions: answer.parameters.into_iter().map(version).collect(),
            next_token: answer.next_token,
        })
    }

    /// One page of parameters, without their values.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn describe_parameters(
        &self,
        request: v1::DescribeParametersRequest,
    ) -> Result<v1::DescribeParametersResponse, ClientFault> {
        self.read(request, async |mut service, request| {
            service.describe_parameters(request).await
        })
        .await
    }

    /// Moves labels to a version. Without a version that is the newest, which may be another one a second time.
    ///
    /// # Errors
    /// [`ClientFault`]; what can be no label is in the answer.
    pub async fn label_parameter_version(
        &self,
        request: v1::LabelParameterVersionRequest,
    ) -> Result<v1::LabelParameterVersionResponse, ClientFault> {
        let repeat = match request.parameter_version {
            Some(_) => Repeat::Safe,
            None => Repeat::OnlyIfNothingWasDone,
        };
        let make = || request.clone();
        self.call(repeat, make, |channel, request| async move {
            ParametersClient::new(channel).label_parameter_version(request).await
        })
        .await
    }

    /// Takes labels off a version. A second time they are no longer there.
    ///
    /// # Errors
    /// [`ClientFault`]; what is not on the version is in the answer.
    pub async fn unlabel_parameter_version(
        &self,
        request: v1::UnlabelParameterVersionRequest,
    ) -> Result<v1::UnlabelParameterVersionResponse, ClientFault> {
        let make = || request.clone();
        self.call(Repeat::OnlyIfNothingWasDone, make, |channel, request| async move {
            ParametersClient::new(channel).unlabel_parameter_version(request).await
        })
        .await
    }

    /// Deletes the parameter with this name, at once.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn delete_parameter(&self, name: &str) -> Result<(), ClientFault> {
        let make = || v1::DeleteParameterRequest { name: name.to_owned() };
        self.call(Repeat::OnlyIfNothingWasDone, make, |channel, request| async move {
            ParametersClient::new(channel).delete_parameter(request).await
        })
        .await
        .map(|_nothing| ())
    }

    /// Deletes several parameters, at once.
    ///
    /// # Errors
    /// [`ClientFault`]; a parameter that is not there is in the answer.
    pub async fn delete_parameters(
        &self,
        request: v1::DeleteParametersRequest,
    ) -> Result<v1::DeleteParametersResponse, ClientFault> {
        let make = || request.clone();
        self.call(Repeat::OnlyIfNothingWasDone, make, |channel, request| async move {
            ParametersClient::new(channel).delete_parameters(request).await
        })
        .await
    }

    /// Sets tags of the parameter with this name.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn tag_parameter(&self, name: &str, tags: Vec<v1::Tag>) -> Result<(), ClientFault> {
        let request = v1::AddTagsToResourceRequest {
            resource_type: RESOURCE_TYPE.to_owned(),
            resource_id: name.to_owned(),
            tags,
        };
        let tagged = self.read(request, async |mut service, request| {
            service.add_tags_to_resource(request).await
        });
        tagged.await.map(|_nothing| ())
    }

    /// Removes tags of the parameter with this name.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn untag_parameter(&self, name: &str, tag_keys: Vec<String>) -> Result<(), ClientFault> {
        let request = v1::RemoveTagsFromResourceRequest {
            resource_type: RESOURCE_TYPE.to_owned(),
            resource_id: name.to_owned(),
            tag_keys,
        };
        let untagged = self.read(request, async |mut service, request| {
            service.remove_tags_from_resource(request).await
        });
        untagged.await.map(|_nothing| ())
    }

    /// The tags of the parameter with this name.
    ///
    /// # Errors
    /// [`ClientFault`].
    pub async fn parameter_tags(&self, name: &str) -> Result<Vec<v1::Tag>, ClientFault> {
        let request = v1::ListTagsForResourceRequest {
            resource_type: RESOURCE_TYPE.to_owned(),
            resource_id: name.to_owned(),
        };
        let listed = self.read(request, async |mut service, request| {
            service.list_tags_for_resource(request).await
        });
        listed.await.map(|answer| answer.tag_list)
    }

    /// A call to the Parameters service that may be repeated, with a message without secrets.
    async fn read<Q: Clone, A>(
        &self,
        request: Q,
        send: impl AsyncFn(ParametersClient<tonic::transport::Channel>, Request<Q>) -> Result<Response<A>, Status>,
    ) -> Result<A, ClientFault> {
        let make = || request.clone();
        self.call(Repeat::Safe, make, |channel, request| {
            send(ParametersClient::new(channel), request)
        })
        .await
    }
}

/// What AWS calls a parameter where resources of several kinds can be tagged.
const RESOURCE_TYPE: &str = "Parameter";

fn value(parameter: v1::Parameter) -> ParameterValue {
    ParameterValue {
        kind: parameter.r#type(),
        value: Value::text(parameter.value),
        source_result: parameter.source_result.map(|text| Material::take(text.into_bytes())),
        name: parameter.name,
        version: parameter.version,
        selector: parameter.selector,
        last_modified_date: parameter.last_modified_date,
        arn: parameter.arn,
        data_type: parameter.data_type,
    }
}
