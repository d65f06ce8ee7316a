//! [`Watch`]: news of changes, for whoever keeps something that depends on records.

use strongroom_base::limits::WATCH_BACKLOG_MAX;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use crate::key::RecordKey;
use crate::record::Revision;

/// One record was written or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Which.
    pub key: RecordKey,
    /// The transaction that did it.
    pub revision: Revision,
    /// Whether the record is gone.
    pub deleted: bool,
}

/// What a watcher learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watched {
    /// A change, which is on disk and which readers see.
    Changed(Changed),
    /// Changes were missed: more than [`WATCH_BACKLOG_MAX`] came while the watcher was busy. Whatever depends on them
    /// must be read again; the watch goes on with changes that are still held.
    FellBehind,
}

/// Changes under a prefix since the watch began, in the order of their commits.
pub struct Watch {
    prefix: Box<str>,
    changes: broadcast::Receiver<Changed>,
}

impl Watch {
    /// The next change; `None` when the store was closed. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Watched> {
        loop {
            match self.changes.recv().await {
                Ok(change) if change.key.as_str().starts_with(&*self.prefix) => return Some(Watched::Changed(change)),
                Ok(_elsewhere) => {}
                Err(RecvError::Lagged(_)) => return Some(Watched::FellBehind),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// The sending side of all watches of a store.
pub(crate) struct News {
    sender: broadcast::Sender<Changed>,
}

impl News {
    pub(crate) fn new() -> Self {
        Self {
            sender: broadcast::Sender::new(WATCH_BACKLOG_MAX),
        }
    }

    pub(crate) fn watch(&self, prefix: &str) -> Watch {
        Watch {
            prefix: prefix.into(),
            changes: self.sender.subscribe(),
        }
    }

    pub(crate) fn tell(&self, changes: Vec<Changed>) {
        if self.sender.receiver_count() == 0 {
            return;
        }
        for change in changes {
            // Fails only when the last watcher has just gone: nobody is left to miss it.
            let _nobody = self.sender.send(change);
        }
    }
}
