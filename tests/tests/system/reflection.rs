//! The standard reflection service: clients without our files can find out what can be called.

use prost::Message;
use prost_types::FileDescriptorProto;
use strongroom_tests::installation::EVERYTHING;
use tonic::transport::Channel;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::world::World;

async fn ask(channel: &Channel, question: MessageRequest) -> MessageResponse {
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(question),
    };
    let mut client = ServerReflectionClient::new(channel.clone());
    let answers = client
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    answer.message_response.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_services_are_listed_and_described() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let MessageResponse::ListServicesResponse(list) = ask(&channel, MessageRequest::ListServices(String::new())).await
    else {
        panic!("that is no list of services");
    };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "grpc.health.v1.Health",
            "grpc.reflection.v1.ServerReflection",
            "strongroom.v1.Admin",
            "strongroom.v1.KeyManagement",
            "strongroom.v1.Parameters",
            "strongroom.v1.Secrets",
        ]
    );
    let symbol = MessageRequest::FileContainingSymbol("strongroom.v1.KeyManagement".to_owned());
    let MessageResponse::FileDescriptorResponse(files) = ask(&channel, symbol).await else {
        panic!("the service is not described");
    };
    let file = FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).unwrap();
    let methods: Vec<_> = file.service.iter().flat_map(|service| &service.method).collect();
    assert!(
        methods.iter().any(|method| method.name() == "GenerateDataKey"),
        "{methods:?}"
    );
}
