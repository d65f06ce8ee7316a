//! What every layer shares: identifiers, ARNs, callers, actions, limits, clock, deadlines and the one error table.
//!
//! This crate knows no other crate of the project and does no I/O beyond reading the clock and the system's random
//! numbers. It holds no secret. The `tidy` test checks its manifest.

mod action;
mod algorithm;
mod arn;
mod calendar;
mod caller;
mod clock;
mod code;
pub mod constraint;
mod data_key_pair_spec;
mod deadline;
mod event;
mod fault;
mod ids;
mod key_spec;
pub mod limits;
mod named;
pub mod paging;
mod parameter;
mod scope;

pub use action::{Action, Effect, Service};
pub use algorithm::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, MacAlgorithm, MessageType, SigningAlgorithm,
    WrappingAlgorithm,
};
pub use arn::{Arn, ArnFault};
pub use calendar::civil;
pub use caller::{Caller, CallerKind};
pub use clock::{Clock, Timestamp};
pub use code::{Code, GrpcCode, Retry, Row};
pub use data_key_pair_spec::DataKeyPairSpec;
pub use deadline::Deadline;
pub use event::{Event, EventKind};
pub use fault::Fault;
pub use ids::{EventId, GrantId, InstallationId, KeyId, KeyMaterialId, MalformedId, RequestId};
pub use key_spec::{KeyOrigin, KeySpec, KeyUsage};
pub use named::UnknownName;
pub use parameter::{ParameterDataType, ParameterTier, ParameterType};
pub use scope::{AccountId, Scope, ScopeFault};
