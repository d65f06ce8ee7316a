//! TellEvent: whether a watcher may hear of an event. Never performed and never recorded by itself: the gate is consulted.
//!
//! The permission is the one to describe what the event is about, decided now, by present policies and the present record.
//! A new kind of resource is an arm of [`TellEvent::resolve`].

use std::sync::Arc;

use strongroom_base::{Action, Arn, Code, EventKind, Fault, KeyId, Service};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved, Resource};
use strongroom_kms::KeyReference;
use strongroom_kms::op::DescribeKey;
use strongroom_policy::{ConditionKey, KeyName, Values};
use strongroom_secrets::op::DescribeSecret;

use crate::events::Events;
use crate::log::Logged;

/// One event, for one watcher.
pub struct TellEvent(pub(crate) Arc<Logged>);

/// What the event is about.
pub struct Subject(Box<dyn Protected + Send>);

impl Protected for Subject {
    fn needs(&self) -> Vec<Need> {
        self.0.needs()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        self.0.answer(need, key)
    }
}

/// A secret that is gone, as it was.
struct FormerSecret {
    arn: Arn,
    event: Arc<Logged>,
}

impl Protected for FormerSecret {
    fn needs(&self) -> Vec<Need> {
        vec![Need::on(Action::DescribeSecret, self.arn.clone())]
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        let tags = &self.event.event.last_tags;
        match key.name() {
            Some(KeyName::ResourceTag | KeyName::SecretResourceTag) => {
                key.pick(tags.iter().map(|(name, value)| (name.as_str(), value.as_str())))
            }
            Some(KeyName::SecretId) => Values::one(self.arn.as_str()),
            Some(_) | None => Values::Absent,
        }
    }
}

impl TellEvent {
    /// The secret itself, or, if the event is that it went, what it was. Of a secret that is gone nothing else is told:
    /// nobody knows any more who might have heard of it.
    async fn secret(&self, events: &Events) -> Result<Resolved<Subject>, Fault> {
        let arn = self.0.arn(events.scope());
        let found = DescribeSecret::new(arn.as_str())?.resolve(events.secrets()).await?;
        if let Resolved::Found(target) = found
            && target.needs().iter().any(|need| is_on(need, &arn))
        {
            return Ok(found_as(target));
        }
        Ok(match self.0.event.kind {
            EventKind::SecretRemoved => found_as(FormerSecret {
                arn,
                event: Arc::clone(&self.0),
            }),
            _ => nothing(),
        })
    }

    async fn key(&self, events: &Events) -> Result<Resolved<Subject>, Fault> {
        let id = self.0.event.resource.strip_prefix("key/").unwrap_or_default();
        let Ok(id) = id.parse::<KeyId>() else {
            return Ok(nothing());
        };
        let describe = DescribeKey {
            key: KeyReference::Key(id),
        };
        Ok(match describe.resolve(events.kms()).await? {
            Resolved::Found(target) => found_as(target),
            Resolved::Absent { .. } => nothing(),
        })
    }
}

/// An ARN can be read as that of a secret without its suffix; the event is about one secret alone.
fn is_on(need: &Need, arn: &Arn) -> bool {
    need.resource == Resource::Named(arn.clone())
}

fn found_as(target: impl Protected + Send + 'static) -> Resolved<Subject> {
    Resolved::Found(Subject(Box::new(target)))
}

/// What nobody is told of.
fn nothing() -> Resolved<Subject> {
    Resolved::Absent {
        needs: Vec::new(),
        fault: Fault::new(Code::ResourceNotFound, "What the event was about is gone."),
    }
}

impl Operation for TellEvent {
    const ACTION: Action = Action::WatchEvents;
    type Domain = Events;
    type Target = Subject;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    async fn resolve(&self, events: &Events) -> Result<Resolved<Subject>, Fault> {
        match self.0.event.kind.service() {
            Service::SecretsManager => self.secret(events).await,
            Service::Kms => self.key(events).await,
            // The log's own beginning; of parameters there are no events.
            Service::Strongroom | Service::Ssm => Ok(nothing()),
        }
    }

    async fn perform(self, _: Permit<Self>, _: &Events) -> Result<(), Fault> {
        Ok(())
    }
}
