//! Parameters on the whole service: a real token, the SDK, the command line and a restart.

use std::time::Duration;

use serde_json::Value;
use strongroom::{ClientConfig, NewParameter, TlsFiles, v1};
use strongroom_tests::installation::EVERYTHING;
use tonic::transport::Channel;

use crate::authorization::{Requests, add};
use crate::command_line::CommandLine;
use crate::world::{World, create_secret, parameters};

fn client(world: &World) -> strongroom::Client {
    let (authority, name) = (world.installation.authority(), EVERYTHING.0);
    let config = ClientConfig {
        endpoint: format!("https://{}", world.daemon.address()).parse().unwrap(),
        tls: Some(TlsFiles {
            certificate_authority: authority.certificate("ca"),
            certificate: authority.certificate(name),
            private_key: authority.private_key(name),
        }),
        server_name: None,
        call_deadline: Duration::from_secs(30),
    };
    strongroom::Client::connect(&config).unwrap()
}

async fn read(client: &strongroom::Client, name: &str) -> String {
    let request = v1::GetParameterRequest {
        name: name.to_owned(),
        with_decryption: true,
    };
    let parameter = client.parameter(request).await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    parameter.value.material().reveal_to_wire(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn secure_parameters_of_both_tiers_survive_a_restart() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    create_secret(&channel, "db/password", "from a secret").await;
    let (secure, service) = (v1::ParameterType::SecureString, client(&world));
    service
        .put_parameter(NewParameter::new("/app/standard", secure, "one".to_owned()))
        .await
        .unwrap();
    let mut advanced = NewParameter::new("/app/advanced", secure, "x".repeat(8_192));
    advanced.tier = v1::ParameterTier::Advanced;
    advanced.tags = vec![v1::Tag {
        key: "team".to_owned(),
        value: "red".to_owned(),
    }];
    assert_eq!(
        service.put_parameter(advanced).await.unwrap().tier(),
        v1::ParameterTier::Advanced
    );
    let mut second = NewParameter::new("/app/standard", secure, "two".to_owned());
    second.overwrite = true;
    assert_eq!(service.put_parameter(second).await.unwrap().version, 2);
    let label = v1::LabelParameterVersionRequest {
        name: "/app/standard".to_owned(),
        parameter_version: Some(1),
        labels: vec!["first".to_owned()],
    };
    service.label_parameter_version(label).await.unwrap();

    let world = world.restarted();
    let service = client(&world);
    assert_eq!(read(&service, "/app/standard").await, "two");
    assert_eq!(read(&service, "/app/standard:first").await, "one");
    assert_eq!(read(&service, "/app/advanced").await.len(), 8_192);
    assert_eq!(
        read(&service, "/aws/reference/secretsmanager/db/password").await,
        "from a secret"
    );
    let path = v1::GetParametersByPathRequest {
        path: "/app".to_owned(),
        with_decryption: true,
        ..Default::default()
    };
    let page = service.parameters_by_path(path).await.unwrap();
    let names = Vec::from_iter(page.parameters.iter().map(|parameter| parameter.name.as_str()));
    assert_eq!(names, ["/app/advanced", "/app/standard"]);
    assert_eq!(service.parameter_tags("/app/advanced").await.unwrap().len(), 1);
    let told = service.delete_parameter("/app/none").await.unwrap_err();
    assert_eq!(told.refusal().unwrap().exception, "ParameterNotFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_stores_reads_lists_and_deletes() {
    let world = World::start(&[EVERYTHING]);
    let shell = CommandLine::of(&world);
    shell.write("one", b"hunter2\n");
    shell.write("two", b"two");
    shell.succeed("parameter put /app/password --type secure-string --in one --tag team=red");
    shell.succeed("parameter put /app/mode --type string --in two --description words");
    let told = shell.run("parameter put /app/mode --in one").unwrap_err();
    assert!(told.starts_with("error: ParameterAlreadyExists: "), "{told}");
    assert!(
        told.contains("hint: give it another version with --overwrite"),
        "{told}"
    );
    shell.succeed("parameter put /app/mode --in one --overwrite");
    shell.succeed("parameter label /app/mode old --version 1");
    assert_eq!(shell.succeed("parameter get /app/password"), "hunter2\n");
    assert_eq!(shell.succeed("parameter get /app/mode:old"), "two");
    let encrypted = shell.succeed("parameter get /app/password --encrypted");
    assert!(encrypted.len() > 60 && !encrypted.contains("hunter2"), "{encrypted}");
    let many = shell.succeed("parameter get /app/mode:1 /app/password --output json");
    let many: Value = serde_json::from_str(&many).unwrap();
    assert_eq!(many["parameters"][0]["value"], "two");
    assert_eq!(many["parameters"][1]["type"], "SecureString");
    let told = shell.run("parameter get /app/mode /app/none").unwrap_err();
    assert_eq!(told, "error: not there: /app/none\n");
    let below = shell.succeed("parameter get-by-path / --recursive");
    assert_eq!(below, "/app/mode  hunter2\\n\n/app/password  hunter2\\n\n");
    assert_eq!(
        shell.succeed("parameter history /app/mode"),
        "1 old  two\n2  hunter2\\n\n"
    );
    let listed = shell.succeed("parameter list --filter tag:team=red --output json");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["parameters"][0]["name"], "/app/password");
    assert_eq!(listed["parameters"][0]["key_id"], "alias/aws/ssm");
    assert_eq!(listed["parameters"].as_array().unwrap().len(), 1);
    shell.succeed("parameter untag /app/password team");
    shell.succeed("parameter tag /app/password size=small");
    assert!(shell.succeed("parameter tags /app/password").contains("size"));
    shell.succeed("parameter unlabel /app/mode old --version 1");
    shell.succeed("parameter delete /app/mode");
    let told = shell.run("parameter delete /app/mode /app/password").unwrap_err();
    assert_eq!(told, "error: not there: /app/mode\n");
    let told = shell.run("parameter get /app/password").unwrap_err();
    assert!(told.starts_with("error: ParameterNotFound: "), "{told}");
}

/// The parameters of the authorization matrix: a valid request of each method.
pub(crate) async fn add_parameters(requests: &mut Requests, developer: &Channel) {
    let (name, labels) = ("/ours/matrix".to_owned(), vec!["label".to_owned()]);
    let put = |name: &str| v1::PutParameterRequest {
        name: name.to_owned(),
        value: "value".to_owned(),
        r#type: v1::ParameterType::String.into(),
        ..Default::default()
    };
    parameters(developer).put_parameter(put(&name)).await.unwrap();
    add(requests, "Parameters/PutParameter", &put("/ours/new"));
    let on = v1::DeleteParameterRequest { name: name.clone() };
    // These messages have the name in field 1, and nothing else that must be there.
    for method in [
        "GetParameter",
        "GetParameterHistory",
        "DeleteParameter",
        "GetParameters",
        "DeleteParameters",
    ] {
        add(requests, &format!("Parameters/{method}"), &on);
    }
    let path = v1::GetParametersByPathRequest {
        path: "/ours".to_owned(),
        ..Default::default()
    };
    add(requests, "Parameters/GetParametersByPath", &path);
    let all = v1::DescribeParametersRequest::default();
    add(requests, "Parameters/DescribeParameters", &all);
    let label = v1::LabelParameterVersionRequest {
        name: name.clone(),
        parameter_version: None,
        labels: labels.clone(),
    };
    add(requests, "Parameters/LabelParameterVersion", &label);
    let unlabel = v1::UnlabelParameterVersionRequest {
        name: name.clone(),
        parameter_version: 1,
        labels,
    };
    add(requests, "Parameters/UnlabelParameterVersion", &unlabel);
    let (resource_type, resource_id) = ("Parameter".to_owned(), name);
    let list = v1::ListTagsForResourceRequest {
        resource_type: resource_type.clone(),
        resource_id: resource_id.clone(),
    };
    add(requests, "Parameters/ListTagsForResource", &list);
    let tag = v1::AddTagsToResourceRequest {
        resource_type: resource_type.clone(),
        resource_id: resource_id.clone(),
        tags: vec![v1::Tag {
            key: "team".to_owned(),
            value: "ours".to_owned(),
        }],
    };
    add(requests, "Parameters/AddTagsToResource", &tag);
    let untag = v1::RemoveTagsFromResourceRequest {
        resource_type,
        resource_id,
        tag_keys: vec!["team".to_owned()],
    };
    add(requests, "Parameters/RemoveTagsFromResource", &untag);
}
