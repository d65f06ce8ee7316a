//! The commit of an import: the key's record, the end of the intent and the end of the import parameters, all in one.

use std::sync::Arc;

use strongroom_base::Fault;
use strongroom_base::limits::CONFLICT_TRIES_MAX;
use strongroom_store::{StoreFault, Stored};
use strongroom_token::Suite;

use super::plan::Plan;
use super::{Import, Imported};
use crate::import_parameters::ImportParameters;
use crate::kms::contended;
use crate::marks::CreationIntent;

/// Encryptions that the import of new material makes: one to see that the token is well while no witness of the key opens,
/// and the material's own witness.
const INVOCATIONS_OF_IMPORT: u64 = 2;

impl Import<'_> {
    /// Others may change the key meanwhile, and reconciliation may lay hands on what this import depends on.
    pub(super) async fn commit(&self, plan: &Plan, intent: Option<&Stored<CreationIntent>>) -> Result<Imported, Fault> {
        let (kms, target, spent) = (self.kms, self.target, self.parameters.spent());
        let opening = kms.budgets.opening(Suite::Direct);
        let _one_at_a_time = kms.changing(&target.record.id).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let before = kms.reread(target).await?;
            before.importable(&target.arn)?;
            let after = plan.applied(&before, self.order, kms.clock.now())?;
            let mut change = kms
                .records
                .change()
                .replace(&before.id.to_string(), &before, after)
                .replace(&self.parameters.id(), self.parameters, spent.clone());
            if let Some(intent) = intent {
                change = change.delete(&intent.material.to_string(), intent);
            }
            // Of other kinds no encryptions are counted.
            let counted = plan.added().filter(|_| before.is_symmetric());
            if let Some(version) = counted {
                change = change.insert(&version.material.to_string(), opening.clone());
            }
            match change.commit().await {
                Ok(revision) => {
                    if let Some(version) = counted {
                        kms.budgets.opened(version.material, &opening, INVOCATIONS_OF_IMPORT);
                    }
                    return Ok(Imported {
                        material: plan.material(),
                        spent: Stored {
                            revision,
                            document: Arc::new(spent),
                        },
                    });
                }
                Err(StoreFault::Conflict { .. }) if self.is_as_announced(intent).await? => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&target.arn))
    }

    /// Whether reconciliation has left alone what this import depends on.
    async fn is_as_announced(&self, intent: Option<&Stored<CreationIntent>>) -> Result<bool, Fault> {
        let id = self.parameters.id();
        let found = self.kms.records.find::<ImportParameters>(&id).await?;
        if found.is_none_or(|found| found.revision != self.parameters.revision) {
            return Ok(false);
        }
        match intent {
            Some(intent) => self.kms.is_announced(intent).await,
            None => Ok(true),
        }
    }
}
