//! The Parameters service: each method names its conversion, its operation and the conversion back.

mod decode;
mod encode;

use std::sync::Arc;

use strongroom_parameters::Parameters;
use strongroom_proto::v1;
use strongroom_proto::v1::parameters_server::Parameters as ParametersInterface;
use tonic::{Request, Response, Status, async_trait};

use crate::door::Door;

/// The service.
pub struct ParametersService {
    door: Door,
    parameters: Arc<Parameters>,
}

impl ParametersService {
    /// The service over one parameter store.
    #[must_use]
    pub fn new(door: Door, parameters: Arc<Parameters>) -> Self {
        Self { door, parameters }
    }
}

#[async_trait]
impl ParametersInterface for ParametersService {
    async fn put_parameter(
        &self,
        request: Request<v1::PutParameterRequest>,
    ) -> Result<Response<v1::PutParameterResponse>, Status> {
        self.door
            .pass(&self.parameters, request, decode::put_parameter, encode::put_parameter)
            .await
    }

    async fn get_parameter(
        &self,
        request: Request<v1::GetParameterRequest>,
    ) -> Result<Response<v1::GetParameterResponse>, Status> {
        self.door
            .pass(&self.parameters, request, decode::get_parameter, encode::get_parameter)
            .await
    }

    async fn get_parameters(
        &self,
        request: Request<v1::GetParametersRequest>,
    ) -> Result<Response<v1::GetParametersResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::get_parameters,
                encode::get_parameters,
            )
            .await
    }

    async fn get_parameters_by_path(
        &self,
        request: Request<v1::GetParametersByPathRequest>,
    ) -> Result<Response<v1::GetParametersByPathResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::get_parameters_by_path,
                encode::get_parameters_by_path,
            )
            .await
    }

    async fn get_parameter_history(
        &self,
        request: Request<v1::GetParameterHistoryRequest>,
    ) -> Result<Response<v1::GetParameterHistoryResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::get_parameter_history,
                encode::get_parameter_history,
            )
            .await
    }

    async fn describe_parameters(
        &self,
        request: Request<v1::DescribeParametersRequest>,
    ) -> Result<Response<v1::DescribeParametersResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::describe_parameters,
                encode::describe_parameters,
            )
            .await
    }

    async fn label_parameter_version(
        &self,
        request: Request<v1::LabelParameterVersionRequest>,
    ) -> Result<Response<v1::LabelParameterVersionResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::label_parameter_version,
                encode::label_parameter_version,
            )
            .await
    }

    async fn unlabel_parameter_version(
        &self,
        request: Request<v1::UnlabelParameterVersionRequest>,
    ) -> Result<Response<v1::UnlabelParameterVersionResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::unlabel_parameter_version,
                encode::unlabel_parameter_version,
            )
            .await
    }

    async fn delete_parameter(
        &self,
        request: Request<v1::DeleteParameterRequest>,
    ) -> Result<Response<v1::DeleteParameterResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::delete_parameter,
                encode::delete_parameter,
            )
            .await
    }

    async fn delete_parameters(
        &self,
        request: Request<v1::DeleteParametersRequest>,
    ) -> Result<Response<v1::DeleteParametersResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::delete_parameters,
                encode::delete_parameters,
            )
            .await
    }

    async fn add_tags_to_resource(
        &self,
        request: Request<v1::AddTagsToResourceRequest>,
    ) -> Result<Response<v1::AddTagsToResourceResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::add_tags_to_resource,
                encode::add_tags_to_resource,
            )
            .await
    }

    async fn remove_tags_from_resource(
        &self,
        request: Request<v1::RemoveTagsFromResourceRequest>,
    ) -> Result<Response<v1::RemoveTagsFromResourceResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::remove_tags_from_resource,
                encode::remove_tags_from_resource,
            )
            .await
    }

    async fn list_tags_for_resource(
        &self,
        request: Request<v1::ListTagsForResourceRequest>,
    ) -> Result<Response<v1::ListTagsForResourceResponse>, Status> {
        self.door
            .pass(
                &self.parameters,
                request,
                decode::list_tags_for_resource,
                encode::list_tags_for_resource,
            )
            .await
    }
}
