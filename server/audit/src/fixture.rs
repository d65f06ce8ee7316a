//! What the tests of this crate have in common: events, trails of some length, and a disk that fails on demand.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use strongroom_base::{Action, Arn, Caller, Clock, RequestId, Scope, Timestamp};

use crate::event::{Event, Parameters, Phase};
use crate::fault::AuditFault;
use crate::folder::{Disk, Folder, Segments};
use crate::recover::recover;
use crate::shape::event_id;
use crate::trail::{Receipt, Trail};

pub(crate) const TIME: Timestamp = Timestamp(1_767_225_599_042);
pub(crate) const TIME_TEXT: &str = "2025-12-31T23:59:59.042Z";

/// The owner of what an event borrows.
pub(crate) struct Request {
    pub(crate) caller: Caller,
    pub(crate) scope: Scope,
    pub(crate) parameters: Parameters,
    pub(crate) key: Arn,
    pub(crate) request_id: RequestId,
}

impl Request {
    pub(crate) fn new() -> Self {
        let scope = Scope::new("aws", "local-1", "000000000000").unwrap();
        let arn = "arn:aws:iam::000000000000:user/developer".parse().unwrap();
        let mut parameters = Parameters::new();
        parameters.insert("keyId".into(), json!("alias/orders"));
        Self {
            caller: Caller::principal(arn, scope.account().clone()),
            key: scope.arn("kms", "key/1"),
            scope,
            parameters,
            request_id: RequestId::from_bytes([7; 16]),
        }
    }

    pub(crate) fn event<'e>(&'e self, action: Action, phase: Phase<'e>) -> Event<'e> {
        Event {
            event_id: event_id().unwrap(),
            time: TIME,
            caller: &self.caller,
            action,
            scope: &self.scope,
            request_id: self.request_id,
            source: "192.0.2.1",
            user_agent: "test/1",
            via: None,
            parameters: &self.parameters,
            resources: vec![&self.key],
            phase,
        }
    }
}

/// Appends one event.
pub(crate) async fn append(trail: &Trail) -> Result<Receipt, AuditFault> {
    let request = Request::new();
    trail
        .append(request.event(Action::Decrypt, Phase::Done(Parameters::new())))
        .await
}

/// Appends `count` events, one after the other.
pub(crate) async fn append_many(trail: &Trail, count: u64) {
    for _ in 0..count {
        append(trail).await.unwrap();
    }
}

/// Opens a trail whose files have at most `segment_bytes_max` bytes.
pub(crate) fn open_small(directory: &Path, segment_bytes_max: u64) -> Trail {
    let folder = Folder::lock(directory).unwrap();
    let start = recover(&folder).unwrap();
    let disk = folder.into_disk(start.segment, start.length).unwrap();
    Trail::start(disk, start, segment_bytes_max, Clock::System).unwrap()
}

/// Opens a trail on a disk that fails on demand.
pub(crate) fn open_failing(directory: &Path, segment_bytes_max: u64) -> (Trail, Arc<Script>) {
    let folder = Folder::lock(directory).unwrap();
    let start = recover(&folder).unwrap();
    let disk = folder.into_disk(start.segment, start.length).unwrap();
    let script = Arc::new(Script::default());
    let failing = Failing {
        disk,
        script: Arc::clone(&script),
    };
    (
        Trail::start(failing, start, segment_bytes_max, manual_clock()).unwrap(),
        script,
    )
}

pub(crate) fn manual_clock() -> Clock {
    Clock::Manual(Arc::new(TIME.as_millis().into()))
}

/// What fails from now on.
#[derive(Default)]
pub(crate) struct Script {
    /// Bytes that an append still writes before it answers that the disk is full.
    room: Mutex<Option<usize>>,
    failing_syncs: AtomicU64,
    failing_cuts: AtomicU64,
    failing_segments: AtomicU64,
    hanging: AtomicBool,
    panicking: AtomicBool,
    /// Whether syncs do nothing.
    skipping: AtomicBool,
    /// Syncs that have been asked for.
    pub(crate) syncs: AtomicU64,
    /// When each sync that succeeded began, and when it ended.
    times: Mutex<Vec<(Instant, Instant)>>,
}

impl Script {
    pub(crate) fn leave_room(&self, bytes: usize) {
        *self.room.lock().unwrap() = Some(bytes);
    }

    pub(crate) fn make_room(&self) {
        *self.room.lock().unwrap() = None;
    }

    pub(crate) fn fail_syncs(&self, count: u64) {
        self.failing_syncs.store(count, Ordering::SeqCst);
    }

    pub(crate) fn fail_cuts(&self, count: u64) {
        self.failing_cuts.store(count, Ordering::SeqCst);
    }

    /// Lets syncs hang, or lets go of them.
    pub(crate) fn hang(&self, hanging: bool) {
        self.hanging.store(hanging, Ordering::SeqCst);
    }

    /// Lets syncs do nothing, so that no disk's own pace is measured.
    pub(crate) fn skip_syncs(&self) {
        self.skipping.store(true, Ordering::SeqCst);
    }

    /// When each sync that succeeded began, and when it ended.
    pub(crate) fn sync_times(&self) -> Vec<(Instant, Instant)> {
        self.times.lock().unwrap().clone()
    }

    /// Lets the next sync panic.
    pub(crate) fn panic(&self) {
        self.panicking.store(true, Ordering::SeqCst);
    }

    /// Waits until syncs have been asked for `count` times.
    pub(crate) async fn in_sync(&self, count: u64) {
        while self.syncs.load(Ordering::SeqCst) < count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(crate) fn fail_segments(&self, count: u64) {
        self.failing_segments.store(count, Ordering::SeqCst);
    }
}

struct Failing {
    disk: Segments,
    script: Arc<Script>,
}

/// Counts down, and fails until it has.
fn due(counter: &AtomicU64, what: &'static str) -> io::Result<()> {
    match counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
        Ok(_) => Err(io::Error::other(what)),
        Err(_) => Ok(()),
    }
}

impl Disk for Failing {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = *self.script.room.lock().unwrap();
        match room.filter(|room| *room < bytes.len()) {
            None => self.disk.append(bytes),
            Some(room) => {
                self.disk.append(&bytes[..room])?;
                Err(io::ErrorKind::StorageFull.into())
            }
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let begun = Instant::now();
        self.script.syncs.fetch_add(1, Ordering::SeqCst);
        assert!(!self.script.panicking.load(Ordering::SeqCst), "as the script says");
        while self.script.hanging.load(Ordering::SeqCst) {
            thread::sleep(Duration::from_millis(1));
        }
        due(&self.script.failing_syncs, "the disk does not sync")?;
        if !self.script.skipping.load(Ordering::SeqCst) {
            self.disk.sync()?;
        }
        self.script.times.lock().unwrap().push((begun, Instant::now()));
        Ok(())
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        due(&self.script.failing_cuts, "the disk does not cut")?;
        self.disk.cut(length)
    }

    fn begin_segment(&mut self, number: u32) -> io::Result<()> {
        due(&self.script.failing_segments, "the disk makes no file")?;
        self.disk.begin_segment(number)
    }
}
