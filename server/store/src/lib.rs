//! Durable, sealed records: the [`Store`] trait, transactions over several records, an embedded database and memory.
//!
//! This crate must never know of tokens, keys, secrets or wires: it stores bytes under names. Values that are secret
//! reach it as ciphertext only. The `tidy` test checks its manifest; `tests/conformance.rs` holds every backend to the
//! same behaviour.
//!
//! # What an acknowledgement means
//! [`Store::commit`] returns when the transaction is on disk: applied as one atomic batch, flushed, and the files
//! synced with fdatasync by us. sled's own flush ends in sync_file_range, which survives a killed process but not a
//! power cut (spacejam/sled#1452; measured: every acknowledged write was lost). One committer thread does all of it,
//! for as many waiting transactions as there are: concurrent callers of sled's `flush_async` deadlock.
//!
//! # What a reader may see
//! Only what is on disk. While a batch is being written, readers get the values from before it; it becomes visible as
//! a whole, after the sync and before its first acknowledgement. So no answer ever rests on a value that a power cut
//! could take back.
//!
//! # What a seal shows, and what it does not
//! Every record carries an HMAC-SHA-256 tag over its key, format, revision and body. A record that was edited, swapped
//! with another, copied to another name or given another revision is refused as [`StoreFault::RecordDamaged`]. A
//! deleted record, or a record (or a whole database) put back to an older state of its own, carries a valid tag or none
//! at all: a tag alone cannot show that. Records of kind `bootstrap` (the wrapped sealing key) carry no tag.

mod embedded;
mod fault;
mod key;
mod lease;
mod locks;
mod memory;
mod plan;
mod record;
mod records;
mod sealer;
mod stats;
mod store;
mod watch;

pub use embedded::SledStore;
pub use fault::StoreFault;
pub use key::RecordKey;
pub use lease::{Lease, LeaseLost};
pub use memory::{MemoryDisk, MemoryStore};
pub use record::{Record, Revision, Transaction, log_id};
pub use records::{Change, Document, EventRecord, Records, Row, Stored};
pub use sealer::Sealer;
pub use stats::{StoreState, StoreStats};
pub use store::Store;
pub use watch::{Changed, Watch, Watched};
