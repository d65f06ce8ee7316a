//! The one door for a request: [`Operation`], [`Permit`], [`Released`] and [`Gate::run`].
//!
//! Whatever comes in, from a wire or from a background job, is resolved, decided, recorded and released here. This
//! crate knows nothing of tokens, stores, keys, secrets or wires, and must never know them: its manifest names policy, audit and base alone, which the
//! `tidy` test checks.

mod asking;
mod channel;
mod context;
mod decide;
mod domain;
mod meter;
mod operation;
mod permit;
mod quota;
mod record;
mod run;

pub use channel::Channel;
pub use context::{GrantTokens, OpContext};
pub use decide::Policies;
pub use domain::{Domain, Used};
pub use meter::{LATENCY_BOUNDS_MICROS, MeterRow};
pub use operation::{Need, Operation, Protected, Resolved, Resource};
pub use permit::{Permit, Released};
pub use quota::{QuotaFault, QuotaRates};
pub use run::Gate;
pub use strongroom_audit::Parameters;
