//! The key service through its door: every operation by way of the gate, over a token and a store in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail like tests do"
)]

#[path = "kms/agreement.rs"]
mod agreement;
#[path = "kms/algorithm_conditions.rs"]
mod algorithm_conditions;
#[path = "kms/aliases.rs"]
mod aliases;
#[path = "kms/audit.rs"]
mod audit;
#[path = "kms/authorization.rs"]
mod authorization;
#[path = "kms/bench.rs"]
mod bench;
#[path = "kms/budgets.rs"]
mod budgets;
#[path = "kms/ciphertexts.rs"]
mod ciphertexts;
#[path = "kms/conditions.rs"]
mod conditions;
#[path = "kms/creation.rs"]
mod creation;
#[path = "kms/deletion.rs"]
mod deletion;
#[path = "kms/drift.rs"]
mod drift;
#[path = "kms/dry_run.rs"]
mod dry_run;
#[path = "kms/grant_limits.rs"]
mod grant_limits;
#[path = "kms/grant_properties.rs"]
mod grant_properties;
#[path = "kms/grant_records.rs"]
mod grant_records;
#[path = "kms/grants.rs"]
mod grants;
#[path = "kms/import.rs"]
mod import;
#[path = "kms/import_agreement.rs"]
mod import_agreement;
#[path = "kms/import_asking.rs"]
mod import_asking;
#[path = "kms/import_audit.rs"]
mod import_audit;
#[path = "kms/import_conditions.rs"]
mod import_conditions;
#[path = "kms/import_expiry.rs"]
mod import_expiry;
#[path = "kms/import_kinds.rs"]
mod import_kinds;
#[path = "kms/import_objects.rs"]
mod import_objects;
#[path = "kms/import_refusals.rs"]
mod import_refusals;
#[path = "kms/import_states.rs"]
mod import_states;
#[path = "kms/importing.rs"]
mod importing;
#[path = "kms/key_pairs.rs"]
mod key_pairs;
#[path = "kms/key_policies.rs"]
mod key_policies;
#[path = "kms/kinds.rs"]
mod kinds;
#[path = "kms/last_usage.rs"]
mod last_usage;
#[path = "kms/limits.rs"]
mod limits;
#[path = "kms/lists.rs"]
mod lists;
#[path = "kms/managed.rs"]
mod managed;
#[path = "kms/meddler.rs"]
mod meddler;
#[path = "kms/operations.rs"]
mod operations;
#[path = "kms/outage.rs"]
mod outage;
#[path = "kms/pair_requests.rs"]
mod pair_requests;
#[path = "kms/quotas.rs"]
mod quotas;
#[path = "kms/reconciliation.rs"]
mod reconciliation;
#[path = "kms/retiring.rs"]
mod retiring;
#[path = "kms/root.rs"]
mod root;
#[path = "kms/rotation.rs"]
mod rotation;
#[path = "kms/rotation_bounds.rs"]
mod rotation_bounds;
#[path = "kms/states.rs"]
mod states;
#[path = "kms/suites.rs"]
mod suites;
#[path = "kms/tags.rs"]
mod tags;
#[path = "kms/uses.rs"]
mod uses;
