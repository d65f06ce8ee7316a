use std::fs;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use strongroom_base::limits::{
    AUDIT_RECORD_BYTES_MAX, AUDIT_WRITE_BUSY_RECORDS, AUDIT_WRITE_BYTES_MAX, AUDIT_WRITE_INTERVAL,
};
use strongroom_base::{Action, Code, Fault};
use tokio::task::JoinHandle;

use crate::event::{Parameters, Phase};
use crate::fault::AuditFault;
use crate::fixture::{Request, Script, TIME, append, append_many, open_failing, open_small};
use crate::folder::segment_name;
use crate::status::TrailState;
use crate::trail::Trail;
use crate::verify::verify;

fn cause(fault: AuditFault) -> String {
    match fault {
        AuditFault::Unwritable { cause } => cause.to_string(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_full_disk_is_said_and_healed_by_room() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    append_many(&trail, 3).await;
    let file = directory.path().join(segment_name(1));
    let before = fs::read(&file).unwrap();

    disk.leave_room(100);
    for _ in 0..2 {
        let fault = append(&trail).await.unwrap_err();
        assert_eq!(fault.to_string(), "the audit trail cannot be written: no storage space");
        let public = Fault::from(fault);
        assert_eq!(public.code(), Code::Unavailable);
        assert_eq!(
            public.message(),
            "The audit trail cannot be written, so nothing is answered; a change may have been made. Try again later."
        );
        assert!(public.retry_delay().is_some());
    }
    assert_eq!(fs::read(&file).unwrap(), before, "the part that was written is cut off");
    let status = trail.status();
    assert_eq!(
        status.state,
        TrailState::Unwritable {
            since: TIME,
            cause: "no storage space".into()
        }
    );
    assert_eq!(
        (status.last_sequence, status.failed_writes, status.records_written),
        (3, 2, 3)
    );

    disk.make_room();
    assert_eq!(append(&trail).await.unwrap().sequence, 4);
    assert_eq!(trail.status().state, TrailState::Writable);
    assert_eq!(verify(directory.path()).unwrap().records, 4);
}

/// What a sync refused may be on disk or not; it does not count, and is not left to be taken for a record.
#[tokio::test]
async fn a_failed_sync_takes_the_record_back() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    append_many(&trail, 1).await;
    disk.fail_syncs(1);
    assert_eq!(cause(append(&trail).await.unwrap_err()), "the disk does not sync");
    assert_eq!(verify(directory.path()).unwrap().records, 1);
    append_many(&trail, 1).await;
    assert_eq!(verify(directory.path()).unwrap().records, 2);
}

/// A record behind half of another one would break the chain: nothing is written until the half is gone.
#[tokio::test]
async fn nothing_is_written_behind_litter() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    append_many(&trail, 1).await;
    disk.leave_room(50);
    disk.fail_cuts(2);
    assert_eq!(cause(append(&trail).await.unwrap_err()), "no storage space");
    disk.make_room();
    assert_eq!(cause(append(&trail).await.unwrap_err()), "the disk does not cut");
    assert_eq!(append(&trail).await.unwrap().sequence, 2);
    assert_eq!(verify(directory.path()).unwrap().records, 2);
}

#[tokio::test]
async fn the_chain_goes_on_across_files() {
    let directory = tempfile::tempdir().unwrap();
    let trail = open_small(directory.path(), 3_000);
    append_many(&trail, 20).await;
    let status = trail.status();
    let report = verify(directory.path()).unwrap();
    assert_eq!((report.records, report.segments), (20, status.segment as usize));
    assert_eq!(report.head_digest, status.head_digest);
    for number in 1..=status.segment {
        assert!(fs::metadata(directory.path().join(segment_name(number))).unwrap().len() <= 3_000);
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_made_is_made_later() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), 1);
    append_many(&trail, 1).await;
    disk.fail_segments(1);
    assert_eq!(cause(append(&trail).await.unwrap_err()), "the disk makes no file");
    append_many(&trail, 1).await;
    // Now the file is made, and the write into it fails: it is not made twice.
    disk.fail_syncs(1);
    assert_eq!(cause(append(&trail).await.unwrap_err()), "the disk does not sync");
    append_many(&trail, 1).await;
    let report = verify(directory.path()).unwrap();
    assert_eq!((report.records, report.segments), (3, 3));
}

#[tokio::test]
async fn a_strangers_file_is_not_written_on() {
    let directory = tempfile::tempdir().unwrap();
    let trail = open_small(directory.path(), 1);
    append_many(&trail, 1).await;
    fs::write(directory.path().join(segment_name(2)), b"theirs").unwrap();
    assert_eq!(
        cause(append(&trail).await.unwrap_err()),
        "audit-00000002.jsonl is not empty"
    );
    assert_eq!(fs::read(directory.path().join(segment_name(2))).unwrap(), b"theirs");
}

#[tokio::test]
async fn a_rehearsal_heals_and_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    append_many(&trail, 1).await;
    disk.leave_room(1_000);
    assert_eq!(cause(trail.rehearse().await.unwrap_err()), "no storage space");
    assert!(matches!(trail.status().state, TrailState::Unwritable { .. }));
    disk.make_room();
    trail.rehearse().await.unwrap();
    assert_eq!(trail.status().state, TrailState::Writable);
    let report = verify(directory.path()).unwrap();
    assert_eq!((report.records, report.unfinished_bytes), (1, 0));
    append_many(&trail, 1).await;
    assert_eq!(verify(directory.path()).unwrap().records, 2);
}

/// Everybody who waits shares one sync; everybody gets a number of his own.
#[tokio::test]
async fn records_that_wait_are_written_together() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    let mut tasks = Vec::new();
    for _ in 0..500 {
        let trail = trail.clone();
        tasks.push(tokio::spawn(async move { append(&trail).await.unwrap().sequence }));
    }
    let mut sequences = Vec::new();
    for task in tasks {
        sequences.push(task.await.unwrap());
    }
    sequences.sort_unstable();
    assert_eq!(sequences, Vec::from_iter(1..=500));
    assert!(
        disk.syncs.load(Ordering::SeqCst) < 500,
        "{}",
        disk.syncs.load(Ordering::SeqCst)
    );
    assert_eq!(verify(directory.path()).unwrap().records, 500);
}

/// One write takes no more records once it has as many bytes as one may have.
#[tokio::test]
async fn a_write_has_its_size() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    let mut request = Request::new();
    let large = AUDIT_RECORD_BYTES_MAX / 2;
    request.parameters.insert("text".into(), json!("x".repeat(large)));
    let request = Arc::new(request);
    let count = AUDIT_WRITE_BYTES_MAX / large + 10;
    let tasks = while_hanging(&trail, &disk, count, || {
        let (trail, request) = (trail.clone(), Arc::clone(&request));
        async move {
            let event = request.event(Action::Decrypt, Phase::Done(Parameters::new()));
            trail.append(event).await.map(drop)
        }
    });
    let tasks = tasks.await;
    disk.hang(false);
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    // The one that hung, the one of full size, and the rest.
    assert_eq!(disk.syncs.load(Ordering::SeqCst), 3);
    assert_eq!(verify(directory.path()).unwrap().records, count as u64 + 1);
}

/// After a busy write others have time to gather. (That a small one is followed by no pause, no clock can prove.)
///
/// A busy write begins after the sync before it has ended, so the one behind it can begin an interval after that end at
/// the earliest, however slow the machine is. Without the pause, only a machine that is slow every time could pass.
#[tokio::test]
async fn busy_writes_keep_their_distance() {
    for _ in 0..20 {
        let directory = tempfile::tempdir().unwrap();
        let (trail, disk) = open_failing(directory.path(), u64::MAX);
        disk.skip_syncs();
        let tasks = while_hanging(&trail, &disk, AUDIT_WRITE_BUSY_RECORDS, || {
            let trail = trail.clone();
            async move { append(&trail).await.map(drop) }
        });
        let tasks = tasks.await;
        disk.hang(false);
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        append(&trail).await.unwrap();
        let [(_, before), _busy, (next, _)] = disk.sync_times()[..] else {
            panic!("{:?}", disk.sync_times());
        };
        assert!(next - before >= AUDIT_WRITE_INTERVAL, "{:?}", next - before);
    }
}

/// Queues `count` appends while the sync of another record hangs.
async fn while_hanging<F>(
    trail: &Trail,
    disk: &Script,
    count: usize,
    append_one: impl Fn() -> F,
) -> Vec<JoinHandle<Result<(), AuditFault>>>
where
    F: Future<Output = Result<(), AuditFault>> + Send + 'static,
{
    disk.hang(true);
    let first = {
        let trail = trail.clone();
        tokio::spawn(async move { append(&trail).await.map(drop) })
    };
    disk.in_sync(1).await;
    let mut tasks: Vec<_> = (0..count).map(|_| tokio::spawn(append_one())).collect();
    while trail.status().queued < count {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tasks.push(first);
    tasks
}

/// All who share a failed write are told, and none of their numbers is used up.
#[tokio::test]
async fn a_failure_is_everybodys() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    disk.leave_room(0);
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let trail = trail.clone();
            tokio::spawn(async move { append(&trail).await.is_err() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    disk.make_room();
    assert_eq!(append(&trail).await.unwrap().sequence, 1);
}
