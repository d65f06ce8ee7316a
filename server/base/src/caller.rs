//! Who asks: an AWS-style principal, or the service itself.

use crate::arn::Arn;
use crate::scope::AccountId;

/// What kind of caller this is, for audit records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// A principal of the configured table.
    Principal,
    /// A background job of the service; policies do not bind it, the audit trail names it.
    System,
}

/// An identified caller. Cheap enough to share; the wires hold one per connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    kind: CallerKind,
    arn: Arn,
    account: AccountId,
    tags: Box<[(Box<str>, Box<str>)]>,
}

impl Caller {
    /// A principal that an identity check has established.
    #[must_use]
    pub fn principal(arn: Arn, account: AccountId) -> Self {
        Self {
            kind: CallerKind::Principal,
            arn,
            account,
            tags: Box::default(),
        }
    }

    /// The background job that `arn` names, such as `arn:aws:iam::ACCOUNT:role/strongroom/key-deletion`.
    #[must_use]
    pub fn system(arn: Arn, account: AccountId) -> Self {
        Self {
            kind: CallerKind::System,
            arn,
            account,
            tags: Box::default(),
        }
    }

    /// The same with tags, which policies can ask for (`aws:PrincipalTag/...`).
    #[must_use]
    pub fn tagged(self, tags: impl IntoIterator<Item = (String, String)>) -> Self {
        let tags = tags.into_iter().map(|(key, value)| (key.into(), value.into()));
        Self {
            tags: tags.collect(),
            ..self
        }
    }

    /// What kind of caller this is.
    #[must_use]
    pub fn kind(&self) -> CallerKind {
        self.kind
    }

    /// The principal's ARN.
    #[must_use]
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// The account the caller belongs to.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The principal's tags: keys and values.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().map(|(key, value)| (&**key, &**value))
    }
}
