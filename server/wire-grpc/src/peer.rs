//! [`Peer`]: who is at the other end of a connection, found out once, at the handshake.

use std::sync::Arc;
use std::time::Instant;

use strongroom_base::{Caller, Code, Fault};
use strongroom_gate::Channel;

use crate::places::Answers;

/// The other end of a connection. The listener makes it; every request on the connection carries it.
#[derive(Debug, Clone)]
pub struct Peer {
    address: Arc<str>,
    channel: Arc<Channel>,
    caller: Result<Arc<Caller>, Arc<str>>,
    answers: Arc<Answers>,
    /// When its connection takes no more requests.
    until: Option<Instant>,
}

impl Peer {
    /// An identified caller.
    #[must_use]
    pub fn identified(channel: Channel, caller: Arc<Caller>) -> Self {
        Self::over(channel, Ok(caller))
    }

    /// A caller whose certificate is trusted and belongs to no principal. It gets `text` on every request, so that its
    /// owner learns what to change: a refused handshake could not tell.
    #[must_use]
    pub fn unknown(channel: Channel, text: &str) -> Self {
        Self::over(channel, Err(text.into()))
    }

    fn over(channel: Channel, caller: Result<Arc<Caller>, Arc<str>>) -> Self {
        let address = channel.address.map(|address| address.to_string());
        Self {
            address: address.unwrap_or_default().into(),
            channel: Arc::new(channel),
            caller,
            answers: Arc::default(),
            until: None,
        }
    }

    /// The same on a connection that takes no more requests after this moment: streams end by then.
    #[must_use]
    pub fn until(self, until: Instant) -> Self {
        Self {
            until: Some(until),
            ..self
        }
    }

    pub(crate) fn end(&self) -> Option<Instant> {
        self.until
    }

    /// The answers that wait for it to read them.
    #[must_use]
    pub fn answers(&self) -> &Arc<Answers> {
        &self.answers
    }

    pub(crate) fn address(&self) -> &Arc<str> {
        &self.address
    }

    pub(crate) fn channel(&self) -> &Arc<Channel> {
        &self.channel
    }

    pub(crate) fn caller(&self) -> Result<&Arc<Caller>, Fault> {
        let caller = self.caller.as_ref();
        caller.map_err(|text| Fault::new(Code::UnrecognizedClient, text.to_string()))
    }
}
