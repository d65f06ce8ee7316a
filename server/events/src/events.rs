//! [`Events`]: the log of events, followed as it grows and kept short.

use std::sync::Arc;
use std::time::Duration;

use strongroom_base::limits::{EVENTS_KEPT_MAX, EVENTS_READ_AT_ONCE, EVENTS_REMOVED_AT_ONCE};
use strongroom_base::{Code, Event, EventKind, Fault, Scope};
use strongroom_gate::{Domain, Gate};
use strongroom_kms::Kms;
use strongroom_secrets::Secrets;
use strongroom_store::{EventRecord, Records};
use tokio::time::timeout;
use tracing::error;

use crate::log::{After, Log, Logged};
use crate::place::Watchers;
use crate::resume::{Place, ResumeToken};

/// Time that a watcher waits for a log that is still being read: as many events as are kept take half a second.
const READING_TIME_MAX: Duration = Duration::from_secs(2);

/// Events and their watchers. One per process; cheap to clone.
#[derive(Clone)]
pub struct Events {
    shared: Arc<Shared>,
}

struct Shared {
    records: Records,
    gate: Arc<Gate>,
    kms: Arc<Kms>,
    secrets: Arc<Secrets>,
    log: Log,
    watchers: Watchers,
}

impl Domain for Events {}

impl Events {
    /// The events of the keys and secrets in this store. Nobody can watch before [`Self::follow`] has read the log.
    #[must_use]
    pub fn new(records: Records, gate: Arc<Gate>, kms: Arc<Kms>, secrets: Arc<Secrets>) -> Self {
        let (log, watchers) = (Log::new(), Watchers::default());
        Self {
            shared: Arc::new(Shared {
                records,
                gate,
                kms,
                secrets,
                log,
                watchers,
            }),
        }
    }

    /// Reads the log and goes on reading it, and removes events beyond [`EVENTS_KEPT_MAX`]. Returns when the store is closed.
    ///
    /// # Errors
    /// What the store answers. It may be called again, and goes on where it was.
    pub async fn follow(&self) -> Result<(), Fault> {
        let Shared { records, log, .. } = &*self.shared;
        let mut news = records.watch::<EventRecord>();
        let mut read = log.newest().borrow().map(|token| token.place.record_id());
        loop {
            self.catch_up(&mut read).await?;
            if log.len() == 0 {
                let began = Event::new(EventKind::LogBegan, "log");
                records.change().tell(began).commit().await?;
                continue;
            }
            self.trim().await?;
            // Falling behind is no harm: news only say that there is something to read.
            if news.next().await.is_none() {
                return Ok(());
            }
        }
    }

    /// How many watch now.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.shared.watchers.count()
    }

    async fn catch_up(&self, read: &mut Option<String>) -> Result<(), Fault> {
        let Shared { records, log, .. } = &*self.shared;
        loop {
            let page = records
                .page_of_each::<EventRecord>("", read.as_deref(), EVENTS_REMOVED_AT_ONCE)
                .await?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            *read = Some(last.clone());
            let mut events = Vec::with_capacity(page.len());
            for (id, record) in page {
                match record.ok().and_then(|record| Logged::of_record(&id, &record)) {
                    Some(logged) => events.push(logged),
                    None => {
                        error!(id, "an event cannot be read: whoever watches must start anew");
                        log.extend(std::mem::take(&mut events));
                        if let Some(newest) = *log.newest().borrow() {
                            log.forget_through(newest.place);
                        }
                    }
                }
            }
            log.extend(events);
        }
    }

    /// Removes the oldest events, if there are too many.
    async fn trim(&self) -> Result<(), Fault> {
        let Shared { records, log, .. } = &*self.shared;
        // Those that cannot be read are left where they are: they must not keep the others from going.
        let mut seen: Option<String> = None;
        while log.len() >= EVENTS_KEPT_MAX + EVENTS_REMOVED_AT_ONCE {
            let oldest = records
                .page_of_each::<EventRecord>("", seen.as_deref(), EVENTS_REMOVED_AT_ONCE)
                .await?;
            let Some((last, _)) = oldest.last() else { return Ok(()) };
            seen = Some(last.clone());
            let readable = oldest.into_iter().filter_map(|(id, record)| Some((id, record.ok()?)));
            let doomed: Vec<_> = readable.collect();
            let Some(last) = doomed.last().and_then(|(id, _)| Place::of_record(id)) else {
                continue;
            };
            log.forget_through(last);
            let change = records.change();
            let change = doomed
                .iter()
                .fold(change, |change, (id, event)| change.delete(id, event));
            change.commit().await?;
        }
        Ok(())
    }

    /// Some of the events after `place`, none if there are none yet.
    pub(crate) async fn after(&self, place: Place) -> Result<Vec<Arc<Logged>>, Fault> {
        let Shared { records, log, .. } = &*self.shared;
        if let After::Memory(events) = log.after(place)? {
            return Ok(events);
        }
        let page = records
            .page::<EventRecord>("", Some(&place.record_id()), EVENTS_READ_AT_ONCE)
            .await?;
        // Those that were removed meanwhile are missing from the page.
        let _still_kept = log.after(place)?;
        let events = page.iter().filter_map(|(id, record)| Logged::of_record(id, record));
        Ok(events.map(Arc::new).collect())
    }

    /// Where a watcher begins. Right after a start it waits until the log has been read.
    pub(crate) async fn beginning(&self, resume: Option<&ResumeToken>) -> Result<ResumeToken, Fault> {
        let mut newest = self.log().newest();
        let read = timeout(READING_TIME_MAX, newest.wait_for(Option::is_some)).await;
        let newest = read.ok().and_then(Result::ok).and_then(|newest| *newest);
        let newest = newest.ok_or_else(|| {
            Fault::new(
                Code::Unavailable,
                "The service is still reading its log of events; try again.",
            )
        })?;
        match resume {
            None => Ok(newest),
            Some(token) => self.log().check(token).map(|()| *token),
        }
    }

    pub(crate) fn log(&self) -> &Log {
        &self.shared.log
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.shared.gate
    }

    pub(crate) fn kms(&self) -> &Kms {
        &self.shared.kms
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.shared.secrets
    }

    pub(crate) fn places(&self) -> &Watchers {
        &self.shared.watchers
    }

    pub(crate) fn scope(&self) -> &Scope {
        self.shared.kms.scope()
    }
}
