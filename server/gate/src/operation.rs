//! [`Operation`]: what a domain implements for each thing that can be asked, one file per operation.

use std::future::Future;
use std::sync::Arc;

use strongroom_audit::Parameters;
use strongroom_base::{Action, Arn, Code, Fault, KeySpec, Service};
use strongroom_policy::{ConditionKey, ContextPairs, GrantTerms, Guard, Values};

use crate::domain::Domain;
use crate::permit::Permit;

/// What a permission is asked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resource {
    /// Actions that have no resource, such as ListKeys: policies must allow them on `*`.
    Any,
    /// One key, alias or secret.
    Named(Arn),
}

/// One permission that an operation needs.
#[derive(Debug, Clone)]
pub struct Need {
    /// The permission.
    pub action: Action,
    /// What it is needed on.
    pub resource: Resource,
    /// The resource as the caller named it, where that is another name: what a refusal repeats, so that it does not
    /// tell which key an alias points at, or that the alias exists.
    pub named: Option<Arn>,
    /// Set for keys that a service manages: nobody who does not come through this service is allowed the action. Who
    /// does is asked the key's own policy and his; where the need has no guard, coming through the service is enough
    /// unless the caller's policy denies it (the key policy of AWS managed keys).
    pub reserved_to: Option<Service>,
    /// What the resource itself says of who may: its policy, and grants. Without it the policies of the account's own
    /// principals decide, and nobody else may.
    pub guard: Option<Arc<dyn Guard>>,
    /// What the permission would be needed on if the resource did not exist, where that is not what it was named: the words
    /// of a refusal follow from it.
    pub unseen: Option<Arn>,
    /// Set for what each account decides for its own principals, whoever owns the keys: their own policies are asked alone.
    pub left_to_accounts: bool,
    /// What is answered instead of AccessDeniedException: for permissions that must hold after a change, such as
    /// kms:PutKeyPolicy under the policy that is to come.
    pub instead: Option<(Code, &'static str)>,
}

impl Need {
    /// A permission that the caller's own policies decide.
    #[must_use]
    pub fn on(action: Action, resource: Arn) -> Self {
        Self {
            action,
            resource: Resource::Named(resource),
            ..Self::anywhere(action)
        }
    }

    /// The same, for a resource that the caller called `name`.
    #[must_use]
    pub fn named(self, name: Arn) -> Self {
        Self {
            named: Some(name),
            ..self
        }
    }

    /// The same, on a key that `service` manages.
    #[must_use]
    pub fn reserved_to(self, service: Option<Service>) -> Self {
        Self {
            reserved_to: service,
            ..self
        }
    }

    /// The same, on a resource that says itself who may.
    #[must_use]
    pub fn under(self, guard: Arc<dyn Guard>) -> Self {
        Self {
            guard: Some(guard),
            ..self
        }
    }

    /// The same, on a resource that would be decided on as `arn` if it did not exist.
    #[must_use]
    pub fn unseen_as(self, arn: Arn) -> Self {
        Self {
            unseen: Some(arn),
            ..self
        }
    }

    /// The same, for what each account decides for its own principals.
    #[must_use]
    pub fn left_to_accounts(self) -> Self {
        Self {
            left_to_accounts: true,
            ..self
        }
    }

    /// The same, refused with other words.
    #[must_use]
    pub fn or_else(self, code: Code, message: &'static str) -> Self {
        Self {
            instead: Some((code, message)),
            ..self
        }
    }

    /// A permission on an action that has no resource.
    #[must_use]
    pub fn anywhere(action: Action) -> Self {
        Self {
            action,
            resource: Resource::Any,
            named: None,
            reserved_to: None,
            guard: None,
            unseen: None,
            left_to_accounts: false,
            instead: None,
        }
    }
}

/// Records that an operation is about, with the permissions that it needs on them.
pub trait Protected {
    /// Every permission that is needed; the gate decides all of them.
    fn needs(&self) -> Vec<Need>;

    /// What the record that `need` is about answers to a condition key, such as `kms:KeySpec` or `aws:ResourceTag/...`.
    fn answer(&self, _need: &Need, _key: &ConditionKey) -> Values<'_> {
        Values::Absent
    }

    /// The kind of key that does the work, which decides what quota a cryptographic operation spends once it is allowed.
    fn key_spec(&self) -> KeySpec {
        KeySpec::SymmetricDefault
    }

    /// The kind of the second key, of an operation that works with two: it spends the quotas of both kinds.
    fn second_key_spec(&self) -> Option<KeySpec> {
        None
    }
}

/// What [`Operation::resolve`] found.
pub enum Resolved<T> {
    /// The records that the request names.
    Found(T),
    /// There is no such record. A caller who lacks the `needs` is told that access is denied, and so learns nothing;
    /// one who has them is told the `fault`.
    Absent {
        /// What the caller would need on the thing as it was named.
        needs: Vec<Need>,
        /// What an allowed caller is told.
        fault: Fault,
    },
}

/// One thing that can be asked of a domain.
pub trait Operation: Sized + Send {
    /// The operation's name in audit records, and what it does.
    const ACTION: Action;
    /// What the operation works on, such as the key service.
    type Domain: Domain;
    /// The records that it is about.
    type Target: Protected + Send;
    /// What the caller gets.
    type Reply: Send;

    /// The request's fields for the audit record, without anything secret.
    fn parameters(&self) -> Parameters;

    /// The encryption context with which `need` is asked for; empty where the request gives none. Every operation that takes
    /// one must say it: conditions and the constraints of grants look at it.
    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        None
    }

    /// What the request would grant: of CreateGrant alone.
    fn grant_asked_for(&self) -> Option<&GrantTerms> {
        None
    }

    /// What the request answers to a condition key when it asks for `need`, such as `kms:RequestAlias` or
    /// `aws:RequestTag/...`. What every request has, such as `aws:SourceIp`, is not asked here.
    fn answer(&self, _need: &Need, _key: &ConditionKey) -> Values<'_> {
        Values::Absent
    }

    /// The kind of data key pair that the request makes, if it makes one: each kind has its quota.
    fn data_key_pair(&self) -> Option<KeySpec> {
        None
    }

    /// Finds the records that the request names. Must not change anything.
    fn resolve(&self, domain: &Self::Domain) -> impl Future<Output = Result<Resolved<Self::Target>, Fault>> + Send;

    /// Refuses whatever [`Self::perform`] would refuse for the state of the records or for the request's fields, and does
    /// nothing: no store write, no budget, no token. All that a dry run does; `perform` asks the same questions.
    fn check(&self, _target: &Self::Target, _domain: &Self::Domain) -> impl Future<Output = Result<(), Fault>> + Send {
        std::future::ready(Ok(()))
    }

    /// Does it. Only the gate can make the permit, which owns the records that were decided on.
    fn perform(
        self,
        permit: Permit<Self>,
        domain: &Self::Domain,
    ) -> impl Future<Output = Result<Self::Reply, Fault>> + Send;

    /// The answer's fields for the audit record; empty for reads and cryptography, as in CloudTrail.
    fn response(_reply: &Self::Reply) -> Parameters {
        Parameters::new()
    }
}
