//! [`Parameters`]: the parameter store's parts, and how it finds and changes a parameter.

use std::sync::Arc;

use strongroom_base::limits::{CONFLICT_TRIES_MAX, PARAMETER_ARN_LENGTH_MAX};
use strongroom_base::{Clock, Code, Fault, Scope};
use strongroom_gate::{Domain, Gate};
use strongroom_kms::Kms;
use strongroom_secrets::Secrets;
use strongroom_store::{Records, StoreFault, Stored};

use crate::counts::Counts;
use crate::name::ParameterName;
use crate::record::{LabelsRecord, ParameterRecord, ParameterUid};

/// The parameter store. One per process; operations come through the gate.
pub struct Parameters {
    pub(crate) records: Records,
    pub(crate) gate: Arc<Gate>,
    pub(crate) kms: Arc<Kms>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) clock: Clock,
    pub(crate) counts: Counts,
}

impl Domain for Parameters {}

impl Parameters {
    /// A parameter store over the store that `kms` uses too, which goes through `gate` to use keys and to read secrets.
    #[must_use]
    pub fn new(records: Records, gate: Arc<Gate>, kms: Arc<Kms>, secrets: Arc<Secrets>, clock: Clock) -> Self {
        Self {
            records,
            gate,
            kms,
            secrets,
            clock,
            counts: Counts::default(),
        }
    }

    /// Partition, region and account of the parameters.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        self.kms.scope()
    }

    pub(crate) async fn find(&self, name: &ParameterName) -> Result<Option<Stored<ParameterRecord>>, Fault> {
        let id = name.id();
        // No parameter has so long a name, and no record so long a key.
        if id.len() > PARAMETER_ARN_LENGTH_MAX {
            return Ok(None);
        }
        Ok(self.records.find(&id).await?)
    }

    /// The labels of a parameter's versions. They are made with it, so without them it is gone.
    pub(crate) async fn labels(&self, uid: ParameterUid, name: &ParameterName) -> Result<Stored<LabelsRecord>, Fault> {
        let labels = self.records.find(&uid.to_string()).await?;
        labels.ok_or_else(|| not_found(name.as_str()))
    }

    /// Replaces a parameter's record by what `edit` makes of it. If somebody else changed it meanwhile, `edit` gets the new
    /// one, as long as that is still the parameter that was decided on, with the same tags.
    pub(crate) async fn edit(
        &self,
        parameter: Stored<ParameterRecord>,
        edit: impl Fn(&ParameterRecord) -> Result<ParameterRecord, Fault>,
    ) -> Result<(), Fault> {
        let mut tries = Tries::new(parameter);
        loop {
            let after = edit(&tries.parameter)?;
            let change = self.records.change();
            let change = change.replace(&tries.parameter.name.id(), &tries.parameter, after);
            if tries.settle(self, change.commit().await.map(drop)).await?.is_some() {
                return Ok(());
            }
        }
    }
}

/// A change of a parameter that is tried again when another request was faster.
pub(crate) struct Tries {
    /// The parameter as it is now.
    pub(crate) parameter: Stored<ParameterRecord>,
    left: usize,
}

impl Tries {
    pub(crate) fn new(parameter: Stored<ParameterRecord>) -> Self {
        Self {
            parameter,
            left: CONFLICT_TRIES_MAX,
        }
    }

    /// Takes the outcome of a try: what it made; `None` after a conflict, when there is a new record to try with.
    pub(crate) async fn settle<T>(
        &mut self,
        parameters: &Parameters,
        outcome: Result<T, StoreFault>,
    ) -> Result<Option<T>, Fault> {
        match outcome {
            Ok(made) => return Ok(Some(made)),
            Err(StoreFault::Conflict { .. }) => {}
            Err(fault) => return Err(fault.into()),
        }
        self.left = self.left.saturating_sub(1);
        let found = parameters.find(&self.parameter.name).await?;
        let found = found.filter(|found| self.is_decided_alike(found) && self.left > 0);
        self.parameter = found.ok_or_else(too_many_updates)?;
        Ok(None)
    }

    /// Whether the permit holds of the record as it is now. It is for the parameter that was decided on, not for one that was
    /// made under its name since. And it was given by what the tags were; whoever asked must ask again.
    fn is_decided_alike(&self, present: &ParameterRecord) -> bool {
        self.parameter.uid == present.uid && self.parameter.tags == present.tags
    }
}

/// What was stored was changed by others, again and again.
pub(crate) fn too_many_updates() -> Fault {
    Fault::new(
        Code::TooManyUpdates,
        "There are concurrent updates for a resource that supports one update at a time.",
    )
}

/// AWS's words for a parameter that does not exist.
pub(crate) fn not_found(name: &str) -> Fault {
    Fault::new(Code::ParameterNotFound, format!("Parameter {name} not found."))
}

/// Whether a fault says that there is no such parameter or version.
pub(crate) fn is_absence(code: Code) -> bool {
    matches!(code, Code::ParameterNotFound | Code::ParameterVersionNotFound)
}
