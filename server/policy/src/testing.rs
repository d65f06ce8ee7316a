//! A request whose answers a test writes down.

use std::cell::RefCell;

use strongroom_base::{AccountId, Caller, Scope};

use crate::condition_key::{ConditionKey, KeyName};
use crate::grant::GrantTerms;
use crate::request::{ContextPairs, Request};
use crate::value::{Value, Values};

pub(crate) const ADA: &str = "arn:aws:iam::000000000000:user/ada";
pub(crate) const ACCOUNT: &str = "000000000000";

pub(crate) struct Asked {
    pub(crate) caller: Caller,
    pub(crate) owner: AccountId,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Option<ContextPairs>,
    pub(crate) grant: Option<GrantTerms>,
    pub(crate) answers: Vec<(ConditionKey, Values<'static>)>,
    /// What was asked for.
    pub(crate) asked: RefCell<Vec<ConditionKey>>,
}

pub(crate) fn scope() -> Scope {
    Scope::new("aws", "r", ACCOUNT).unwrap()
}

pub(crate) fn caller(arn: &str) -> Caller {
    let arn: strongroom_base::Arn = arn.parse().unwrap();
    let account = arn.account().parse().unwrap();
    Caller::principal(arn, account)
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> ContextPairs {
    let pairs = pairs.iter();
    pairs
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

impl Asked {
    /// Ada asks for `action` on `resource`, both of her own account.
    pub(crate) fn new(action: &str, resource: &str) -> Self {
        Self {
            caller: caller(ADA),
            owner: ACCOUNT.parse().unwrap(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            context: None,
            grant: None,
            answers: Vec::new(),
            asked: RefCell::default(),
        }
    }

    pub(crate) fn asked_by(self, arn: &str) -> Self {
        Self {
            caller: caller(arn),
            ..self
        }
    }

    pub(crate) fn with(mut self, name: KeyName, suffix: &str, values: Values<'static>) -> Self {
        self.answers.push((ConditionKey::new(name, suffix), values));
        self
    }
}

impl Request for Asked {
    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn owner(&self) -> &AccountId {
        &self.owner
    }

    fn action(&self) -> &str {
        &self.action
    }

    fn resource(&self) -> &str {
        &self.resource
    }

    fn encryption_context(&self) -> Option<&ContextPairs> {
        self.context.as_ref()
    }

    fn grant_asked_for(&self) -> Option<&GrantTerms> {
        self.grant.as_ref()
    }

    fn answer(&self, key: &ConditionKey) -> Values<'_> {
        self.asked.borrow_mut().push(key.clone());
        let found = self
            .answers
            .iter()
            .find(|(known, _)| known.name() == key.name() && known.suffix().eq_ignore_ascii_case(key.suffix()));
        found.map_or(Values::Absent, |(_, values)| values.clone())
    }
}

/// One text.
pub(crate) fn text(value: &'static str) -> Values<'static> {
    Values::one(value)
}

/// Several texts.
pub(crate) fn texts(values: &[&'static str]) -> Values<'static> {
    Values::Many(values.iter().map(|value| Value::from(*value)).collect())
}
