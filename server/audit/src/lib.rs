//! The hash-chained audit trail, its file sink and its verification.
//!
//! A [`Trail`] takes [`Event`]s and answers when they are on disk. Each record is one line of JSON in CloudTrail's shape
//! with two members in front: its sequence number, and the SHA-256 digest of the stored bytes of the record before it.
//! [`verify`] reads a trail back and names the first record that is not what was written.
//!
//! What the chain cannot show: that records were cut off at the very end, and that somebody who may write the files made
//! the whole chain anew. Whoever keeps the head digest elsewhere ([`TrailStatus`], [`Report`]) finds both.
//!
//! This crate must never know `strongroom-material`: an event cannot hold a secret, because no type of this crate takes
//! one. It knows base alone; the `tidy` test checks its manifest.

mod chain;
mod event;
mod fault;
mod folder;
mod line;
mod recover;
mod shape;
mod status;
mod time;
mod trail;
mod verify;
mod writer;

#[cfg(test)]
mod fixture;

pub use chain::Digest;
pub use event::{Event, Parameters, Phase};
pub use fault::AuditFault;
pub use shape::event_id;
pub use status::{TrailState, TrailStatus};
pub use trail::{Receipt, Trail};
pub use verify::{Broken, Damage, Report, VerifyFault, verify};
