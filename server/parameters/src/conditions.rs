//! What parameters answer to the condition keys of policies.

use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::record::ParameterRecord;

impl ParameterRecord {
    /// What the parameter answers.
    pub(crate) fn answer<'p>(&'p self, key: &ConditionKey) -> Values<'p> {
        match key.name() {
            Some(KeyName::ResourceTag | KeyName::ParameterResourceTag) => key.pick(self.tags.pairs()),
            Some(_) | None => Values::Absent,
        }
    }
}

/// A truth as Systems Manager's keys have it: as text.
pub(crate) fn truth(truth: bool) -> Values<'static> {
    Values::one(if truth { "true" } else { "false" })
}
