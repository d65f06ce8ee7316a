//! RetireGrant: those whom a grant serves give it up.

use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::{Action, Arn, Code, Fault, GrantId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{
    Authority, ConditionKey, Grant, GrantConstraints, GrantOperation, GrantTerms, Grantee, Guard, ResourcePolicy,
    Values,
};
use strongroom_store::Stored;

use crate::grant::{GrantRecord, GrantToken, invalid_token, not_found, parse_id};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct RetireGrant {
    grant: GrantToken,
    by_token: bool,
}

/// A grant on a key, which itself says who may retire it.
pub struct RetireGrantTarget {
    key: KeyTarget,
    guard: Arc<RetireGuard>,
}

impl Protected for RetireGrantTarget {
    fn needs(&self) -> Vec<Need> {
        let guard: Arc<dyn Guard> = Arc::<RetireGuard>::clone(&self.guard);
        let under = |need: Need| need.under(Arc::clone(&guard));
        self.key.needs().into_iter().map(under).collect()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        self.key.answer(need, key)
    }
}

/// The key's policy, and of its grants the one that is to go, for those whom it lets retire it: its retiring principal,
/// and its grantee if RetireGrant is among its operations.
#[derive(Debug)]
struct RetireGuard {
    policy: Arc<ResourcePolicy>,
    retiring: Option<[Arc<Grant>; 1]>,
    grantee: [Arc<Grant>; 1],
}

impl RetireGuard {
    fn new(policy: Arc<ResourcePolicy>, grant: &GrantRecord) -> Self {
        Self {
            policy,
            retiring: grant.retiring.as_ref().map(|arn| [to_retire(grant.id, arn)]),
            grantee: [Arc::new(grant.for_decisions())],
        }
    }
}

impl Guard for RetireGuard {
    fn authority(&self) -> Authority {
        Authority::Sole
    }

    fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }

    fn grants_to(&self, principal: &Arn) -> &[Arc<Grant>] {
        match &self.retiring {
            Some(own @ [grant]) if matches!(&grant.grantee, Grantee::Principal(arn) if arn == principal) => own,
            Some(_) | None => &self.grantee,
        }
    }
}

/// What a grant permits to its retiring principal.
fn to_retire(id: GrantId, principal: &Arn) -> Arc<Grant> {
    Arc::new(Grant {
        id: id.to_string().into(),
        grantee: Grantee::Principal(principal.clone()),
        terms: GrantTerms {
            operations: BTreeSet::from([GrantOperation::RetireGrant]),
            constraints: GrantConstraints::default(),
        },
    })
}

impl RetireGrant {
    /// The end of a grant, which is named by its token, or else by its key and its id.
    ///
    /// # Errors
    /// ValidationException for both, neither or half of them, InvalidGrantTokenException, InvalidGrantIdException, and
    /// what a key's name can be wrong in.
    pub fn new(kms: &Kms, token: Option<&str>, key_id: Option<&str>, grant_id: Option<&str>) -> Result<Self, Fault> {
        let (grant, by_token) = match (token, key_id, grant_id) {
            (Some(token), None, None) => (GrantToken::parse(token, &kms.sealer)?, true),
            (None, Some(key), Some(grant)) => {
                let key = KeyReference::parse_key(key, kms.scope())?;
                let grant = parse_id(grant)?;
                (GrantToken { key, grant }, false)
            }
            _ => {
                return Err(Fault::new(
                    Code::Validation,
                    "Identify the grant either by its GrantToken, or by both KeyId and GrantId.",
                ));
            }
        };
        Ok(Self { grant, by_token })
    }

    /// What is said of a grant that is gone.
    fn absent(&self, fault: Fault) -> Fault {
        if self.by_token { invalid_token() } else { fault }
    }
}

impl Operation for RetireGrant {
    const ACTION: Action = Action::RetireGrant;
    type Domain = Kms;
    type Target = RetireGrantTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.grant.key.to_string().into()),
            ("grantId", self.grant.grant.to_string().into()),
        ])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<RetireGrantTarget>, Fault> {
        let GrantToken { key, grant: id } = self.grant;
        let key = match KeyTarget::resolve(kms, &KeyReference::Key(key), Self::ACTION).await? {
            Resolved::Found(key) => key,
            Resolved::Absent { needs, fault } => {
                let fault = self.absent(fault);
                return Ok(Resolved::Absent { needs, fault });
            }
        };
        let grant: Option<Stored<GrantRecord>> = kms.find_grant(&key.record.id, &id).await?;
        Ok(match grant {
            Some(grant) => Resolved::Found(RetireGrantTarget {
                guard: Arc::new(RetireGuard::new(kms.policies.of(&key.record), &grant)),
                key,
            }),
            None => Resolved::Absent {
                needs: key.needs(),
                fault: self.absent(not_found(id)),
            },
        })
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<(), Fault> {
        kms.remove_grant(&permit.target().key, &self.grant.grant).await
    }
}
