//! What operations on parameters are about, and the permissions they need on it.

use strongroom_base::{Action, Arn, Fault};
use strongroom_gate::{Need, Protected, Resolved, Resource};
use strongroom_policy::{ConditionKey, Values};
use strongroom_store::Stored;

use crate::name::{ParameterName, ParameterPath};
use crate::parameters::{Parameters, not_found};
use crate::record::ParameterRecord;
use crate::reference::{ParameterReference, Subject};

/// One parameter, for an operation that needs one permission on it.
pub struct ParameterTarget {
    /// The record as it was decided on.
    pub(crate) record: Stored<ParameterRecord>,
    need: Need,
}

impl ParameterTarget {
    /// Finds the parameter with this name.
    pub(crate) async fn resolve(
        parameters: &Parameters,
        name: &ParameterName,
        action: Action,
    ) -> Result<Resolved<Self>, Fault> {
        Self::resolve_or(parameters, name, action, || not_found(name.as_str())).await
    }

    /// The same, where a parameter that does not exist is called something else.
    pub(crate) async fn resolve_or(
        parameters: &Parameters,
        name: &ParameterName,
        action: Action,
        missing: impl FnOnce() -> Fault,
    ) -> Result<Resolved<Self>, Fault> {
        let need = Need::on(action, name.arn(parameters.scope()));
        Ok(match parameters.find(name).await? {
            Some(record) => Resolved::Found(Self { record, need }),
            None => Resolved::Absent {
                needs: vec![need],
                fault: missing(),
            },
        })
    }
}

impl Protected for ParameterTarget {
    fn needs(&self) -> Vec<Need> {
        vec![self.need.clone()]
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.record.answer(key)
    }
}

/// Some parameters, each of which the same permission is needed on, whether or not it exists.
pub struct ManyTarget {
    pub(crate) items: Vec<Item>,
    action: Action,
}

/// One of them.
pub(crate) struct Item {
    pub(crate) reference: ParameterReference,
    pub(crate) arn: Arn,
    /// The parameter; none for a secret in its place, and where there is none.
    pub(crate) record: Option<Stored<ParameterRecord>>,
}

impl ManyTarget {
    pub(crate) async fn resolve(
        parameters: &Parameters,
        references: &[ParameterReference],
        action: Action,
    ) -> Result<Self, Fault> {
        let mut items = Vec::with_capacity(references.len());
        for reference in references {
            let record = match &reference.subject {
                Subject::Own(name) => parameters.find(name).await?,
                Subject::Foreign(_) | Subject::Secret(_) => None,
            };
            items.push(Item {
                arn: reference.arn(parameters.scope()),
                reference: reference.clone(),
                record,
            });
        }
        Ok(Self { items, action })
    }
}

impl Protected for ManyTarget {
    fn needs(&self) -> Vec<Need> {
        // What names nothing that can exist still takes the permission, if only on `*`.
        if self.items.is_empty() {
            return vec![Need::anywhere(self.action)];
        }
        let needs = self.items.iter().map(|item| Need::on(self.action, item.arn.clone()));
        needs.collect()
    }

    fn answer(&self, need: &Need, key: &ConditionKey) -> Values<'_> {
        let item = self.items.iter().find(|item| match &need.resource {
            Resource::Named(arn) => item.arn == *arn,
            Resource::Any => false,
        });
        let record = item.and_then(|item| item.record.as_ref());
        record.map_or(Values::Absent, |record| record.answer(key))
    }
}

/// A level of the hierarchy. As with AWS, whoever may read it may read all parameters below it.
pub struct PathTarget {
    need: Need,
}

impl PathTarget {
    pub(crate) fn new(parameters: &Parameters, path: &ParameterPath, action: Action) -> Self {
        Self {
            need: Need::on(action, path.arn(parameters.scope())),
        }
    }
}

impl Protected for PathTarget {
    fn needs(&self) -> Vec<Need> {
        vec![self.need.clone()]
    }
}

/// For operations that are about no record: permissions on `*`.
pub struct NoTarget(
    /// The permission.
    pub(crate) Action,
);

impl Protected for NoTarget {
    fn needs(&self) -> Vec<Need> {
        vec![Need::anywhere(self.0)]
    }
}
