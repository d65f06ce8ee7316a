//! Calls are repeated only when the error says so, and only if repeating is safe.

use std::time::{Duration, Instant};

use strongroom::{Client, ClientConfig, ClientFault, NewVersion, SecretChange, Value, v1};
use tonic::Code;

use crate::answers::{KEY_ARN, KEY_ID};
use crate::service::{Fake, refusal, refusal_saying};

fn client(fake: &Fake, call_deadline: Duration) -> Client {
    let config = ClientConfig {
        call_deadline,
        ..ClientConfig::new(&fake.endpoint).unwrap()
    };
    Client::connect(&config).unwrap()
}

const LONG: Duration = Duration::from_secs(10);

#[tokio::test]
async fn retry_info_is_honoured() {
    let fake = Fake::start();
    fake.fail(refusal(Code::Unavailable, "ServiceUnavailableException", Some(50)));
    fake.fail(refusal(Code::ResourceExhausted, "ThrottlingException", Some(80)));
    client(&fake, LONG).describe_key("alias/demo").await.unwrap();
    assert_eq!(fake.methods(), ["describe_key"; 3]);
    let calls = fake.state.calls.lock().unwrap().clone();
    assert!(calls[1].at - calls[0].at >= Duration::from_millis(50));
    assert!(calls[2].at - calls[1].at >= Duration::from_millis(80));
}

#[tokio::test]
async fn without_retry_info_there_is_one_call() {
    let fake = Fake::start();
    fake.fail(refusal(Code::Unavailable, "ServiceUnavailableException", None));
    let fault = client(&fake, LONG).describe_key("alias/demo").await.unwrap_err();
    assert_eq!(fake.methods(), ["describe_key"]);
    let refused = fault.refusal().unwrap();
    assert_eq!(
        (refused.code, refused.exception.as_str()),
        (Code::Unavailable, "ServiceUnavailableException")
    );
    assert_eq!(
        fault.to_string(),
        "ServiceUnavailableException: ServiceUnavailableException for a test; try again later; the service's health \
         check says whether it works (request request-1)"
    );
}

#[tokio::test]
async fn tries_are_bounded_and_the_last_error_is_the_answer() {
    let fake = Fake::start();
    for _ in 0..20 {
        fake.fail(refusal(Code::ResourceExhausted, "ThrottlingException", Some(1)));
    }
    let fault = client(&fake, LONG).describe_key("alias/demo").await.unwrap_err();
    assert_eq!(fake.methods().len(), 5);
    assert_eq!(
        fault.to_string(),
        "ThrottlingException: ThrottlingException for a test; try again later (request request-1)"
    );
    assert_eq!(fault.refusal().unwrap().retry_delay, Some(Duration::from_millis(1)));
}

/// A service that says it will be long is not asked again within the call's deadline: the error says what to do.
#[tokio::test]
async fn a_quota_that_lasts_longer_than_the_call_ends_it_with_a_clear_error() {
    let fake = Fake::start();
    let message = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";
    let long = Some(900_000);
    fake.fail(refusal_saying(
        Code::ResourceExhausted,
        "ThrottlingException",
        message,
        long,
    ));
    let begun = Instant::now();
    let fault = client(&fake, LONG).describe_key("alias/demo").await.unwrap_err();
    assert!(begun.elapsed() < LONG, "it does not wait for what cannot come");
    assert_eq!(fake.methods(), ["describe_key"]);
    assert_eq!(
        fault.to_string(),
        "ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls; \
         try again later (request request-1)"
    );
}

#[tokio::test]
async fn create_key_is_repeated_only_if_nothing_was_done() {
    let fake = Fake::start();
    fake.fail(refusal(Code::DeadlineExceeded, "DependencyTimeoutException", Some(1)));
    let fault = client(&fake, LONG)
        .create_key(v1::CreateKeyRequest::default())
        .await
        .unwrap_err();
    assert_eq!(fault.refusal().unwrap().exception, "DependencyTimeoutException");
    assert_eq!(fake.methods(), ["create_key"], "a second key would be nobody's");

    fake.fail(refusal(Code::ResourceExhausted, "ThrottlingException", Some(1)));
    client(&fake, LONG)
        .create_key(v1::CreateKeyRequest::default())
        .await
        .unwrap();
    assert_eq!(fake.methods(), ["create_key"; 3]);
}

#[tokio::test]
async fn an_alias_is_made_and_removed_again_after_a_conflict() {
    let fake = Fake::start();
    let client = client(&fake, LONG);
    let conflict = || fake.fail(refusal(Code::Aborted, "ConflictException", Some(1)));
    conflict();
    client.create_alias("alias/new", KEY_ID).await.unwrap();
    conflict();
    client.delete_alias("alias/new").await.unwrap();
    assert_eq!(
        fake.methods(),
        ["create_alias", "create_alias", "delete_alias", "delete_alias"]
    );
    fake.fail(refusal(Code::DeadlineExceeded, "DependencyTimeoutException", Some(1)));
    let fault = client.create_alias("alias/new", KEY_ID).await.unwrap_err();
    assert_eq!(fault.refusal().unwrap().exception, "DependencyTimeoutException");
    assert_eq!(fake.methods().len(), 5, "it may have been made");
}

#[tokio::test]
async fn a_rotation_on_demand_is_repeated_only_if_nothing_was_done() {
    let fake = Fake::start();
    for (code, exception) in [
        (Code::DeadlineExceeded, "DependencyTimeoutException"),
        (Code::Aborted, "ConflictException"),
    ] {
        fake.fail(refusal(code, exception, Some(1)));
        let fault = client(&fake, LONG).rotate_key_on_demand(KEY_ID).await.unwrap_err();
        assert_eq!(fault.refusal().unwrap().exception, exception);
    }
    assert_eq!(fake.methods().len(), 2, "each may have used up one of the key's 25");

    fake.fail(refusal(Code::ResourceExhausted, "ThrottlingException", Some(1)));
    let key_id = client(&fake, LONG).rotate_key_on_demand(KEY_ARN).await.unwrap();
    assert_eq!(key_id, KEY_ID);
    assert_eq!(fake.methods(), ["rotate_key_on_demand"; 4]);
}

#[tokio::test]
async fn the_schedule_of_rotation_is_set_and_read_again() {
    let fake = Fake::start();
    let client = client(&fake, LONG);
    let fail = || fake.fail(refusal(Code::DeadlineExceeded, "DependencyTimeoutException", Some(1)));
    fail();
    client.enable_key_rotation(KEY_ID, Some(90)).await.unwrap();
    fail();
    let status = client.key_rotation_status(KEY_ID).await.unwrap();
    assert_eq!(status.rotation_period_in_days, Some(90));
    fail();
    let request = v1::ListKeyRotationsRequest {
        key_id: KEY_ID.to_owned(),
        limit: Some(1),
        ..v1::ListKeyRotationsRequest::default()
    };
    assert_eq!(client.list_key_rotations(request).await.unwrap().rotations.len(), 1);
    fail();
    client.disable_key_rotation(KEY_ID).await.unwrap();
    assert_eq!(*fake.state.rotation_period.lock().unwrap(), None);
    let twice = [
        "enable_key_rotation",
        "get_key_rotation_status",
        "list_key_rotations",
        "disable_key_rotation",
    ]
    .map(|method| [method; 2]);
    assert_eq!(fake.methods(), twice.concat());
}

#[tokio::test]
async fn writes_of_secrets_carry_one_token_through_all_tries() {
    let fake = Fake::start();
    fake.fail(refusal(Code::DeadlineExceeded, "DependencyTimeoutException", Some(1)));
    let version = NewVersion {
        secret_id: "demo".to_owned(),
        client_request_token: None,
        value: Value::text("hunter2".to_owned()),
        version_stages: Vec::new(),
    };
    client(&fake, LONG).put_secret_value(version).await.unwrap();
    let tokens = fake.state.tokens.lock().unwrap().clone();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0], tokens[1]);
    assert_eq!(tokens[0].len(), 36, "a UUID: {}", tokens[0]);
}

#[tokio::test]
async fn update_secret_sends_a_token_only_with_a_value() {
    let fake = Fake::start();
    let client = client(&fake, LONG);
    let without = SecretChange {
        secret_id: "demo".to_owned(),
        ..SecretChange::default()
    };
    client.update_secret(without).await.unwrap();
    assert_eq!(fake.state.tokens.lock().unwrap().len(), 0);
    let with = SecretChange {
        secret_id: "demo".to_owned(),
        value: Some(Value::text("hunter2".to_owned())),
        ..SecretChange::default()
    };
    client.update_secret(with).await.unwrap();
    assert_eq!(fake.state.tokens.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn the_deadline_is_sent_and_kept() {
    let fake = Fake::start();
    *fake.state.delay.lock().unwrap() = Duration::from_secs(30);
    let began = Instant::now();
    let fault = client(&fake, Duration::from_millis(300))
        .describe_key("alias/demo")
        .await
        .unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(
        fault.to_string(),
        "no answer within 0.3 s; what was asked may have been done all the same: look before you repeat it"
    );
    let timeout = fake.state.calls.lock().unwrap()[0].timeout.clone().unwrap();
    assert!(!timeout.is_empty(), "grpc-timeout");
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_begun() {
    let fake = Fake::start();
    fake.fail(refusal(Code::ResourceExhausted, "KMSInternalException", Some(10_000)));
    let began = Instant::now();
    let fault = client(&fake, Duration::from_secs(2))
        .describe_key("alias/demo")
        .await
        .unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(fault.refusal().unwrap().exception, "KMSInternalException");
}

#[tokio::test]
async fn a_service_that_is_not_there_is_named() {
    let config = ClientConfig::new("http://127.0.0.1:1").unwrap();
    let fault = Client::connect(&config)
        .unwrap()
        .describe_key("alias/demo")
        .await
        .unwrap_err();
    assert!(matches!(fault, ClientFault::Unreachable { .. }), "{fault}");
    assert_eq!(
        fault.to_string(),
        "cannot reach the service at http://127.0.0.1:1: Connection refused (os error 111); check that it runs there and \
         trusts this certificate"
    );
}
