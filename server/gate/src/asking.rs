//! [`Asking`]: one need of one request, as policies see it. Nothing is worked out before a policy asks for it.

use strongroom_base::{AccountId, Caller, Clock, Scope};
use strongroom_policy::{ConditionKey, ContextPairs, GrantTerms, KeyName, Request, Values};

use crate::context::OpContext;
use crate::operation::{Need, Operation, Protected, Resource};

/// What operation and record answer, without their types.
pub(crate) trait Subject {
    fn encryption_context(&self, need: &Need) -> Option<&ContextPairs>;
    fn grant_asked_for(&self) -> Option<&GrantTerms>;
    fn request_answer(&self, need: &Need, key: &ConditionKey) -> Values<'_>;
    fn record_answer(&self, need: &Need, key: &ConditionKey) -> Values<'_>;
}

/// An operation and the records that it found, if it found any.
pub(crate) struct Matter<'o, O: Operation> {
    pub(crate) operation: &'o O,
    pub(crate) target: Option<&'o O::Target>,
}

impl<O: Operation> Subject for Matter<'_, O> {
    fn encryption_context(&self, need: &Need) -> Option<&ContextPairs> {
        self.operation.encryption_context(need)
    }

    fn grant_asked_for(&self) -> Option<&GrantTerms> {
        self.operation.grant_asked_for()
    }

    fn request_answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        self.operation.answer(need, key)
    }

    fn record_answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        self.target.map_or(Values::Absent, |target| target.answer(need, key))
    }
}

/// What is the same for all needs of a request.
#[derive(Clone, Copy)]
pub(crate) struct Circumstances<'r> {
    pub(crate) context: &'r OpContext,
    pub(crate) scope: &'r Scope,
    pub(crate) clock: &'r Clock,
    pub(crate) subject: &'r dyn Subject,
}

/// One need of a request.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'r> {
    pub(crate) circumstances: Circumstances<'r>,
    pub(crate) need: &'r Need,
    /// Whether the record may be looked at. What a caller is told must be the same as if there were none.
    pub(crate) unseen: bool,
}

impl Request for Asking<'_> {
    fn caller(&self) -> &Caller {
        &self.circumstances.context.caller
    }

    fn owner(&self) -> &AccountId {
        if self.need.left_to_accounts {
            return self.circumstances.context.caller.account();
        }
        self.circumstances.scope.account()
    }

    fn action(&self) -> &str {
        self.need.action.permission()
    }

    fn resource(&self) -> &str {
        let unseen = self.need.unseen.as_ref().or(self.need.named.as_ref());
        match (&self.need.resource, unseen) {
            (_, Some(arn)) if self.unseen => arn.as_str(),
            (Resource::Named(arn), _) => arn.as_str(),
            (Resource::Any, _) => "*",
        }
    }

    fn encryption_context(&self) -> Option<&ContextPairs> {
        self.circumstances.subject.encryption_context(self.need)
    }

    fn grant_asked_for(&self) -> Option<&GrantTerms> {
        self.circumstances.subject.grant_asked_for()
    }

    fn answer(&self, key: &ConditionKey) -> Values<'_> {
        let subject = self.circumstances.subject;
        let record = || {
            if self.unseen {
                Values::Absent
            } else {
                subject.record_answer(self.need, key)
            }
        };
        self.everywhere(key)
            .or_else(|| subject.request_answer(self.need, key))
            .or_else(record)
    }
}

impl Asking<'_> {
    /// What every request answers, whatever it is about.
    fn everywhere(&self, key: &ConditionKey) -> Values<'_> {
        let Circumstances {
            context, scope, clock, ..
        } = &self.circumstances;
        let (caller, via) = (
            &*context.caller,
            context.via.map(strongroom_base::Service::event_source),
        );
        match key.name() {
            Some(KeyName::CurrentTime | KeyName::EpochTime) => Values::one(clock.now()),
            Some(KeyName::PrincipalArn | KeyName::UserId) => Values::one(caller.arn().as_str()),
            Some(KeyName::PrincipalAccount | KeyName::CallerAccount) => Values::one(caller.account().as_str()),
            Some(KeyName::PrincipalType) => Values::one(match user_name(caller) {
                Some(_) => "User",
                None => "AssumedRole",
            }),
            Some(KeyName::Username) => Values::maybe(user_name(caller)),
            Some(KeyName::PrincipalTag) => key.pick(caller.tags()),
            Some(KeyName::PrincipalIsAwsService) => Values::one(false),
            Some(KeyName::SourceIp) => Values::maybe(context.channel.address),
            Some(KeyName::SourceVpce) => Values::maybe(context.channel.listener.as_deref()),
            Some(KeyName::SecureTransport) => Values::one(context.channel.encrypted),
            Some(KeyName::UserAgent) => Values::one(&*context.user_agent),
            Some(KeyName::RequestedRegion | KeyName::SecretPrimaryRegion) => Values::one(scope.region()),
            Some(KeyName::ResourceAccount) => Values::one(self.owner().as_str()),
            Some(KeyName::ViaAwsService) => Values::one(via.is_some()),
            Some(KeyName::CalledVia) => via.map_or(Values::Absent, |service| Values::many([service])),
            Some(KeyName::CalledViaFirst | KeyName::CalledViaLast) => Values::maybe(via),
            // As AWS writes it: secretsmanager.REGION.amazonaws.com.
            Some(KeyName::ViaService) => Values::maybe(via.map(|service| {
                let name = service.strip_suffix(".amazonaws.com").unwrap_or(service);
                format!("{name}.{}.amazonaws.com", scope.region())
            })),
            Some(_) | None => Values::Absent,
        }
    }
}

/// The name of a user, without its path; roles have none.
fn user_name(caller: &Caller) -> Option<&str> {
    let name = caller.arn().resource().strip_prefix("user/")?;
    name.rsplit('/').next()
}
