//! RetireGrant: those whom a grant serves give it up.

use std::collections::BTreeSet;
use std::sync::Arc;

use strongroom_base::{AccountId, Action, Code, Fault, GrantId};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_policy::{
    ConditionKey, GrantConstraints, GrantOperation, GrantTerms, Grants, Guard, ResourcePolicy, Values,
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

/// Whom the grant lets retire it: its retiring principal, and its grantee if RetireGrant is among its operations; and the
/// accounts that decide for their own principals who else may: the one that made it, the one that owns the key, and that of
/// a retiring principal who is an account. The key's policy has no say, as in AWS, so that a service can end a grant that it
/// was given whatever becomes of the policy. Source: KMS Developer Guide, "Retiring and revoking grants".
#[derive(Debug)]
struct RetireGuard {
    accounts: ResourcePolicy,
    grants: Grants,
}

impl RetireGuard {
    fn new(owner: &AccountId, grant: &GrantRecord) -> Self {
        let whole = grant.retiring.as_ref().filter(|arn| arn.resource() == "root");
        let retiring = whole.and_then(|arn| arn.account().parse().ok());
        let accounts = [owner, &grant.issuing_account].into_iter().chain(&retiring);
        let mut grants = Grants::default();
        grants.add(&grant.grantee, grant.id, &grant.terms);
        if let Some(principal) = &grant.retiring {
            let terms = GrantTerms {
                operations: BTreeSet::from([GrantOperation::RetireGrant]),
                constraints: GrantConstraints::default(),
            };
            // Beside the grant itself, for whom the two are one.
            grants.add(principal, GrantId::from_bytes([0; 32]), &terms);
        }
        Self {
            accounts: ResourcePolicy::left_to(accounts, Action::RetireGrant.permission()),
            grants,
        }
    }
}

impl Guard for RetireGuard {
    fn policy(&self) -> &ResourcePolicy {
        &self.accounts
    }

    fn grants(&self) -> Option<&Grants> {
        Some(&self.grants)
    }
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
                guard: Arc::new(RetireGuard::new(kms.scope().account(), &grant)),
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
