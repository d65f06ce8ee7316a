//! Wrapping keys that serve no import any more: used, expired, or never given out.

use std::sync::Arc;
use std::time::Duration;

use strongroom_base::Fault;
use strongroom_store::{StoreFault, Stored};

use super::{Reconciled, all, why};
use crate::import_parameters::{ImportParameters, Stage};
use crate::kms::Kms;

/// Destroys the wrapping keys that serve no import any more.
pub(super) async fn retire(kms: &Kms, minimum_age: Duration, found: &mut Reconciled) -> Result<(), Fault> {
    for (_, parameters) in all::<ImportParameters>(kms, found).await? {
        if !is_over(kms, &parameters, minimum_age).await? {
            continue;
        }
        let wrapping = parameters.wrapping;
        match retire_one(kms, &parameters).await {
            Ok(true) => found.retired.push(wrapping),
            Ok(false) => {}
            Err(fault) => found.stuck.push((wrapping, why(&fault))),
        }
    }
    Ok(())
}

async fn is_over(kms: &Kms, parameters: &ImportParameters, minimum_age: Duration) -> Result<bool, Fault> {
    let over = match parameters.stage {
        Stage::Announced => parameters.begun.plus(minimum_age) <= kms.clock.now(),
        Stage::Ready { .. } | Stage::Asked { .. } => parameters.valid_to <= kms.clock.due(),
        // Whoever used it may be about to destroy it.
        Stage::Spent => true,
    };
    Ok(over || kms.find_key(&parameters.key).await?.is_none())
}

/// Whether the wrapping key was destroyed; if not, somebody else does that.
async fn retire_one(kms: &Kms, parameters: &Stored<ImportParameters>) -> Result<bool, Fault> {
    let _no_import = kms.importing(&parameters.key).await;
    // From here on an import that is still under way cannot commit.
    let change = kms
        .records
        .change()
        .replace(&parameters.id(), parameters, parameters.spent());
    let revision = match change.commit().await {
        Ok(revision) => revision,
        Err(StoreFault::Conflict { .. }) => return Ok(false),
        Err(fault) => return Err(fault.into()),
    };
    let spent = Stored {
        revision,
        document: Arc::new(parameters.spent()),
    };
    kms.retire_parameters(&spent).await.map(|()| true)
}
