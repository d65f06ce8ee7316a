//! What happened to keys and secrets, told to those who may know.
//!
//! The domains write an event in the commit that makes it true (`Document::events`); this crate reads the log of events and
//! tells each watcher what policy lets it see. It knows nothing of any wire or of the token, and must never know them, which
//! the `tidy` test checks by its manifest.

mod events;
mod log;
mod op;
mod place;
mod resume;
mod watcher;

pub use events::Events;
pub use op::{TellEvent, WatchEvents};
pub use resume::ResumeToken;
pub use watcher::{Told, ToldEvent, Watcher};
