use serde_json::{Value, json};
use strongroom_base::limits::AUDIT_RECORD_BYTES_MAX;
use strongroom_base::{Action, Caller, Code, Fault, Service};

use super::encode;
use crate::chain::LINK_BYTES_MAX;
use crate::event::{Event, Parameters, Phase};
use crate::fault::AuditFault;
use crate::fixture::{Request, TIME_TEXT};

fn record(event: &Event<'_>) -> Value {
    let body = encode(event).unwrap();
    assert!(!body.contains(&b'\n'), "a record is one line");
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn a_record_has_the_shape_of_cloudtrail() {
    let request = Request::new();
    let mut record = record(&request.event(Action::Decrypt, Phase::Done(Parameters::new())));
    let event_id = record["eventID"].take();
    assert_eq!(event_id.as_str().map(str::len), Some(36));
    let expected = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "arn:aws:iam::000000000000:user/developer",
            "arn": "arn:aws:iam::000000000000:user/developer",
            "accountId": "000000000000",
        },
        "eventTime": TIME_TEXT,
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "awsRegion": "local-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "test/1",
        "requestParameters": {"keyId": "alias/orders"},
        "responseElements": null,
        "requestID": "07070707-0707-0707-0707-070707070707",
        "eventID": null,
        "readOnly": true,
        "resources": [{
            "accountId": "000000000000",
            "type": "AWS::KMS::Key",
            "ARN": "arn:aws:kms:local-1:000000000000:key/1",
        }],
        "eventType": "AwsApiCall",
        "recipientAccountId": "000000000000",
        "additionalEventData": {"phase": "outcome"},
    });
    assert_eq!(record, expected);
}

#[test]
fn every_record_has_an_id_of_its_own() {
    let request = Request::new();
    let ids =
        [Phase::Intent, Phase::Intent].map(|phase| record(&request.event(Action::CreateKey, phase))["eventID"].take());
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn an_intent_says_so_and_promises_nothing() {
    let mut request = Request::new();
    request.parameters.clear();
    let mut event = request.event(Action::CreateKey, Phase::Intent);
    event.resources.clear();
    let record = record(&event);
    assert_eq!(record["additionalEventData"]["phase"], "intent");
    assert_eq!(record["readOnly"], false);
    assert_eq!(record["requestParameters"], Value::Null);
    assert_eq!(record["responseElements"], Value::Null);
    assert_eq!(record.get("resources"), None);
    assert_eq!(record.get("errorCode"), None);
}

#[test]
fn an_answer_is_recorded_as_far_as_it_is_given() {
    let request = Request::new();
    let mut response = Parameters::new();
    response.insert("keyId".into(), json!("1"));
    let record = record(&request.event(Action::CreateKey, Phase::Done(response)));
    assert_eq!(record["responseElements"], json!({"keyId": "1"}));
}

#[test]
fn a_failure_has_the_public_text_and_not_the_cause() {
    let request = Request::new();
    let fault = Fault::new(Code::AccessDenied, "not authorized").because("CKR_DEVICE_ERROR in slot 7");
    let record = record(&request.event(Action::Decrypt, Phase::Failed(&fault)));
    assert_eq!(record["errorCode"], "AccessDeniedException");
    assert_eq!(record["errorMessage"], "not authorized");
    assert!(!record.to_string().contains("CKR_"));
}

#[test]
fn services_and_background_jobs_are_told_from_people() {
    let mut request = Request::new();
    let mut event = request.event(Action::Decrypt, Phase::Done(Parameters::new()));
    event.via = Some(Service::SecretsManager);
    assert_eq!(
        record(&event)["userIdentity"]["invokedBy"],
        "secretsmanager.amazonaws.com"
    );

    let arn = "arn:aws:iam::000000000000:role/strongroom/key-deletion"
        .parse()
        .unwrap();
    request.caller = Caller::system(arn, request.scope.account().clone());
    let record = record(&request.event(Action::DeleteKey, Phase::Done(Parameters::new())));
    assert_eq!(record["userIdentity"]["type"], "AWSService");
    assert_eq!(record["eventType"], "AwsServiceEvent");
}

#[test]
fn resources_have_the_types_that_aws_gives_them() {
    let mut request = Request::new();
    for (service, resource, kind) in [
        ("kms", "key/1", json!("AWS::KMS::Key")),
        ("kms", "alias/orders", json!("AWS::KMS::Alias")),
        (
            "secretsmanager",
            "secret:db-AbCdEf",
            json!("AWS::SecretsManager::Secret"),
        ),
        ("ssm", "parameter/db/host", json!("AWS::SSM::Parameter")),
        ("strongroom", "token/1", Value::Null),
    ] {
        request.key = request.scope.arn(service, resource);
        let record = record(&request.event(Action::Decrypt, Phase::Intent));
        assert_eq!(record["resources"][0]["type"], kind, "{resource}");
    }
}

/// A request that is too large to be recorded must not get around being recorded.
#[test]
fn large_parameters_are_replaced_by_a_note() {
    let mut request = Request::new();
    request
        .parameters
        .insert("description".into(), json!("\u{1}".repeat(8_192)));
    let usual = record(&request.event(Action::CreateKey, Phase::Intent));
    assert_eq!(usual["requestParameters"]["keyId"], "alias/orders");

    let more = "\u{1}".repeat(AUDIT_RECORD_BYTES_MAX / 12);
    request.parameters.insert("more".into(), json!(more));
    let event = request.event(Action::CreateKey, Phase::Done(request.parameters.clone()));
    assert!(encode(&event).unwrap().len() + LINK_BYTES_MAX <= AUDIT_RECORD_BYTES_MAX);
    let noted = record(&event);
    assert_eq!(noted["requestParameters"]["omitted"], true);
    assert!(noted["requestParameters"]["originalSize"].as_u64() > Some(AUDIT_RECORD_BYTES_MAX as u64));
    assert_eq!(noted["responseElements"], Value::Null);
    assert_eq!(noted["eventName"], "CreateKey");
}

#[test]
fn texts_of_strangers_are_cut_off() {
    let request = Request::new();
    let (agent, message) = ("é\"".repeat(40_000), "\u{1}".repeat(40_000));
    let fault = Fault::new(Code::Validation, message);
    let mut event = request.event(Action::Decrypt, Phase::Failed(&fault));
    event.user_agent = &agent;
    let record = record(&event);
    assert_eq!(
        record["userAgent"].as_str().map(|text| text.chars().count()),
        Some(1_024)
    );
    assert_eq!(
        record["errorMessage"].as_str().map(|text| text.chars().count()),
        Some(4_096)
    );
}

#[test]
fn what_cannot_be_recorded_is_refused() {
    let request = Request::new();
    let mut event = request.event(Action::Decrypt, Phase::Intent);
    event.resources = vec![&request.key; AUDIT_RECORD_BYTES_MAX / 64];
    let fault = encode(&event).unwrap_err();
    assert!(matches!(fault, AuditFault::TooLong { .. }));
    let public = Fault::from(fault);
    assert_eq!(public.code(), Code::Validation);
    assert_eq!(public.message(), "The request is too large for an audit record.");
}
