//! Secrets in parameters' places: read through the gate, as the caller.

use serde_json::{Value as Json, json};
use strongroom_base::Code;
use strongroom_gate::Released;
use strongroom_parameters::op::{GetParameter, GetParameters};
use strongroom_secrets::op::{CreateSecret, DeleteSecret, NewSecret};

use crate::bench::{Bench, allow, parameter_arn, principal, refused, scope, text_of};

async fn secret(bench: &Bench, name: &str, value: strongroom_secrets::Value) -> String {
    let request = NewSecret {
        name: name.to_owned(),
        value: Some(value),
        client_request_token: Some("token-00000000000000000000000000000001".to_owned()),
        ..NewSecret::default()
    };
    let create = CreateSecret::new(request, &scope()).unwrap();
    let made = bench
        .gate
        .run(&principal("administrator"), &*bench.secrets, create)
        .await;
    made.map(Released::into_inner).unwrap().arn.to_string()
}

fn text(text: &str) -> strongroom_secrets::Value {
    strongroom_secrets::Value::string(text.to_owned()).unwrap()
}

#[tokio::test]
async fn a_secret_is_read_in_a_parameters_place() {
    let bench = Bench::new().await;
    let arn = secret(&bench, "db/password", text("p\"ss\u{1}")).await;
    let name = "/aws/reference/secretsmanager/db/password";
    let got = bench.get(name).await.unwrap();
    assert_eq!(text_of(&got.value), "p\"ss\u{1}");
    assert_eq!(
        (got.name.as_str(), got.kind.as_str(), got.version),
        (name, "SecureString", 0)
    );
    assert_eq!(
        got.arn.as_str(),
        parameter_arn("aws/reference/secretsmanager/db/password")
    );
    let source = got.source_result.unwrap();
    let source: Json = source.reveal_to_wire(|bytes| serde_json::from_slice(bytes).unwrap());
    assert_eq!(
        source,
        json!({
            "ARN": arn, "Name": "db/password", "VersionId": "token-00000000000000000000000000000001",
            "VersionStages": ["AWSCURRENT"], "CreatedDate": 1_800_000_000.0, "SecretString": "p\"ss\u{1}",
        })
    );
    for selected in ["AWSCURRENT", "token-00000000000000000000000000000001"] {
        assert_eq!(bench.text(&format!("{name}:{selected}")).await, "p\"ss\u{1}");
    }
    assert_eq!(
        bench.text(&format!("/aws/reference/secretsmanager/{arn}")).await,
        "p\"ss\u{1}"
    );
    let names = vec![name.to_owned(), "/aws/reference/secretsmanager/none".to_owned()];
    let many = bench
        .admin(GetParameters::new(names, true, &scope()).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (many.values.len(), many.invalid.as_slice()),
        (1, &["/aws/reference/secretsmanager/none".to_owned()][..])
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let bench = Bench::new().await;
    secret(&bench, "s", text("x")).await;
    secret(&bench, "b", strongroom_secrets::Value::binary(vec![1]).unwrap()).await;
    let plain = GetParameter::new("/aws/reference/secretsmanager/s", false, &scope()).unwrap();
    let message = "WithDecryption flag must be True for retrieving a Secret Manager secret.";
    refused(bench.admin(plain).await, Code::Validation, message);
    let message = "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret \
                   /aws/reference/secretsmanager/none not found.";
    refused(
        bench.get("/aws/reference/secretsmanager/none").await,
        Code::ParameterNotFound,
        message,
    );
    let message = "The secret /aws/reference/secretsmanager/b has a binary value, which no parameter can have.";
    refused(
        bench.get("/aws/reference/secretsmanager/b").await,
        Code::Validation,
        message,
    );
    let delete = DeleteSecret::new("s", None, false).unwrap();
    let administrator = principal("administrator");
    let deleted = bench.gate.run(&administrator, &*bench.secrets, delete);
    deleted.await.map(drop).unwrap();
    let message = "An error occurred (InvalidRequestException) when referencing Secrets Manager: You can't perform this \
                   operation on the secret because it was marked for deletion.";
    refused(
        bench.get("/aws/reference/secretsmanager/s").await,
        Code::Validation,
        message,
    );
}

#[tokio::test]
async fn it_takes_both_permissions() {
    let parameters = ("reader", allow("ssm:GetParameter", &parameter_arn("*")));
    let secrets = ("keeper", allow("secretsmanager:GetSecretValue", "*"));
    let bench = Bench::with(&[parameters, secrets]).await;
    secret(&bench, "s", text("x")).await;
    let name = "/aws/reference/secretsmanager/s";
    let fault = bench.get_as(&principal("reader"), name).await.err().unwrap();
    assert_eq!(fault.code(), Code::AccessDenied);
    assert!(fault.message().contains("secretsmanager:GetSecretValue"), "{fault}");
    let fault = bench.get_as(&principal("keeper"), name).await.err().unwrap();
    assert_eq!(fault.code(), Code::AccessDenied);
    assert!(fault.message().contains("ssm:GetParameter"), "{fault}");
}
