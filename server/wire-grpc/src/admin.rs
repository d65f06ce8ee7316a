//! The Admin service: who is calling, and how the token does.

use std::sync::Arc;

use strongroom_base::Fault;
use strongroom_base::limits::{TOKEN_ASYMMETRIC_QUEUE_MAX, TOKEN_CONTROL_QUEUE_MAX, TOKEN_DATA_QUEUE_MAX};
use strongroom_events::Events;
use strongroom_identity::op::{CallerIdentity, GetCallerIdentity};
use strongroom_kms::op::{DescribeToken, InspectKey, InspectedMaterial, Inspection};
use strongroom_kms::{KeyReference, Kms, Provenance, TokenHealth, TokenStatus};
use strongroom_proto::v1;
use strongroom_proto::v1::admin_server::Admin;
use tonic::{Request, Response, Status, async_trait};

use crate::door::Door;
use crate::field::count;
use crate::watching::{self, Ends, EventStream};

/// The service.
pub struct AdminService {
    door: Door,
    kms: Arc<Kms>,
    events: Arc<Events>,
    oneself: Arc<()>,
}

impl AdminService {
    /// The service over one key service and the events of one store.
    #[must_use]
    pub fn new(door: Door, kms: Arc<Kms>, events: Arc<Events>) -> Self {
        Self {
            door,
            kms,
            events,
            oneself: Arc::new(()),
        }
    }
}

#[async_trait]
impl Admin for AdminService {
    async fn get_caller_identity(
        &self,
        request: Request<v1::GetCallerIdentityRequest>,
    ) -> Result<Response<v1::GetCallerIdentityResponse>, Status> {
        self.door
            .pass(
                &self.oneself,
                request,
                |_, ()| Ok(GetCallerIdentity),
                |reply, ()| identity(&reply),
            )
            .await
    }

    async fn describe_token(
        &self,
        request: Request<v1::DescribeTokenRequest>,
    ) -> Result<Response<v1::DescribeTokenResponse>, Status> {
        self.door
            .pass(&self.kms, request, |_, _| Ok(DescribeToken), |reply, _| token(reply))
            .await
    }

    async fn inspect_key(
        &self,
        request: Request<v1::InspectKeyRequest>,
    ) -> Result<Response<v1::InspectKeyResponse>, Status> {
        self.door
            .pass(&self.kms, request, inspect_key, |reply, _| inspection(&reply))
            .await
    }

    type WatchEventsStream = EventStream;

    async fn watch_events(&self, request: Request<v1::WatchEventsRequest>) -> Result<Response<EventStream>, Status> {
        let ends = Ends::of(&request, self.door.stop());
        let opened = self
            .door
            .pass(&self.events, request, watching::decode, |watcher, _| watcher)
            .await?;
        Ok(watching::start(opened.into_inner(), ends))
    }
}

fn identity(reply: &CallerIdentity) -> v1::GetCallerIdentityResponse {
    let resource = reply.arn.resource();
    v1::GetCallerIdentityResponse {
        user_id: resource.split_once('/').map_or(resource, |(_, name)| name).to_owned(),
        account: reply.account.to_string(),
        arn: reply.arn.to_string(),
    }
}

fn token(status: TokenStatus) -> v1::DescribeTokenResponse {
    let (health, reason) = match status.health {
        TokenHealth::Unknown => (v1::TokenHealth::Unknown, None),
        TokenHealth::Usable => (v1::TokenHealth::Usable, None),
        TokenHealth::Unusable { reason } => (v1::TokenHealth::Unusable, Some(reason.to_owned())),
    };
    let described = status.description;
    let text = |field: fn(&strongroom_kms::TokenDescription) -> &String| {
        described.as_ref().map(field).cloned().unwrap_or_default()
    };
    v1::DescribeTokenResponse {
        health: health.into(),
        reason,
        label: text(|token| &token.label),
        serial: text(|token| &token.serial),
        manufacturer: text(|token| &token.manufacturer),
        model: text(|token| &token.model),
        firmware_version: text(|token| &token.firmware),
        profile: status.profile,
        lanes: vec![
            lane("data", status.data_queue_depth, TOKEN_DATA_QUEUE_MAX),
            lane("asymmetric", status.asymmetric_queue_depth, TOKEN_ASYMMETRIC_QUEUE_MAX),
            lane("control", status.control_queue_depth, TOKEN_CONTROL_QUEUE_MAX),
        ],
        counters: Some(v1::TokenCounters {
            jobs: status.counts.jobs,
            sheds: status.counts.shed,
            expired: status.counts.expired,
            reconnects: status.counts.connections.saturating_sub(1),
            logins: status.counts.logins,
            retries: status.counts.retries,
            alarms: status.counts.alarms,
        }),
        ciphertext_suite: described
            .as_ref()
            .map(|token| token.suite.to_string())
            .unwrap_or_default(),
        ciphertext_suite_refused: described.as_ref().and_then(|token| token.suite_refused.clone()),
    }
}

fn inspect_key(request: v1::InspectKeyRequest, kms: &Kms) -> Result<InspectKey, Fault> {
    let key = KeyReference::parse(&request.key_id, kms.scope())?;
    InspectKey::new(key, count(request.limit, "limit")?, request.marker.as_deref())
}

fn inspection(reply: &Inspection) -> v1::InspectKeyResponse {
    v1::InspectKeyResponse {
        key_id: reply.arn.to_string(),
        token_serial: reply.token_serial.clone(),
        materials: reply.materials.iter().map(inspected).collect(),
        next_marker: reply.next_marker.clone(),
        truncated: reply.next_marker.is_some(),
    }
}

fn inspected(material: &InspectedMaterial) -> v1::InspectedMaterial {
    let recorded = &material.recorded;
    v1::InspectedMaterial {
        key_material_id: recorded.material.to_string(),
        recorded: attributes(&recorded.provenance),
        recorded_token_serial: recorded.token_serial.clone(),
        found: material.found.as_ref().map(attributes).unwrap_or_default(),
        fault: material.found.as_ref().err().cloned(),
        differences: material.differences().into_iter().map(str::to_owned).collect(),
    }
}

fn attributes(provenance: &Provenance) -> Vec<v1::TokenAttribute> {
    let attribute = |(name, value): (&str, String)| v1::TokenAttribute {
        name: name.to_owned(),
        value,
    };
    provenance.attributes().into_iter().map(attribute).collect()
}

fn lane(name: &str, depth: usize, limit: usize) -> v1::TokenLane {
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    v1::TokenLane {
        name: name.to_owned(),
        queue_depth: number(depth),
        queue_limit: number(limit),
    }
}
