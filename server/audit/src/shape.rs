//! An event as a JSON object in CloudTrail's shape (AWS CloudTrail User Guide, "record contents").

use aws_lc_rs::rand;
use serde::{Serialize, Serializer};
use serde_json::json;
use strongroom_base::limits::{AUDIT_MESSAGE_LENGTH_MAX, AUDIT_RECORD_BYTES_MAX, AUDIT_USER_AGENT_LENGTH_MAX};
use strongroom_base::{Arn, CallerKind, Effect, EventId, RequestId};
use uuid::Builder;

use crate::chain::LINK_BYTES_MAX;
use crate::event::{Event, Parameters, Phase};
use crate::fault::AuditFault;
use crate::time::Iso8601;

/// The version of CloudTrail's record format that the members follow.
const EVENT_VERSION: &str = "1.11";

/// Bytes that most records stay below.
const RECORD_BYTES_USUAL: usize = 1_536;

/// Serialises `event` into the object that the writer puts its link in front of.
pub(crate) fn encode(event: &Event<'_>) -> Result<Vec<u8>, AuditFault> {
    let mut shape = Shape::new(event);
    let body = write(&shape)?;
    if body.len() + LINK_BYTES_MAX <= AUDIT_RECORD_BYTES_MAX {
        return Ok(body);
    }
    // A request that cannot be recorded in full must still be recorded: as CloudTrail does, the note takes its place.
    let note = omitted(body.len());
    shape.request_parameters = Some(&note);
    shape.response_elements = None;
    let body = write(&shape)?;
    let bytes = body.len() + LINK_BYTES_MAX;
    if bytes <= AUDIT_RECORD_BYTES_MAX {
        Ok(body)
    } else {
        Err(AuditFault::TooLong { bytes })
    }
}

fn write(shape: &Shape<'_>) -> Result<Vec<u8>, AuditFault> {
    let mut body = Vec::with_capacity(RECORD_BYTES_USUAL);
    serde_json::to_writer(&mut body, shape).map_err(|cause| AuditFault::unwritable(&cause))?;
    Ok(body)
}

fn omitted(bytes: usize) -> Parameters {
    let mut note = Parameters::new();
    note.insert("omitted".into(), json!(true));
    note.insert("originalSize".into(), json!(bytes));
    note.insert("reason".into(), json!("the record would be too long"));
    note
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shape<'e> {
    event_version: &'static str,
    user_identity: UserIdentity<'e>,
    #[serde(serialize_with = "display")]
    event_time: Iso8601,
    event_source: &'static str,
    event_name: &'static str,
    aws_region: &'e str,
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: &'e str,
    user_agent: &'e str,
    request_parameters: Option<&'e Parameters>,
    response_elements: Option<&'e Parameters>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'e str>,
    #[serde(rename = "requestID")]
    request_id: RequestId,
    #[serde(rename = "eventID")]
    event_id: EventId,
    read_only: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<ResourceShape<'e>>,
    event_type: &'static str,
    #[serde(serialize_with = "display")]
    recipient_account_id: &'e strongroom_base::AccountId,
    additional_event_data: AdditionalEventData,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity<'e> {
    #[serde(rename = "type")]
    kind: &'static str,
    principal_id: &'e str,
    arn: &'e str,
    #[serde(serialize_with = "display")]
    account_id: &'e strongroom_base::AccountId,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoked_by: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResourceShape<'e> {
    account_id: &'e str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(rename = "ARN")]
    arn: &'e str,
}

#[derive(Serialize)]
struct AdditionalEventData {
    phase: &'static str,
    #[serde(rename = "throttledBefore", skip_serializing_if = "Option::is_none")]
    throttled_before: Option<u64>,
}

impl<'e> Shape<'e> {
    fn new(event: &'e Event<'_>) -> Self {
        let throttled_before = match &event.phase {
            Phase::Throttled { left_out, .. } => Some(*left_out),
            Phase::Intent | Phase::Done(_) | Phase::Failed(_) => None,
        };
        let (phase, response, fault) = match &event.phase {
            Phase::Intent => ("intent", None, None),
            Phase::Done(response) => ("outcome", some(response), None),
            Phase::Failed(fault) | Phase::Throttled { fault, .. } => ("outcome", None, Some(*fault)),
        };
        Self {
            event_version: EVENT_VERSION,
            user_identity: UserIdentity::of(event),
            event_time: Iso8601(event.time),
            event_source: event.action.service().event_source(),
            event_name: event.action.name(),
            aws_region: event.scope.region(),
            source_ip_address: event.source,
            user_agent: clipped(event.user_agent, AUDIT_USER_AGENT_LENGTH_MAX),
            request_parameters: some(event.parameters),
            response_elements: response,
            error_code: fault.map(|fault| fault.code().row().exception),
            error_message: fault.map(|fault| clipped(fault.message(), AUDIT_MESSAGE_LENGTH_MAX)),
            request_id: event.request_id,
            event_id: event.event_id,
            read_only: match event.action.effect() {
                Effect::Read | Effect::Use => true,
                Effect::Change => false,
            },
            resources: event.resources.iter().map(|arn| ResourceShape::of(arn)).collect(),
            event_type: match event.caller.kind() {
                CallerKind::Principal => "AwsApiCall",
                CallerKind::System => "AwsServiceEvent",
            },
            recipient_account_id: event.scope.account(),
            additional_event_data: AdditionalEventData {
                phase,
                throttled_before,
            },
        }
    }
}

impl<'e> UserIdentity<'e> {
    fn of(event: &'e Event<'_>) -> Self {
        let arn = event.caller.arn();
        let kind = match (event.caller.kind(), arn.resource().split('/').next()) {
            (CallerKind::System, _) => "AWSService",
            (CallerKind::Principal, Some("user")) => "IAMUser",
            (CallerKind::Principal, Some("role")) => "Role",
            (CallerKind::Principal, _) => "Unknown",
        };
        Self {
            kind,
            principal_id: arn.as_str(),
            arn: arn.as_str(),
            account_id: event.caller.account(),
            invoked_by: event.via.map(strongroom_base::Service::event_source),
        }
    }
}

impl<'e> ResourceShape<'e> {
    fn of(arn: &'e Arn) -> Self {
        let kind = match (arn.service(), arn.resource().split(['/', ':']).next()) {
            ("kms", Some("key")) => Some("AWS::KMS::Key"),
            ("kms", Some("alias")) => Some("AWS::KMS::Alias"),
            ("secretsmanager", Some("secret")) => Some("AWS::SecretsManager::Secret"),
            ("ssm", Some("parameter")) => Some("AWS::SSM::Parameter"),
            _ => None,
        };
        Self {
            account_id: arn.account(),
            kind,
            arn: arn.as_str(),
        }
    }
}

/// CloudTrail writes null where there is nothing to say.
fn some(parameters: &Parameters) -> Option<&Parameters> {
    (!parameters.is_empty()).then_some(parameters)
}

/// An id for a new record: a random UUID of version 4. Not `Uuid::new_v4`: its system call took a twentieth of the whole time of an append.
///
/// # Errors
/// [`AuditFault::Unwritable`] when there are no random numbers.
pub fn event_id() -> Result<EventId, AuditFault> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|cause| AuditFault::unwritable(&cause))?;
    Ok(EventId::from_bytes(
        *Builder::from_random_bytes(bytes).as_uuid().as_bytes(),
    ))
}

/// The first `length_max` characters.
fn clipped(text: &str, length_max: usize) -> &str {
    match text.char_indices().nth(length_max) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

fn display<S: Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[cfg(test)]
mod tests;
