//! The operations on events.

mod tell_event;
mod watch_events;

pub use tell_event::TellEvent;
pub use watch_events::WatchEvents;
