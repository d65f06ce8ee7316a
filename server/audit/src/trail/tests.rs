use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use strongroom_base::limits::{AUDIT_QUEUE_MAX, AUDIT_RECORD_BYTES_MAX, AUDIT_STALL_MIN};
use strongroom_base::{Clock, Code, Fault};

use super::Trail;
use crate::fault::AuditFault;
use crate::fixture::{append, append_many, open_failing};
use crate::folder::segment_name;
use crate::status::TrailState;
use crate::verify::verify;

#[tokio::test]
async fn an_appended_event_is_a_line_on_disk() {
    let directory = tempfile::tempdir().unwrap();
    let trail = Trail::open(directory.path(), Clock::System).unwrap();
    assert_eq!(append(&trail).await.unwrap().sequence, 1);
    let text = fs::read_to_string(directory.path().join("audit-00000001.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1);
    assert!(text.starts_with(r#"{"sequence":1,"previousDigest":"0000"#), "{text}");
    assert!(text.contains(r#""eventName":"Decrypt""#), "{text}");
}

#[tokio::test]
async fn a_trail_has_one_writer() {
    let directory = tempfile::tempdir().unwrap();
    let trail = Trail::open(directory.path(), Clock::System).unwrap();
    let fault = Trail::open(directory.path(), Clock::System).err().unwrap();
    assert!(matches!(fault, AuditFault::InUse { .. }));
    assert_eq!(
        fault.to_string(),
        format!(
            "the audit trail in {} is in use by another process: stop that one, or give this one its own data directory",
            directory.path().display()
        )
    );
    let clone = trail.clone();
    drop(trail);
    assert!(Trail::open(directory.path(), Clock::System).is_err());
    append_many(&clone, 1).await;
    drop(clone);
    assert_eq!(
        Trail::open(directory.path(), Clock::System)
            .unwrap()
            .status()
            .last_sequence,
        1
    );
}

#[tokio::test]
async fn files_are_their_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data/audit");
    let trail = Trail::open(&directory, Clock::System).unwrap();
    append_many(&trail, 1).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    assert_eq!(mode(&directory.join(segment_name(1))), 0o600);
}

#[tokio::test]
async fn a_place_where_no_directory_can_be_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let path = parent.path().join("audit");
    fs::write(&path, b"").unwrap();
    let fault = Trail::open(&path, Clock::System).err().unwrap();
    assert_eq!(
        fault.to_string(),
        format!(
            "cannot make the directory {}: File exists (os error 17)",
            path.display()
        )
    );
    assert_eq!(Fault::from(fault).code(), Code::Unavailable);
}

/// A caller that stops waiting does not stop the record, nor those behind it.
#[tokio::test]
async fn records_of_callers_that_went_away_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let trail = Trail::open(directory.path(), Clock::System).unwrap();
    for _ in 0..50 {
        let mut waiting = Box::pin(append(&trail));
        // One poll sends the record to the writer.
        let _ = futures_poll_once(&mut waiting).await;
    }
    assert_eq!(append(&trail).await.unwrap().sequence, 51);
    assert_eq!(verify(directory.path()).unwrap().records, 51);
}

async fn futures_poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| match std::pin::Pin::new(&mut *future).poll(context) {
        std::task::Poll::Ready(output) => std::task::Poll::Ready(Some(output)),
        std::task::Poll::Pending => std::task::Poll::Ready(None),
    })
    .await
}

/// More than the queue holds: the callers wait, none is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_makes_callers_wait() {
    let directory = tempfile::tempdir().unwrap();
    let trail = Trail::open(directory.path(), Clock::System).unwrap();
    let count = AUDIT_QUEUE_MAX + 500;
    let tasks: Vec<_> = (0..count)
        .map(|_| {
            let trail = trail.clone();
            tokio::spawn(async move { append(&trail).await.is_ok() })
        })
        .collect();
    for task in tasks {
        assert!(task.await.unwrap());
    }
    assert_eq!(verify(directory.path()).unwrap().records, count as u64);
    assert_eq!(trail.status().queued, 0);
}

/// A disk that hangs answers no request and fails none either: without the mark, health would never know.
#[tokio::test]
async fn a_disk_that_does_not_answer_shows() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    disk.hang(true);
    let waiting = tokio::spawn({
        let trail = trail.clone();
        async move { append(&trail).await }
    });
    disk.in_sync(1).await;
    assert_eq!(trail.status().state, TrailState::Writable, "a short while is nothing");
    *trail.inner.progress.busy_since() = Instant::now().checked_sub(AUDIT_STALL_MIN * 2);
    let state = trail.status().state;
    assert!(
        matches!(state, TrailState::Stalled(time) if time >= AUDIT_STALL_MIN * 2),
        "{state:?}"
    );
    disk.hang(false);
    assert_eq!(waiting.await.unwrap().unwrap().sequence, 1);
    assert_eq!(trail.status().state, TrailState::Writable);
    assert_eq!(*trail.inner.progress.busy_since(), None, "idling is not hanging");
}

/// A health check may hang in its own rehearsal; the next one sees it. Who verifies meanwhile sees no damage.
#[tokio::test]
async fn a_rehearsal_that_hangs_shows_and_is_no_damage() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    append_many(&trail, 1).await;
    disk.hang(true);
    let waiting = tokio::spawn({
        let trail = trail.clone();
        async move { trail.rehearse().await }
    });
    disk.in_sync(2).await;
    let report = verify(directory.path()).unwrap();
    assert_eq!(
        (report.records, report.unfinished_bytes),
        (1, AUDIT_RECORD_BYTES_MAX as u64)
    );
    *trail.inner.progress.busy_since() = Instant::now().checked_sub(AUDIT_STALL_MIN);
    assert!(matches!(trail.status().state, TrailState::Stalled(_)));
    disk.hang(false);
    waiting.await.unwrap().unwrap();
    assert_eq!(trail.status().state, TrailState::Writable);
    assert_eq!(verify(directory.path()).unwrap().unfinished_bytes, 0);
}

#[tokio::test]
async fn a_writer_that_has_ended_shows() {
    let directory = tempfile::tempdir().unwrap();
    let (trail, disk) = open_failing(directory.path(), u64::MAX);
    append_many(&trail, 1).await;
    disk.panic();
    let stopped = "the audit trail cannot be written: the audit writer has stopped";
    assert_eq!(append(&trail).await.unwrap_err().to_string(), stopped);
    let state = trail.status().state;
    assert!(
        matches!(&state, TrailState::Unwritable { cause, .. } if **cause == *"the audit writer has stopped"),
        "{state:?}"
    );
    assert_eq!(append(&trail).await.unwrap_err().to_string(), stopped);
    assert!(trail.rehearse().await.is_err());
}

/// A file system of 256 KiB that is filled up. Needs root: elsewhere the failing disk of the writer's tests must do.
#[tokio::test]
async fn a_real_disk_that_is_full_heals_too() {
    let directory = tempfile::tempdir().unwrap();
    let mount = |options: &str| {
        let arguments = ["-t", "tmpfs", "-o", options, "tmpfs"];
        Command::new("mount")
            .args(arguments)
            .arg(directory.path())
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !rustix::process::geteuid().is_root() || !mount("size=256k") {
        return;
    }
    let outcome = tokio::spawn(fill_up_and_heal(directory.path().to_owned())).await;
    let unmounted = Command::new("umount").arg(directory.path()).status().unwrap();
    outcome.unwrap();
    assert!(unmounted.success());
}

async fn fill_up_and_heal(directory: std::path::PathBuf) {
    let ballast = directory.join("ballast");
    fs::write(&ballast, vec![0; 128 << 10]).unwrap();
    let trail = Trail::open(&directory, Clock::System).unwrap();
    let mut written = 0;
    let fault = loop {
        match append(&trail).await {
            Ok(receipt) => written = receipt.sequence,
            Err(fault) => break fault,
        }
    };
    assert_eq!(
        fault.to_string(),
        "the audit trail cannot be written: No space left on device (os error 28)"
    );
    assert!(matches!(trail.status().state, TrailState::Unwritable { .. }));
    assert_eq!(verify(&directory).unwrap().records, written);
    assert_eq!(verify(&directory).unwrap().unfinished_bytes, 0);
    assert!(append(&trail).await.is_err());
    fs::remove_file(&ballast).unwrap();
    assert_eq!(append(&trail).await.unwrap().sequence, written + 1);
    assert_eq!(trail.status().state, TrailState::Writable);
    assert_eq!(verify(&directory).unwrap().records, written + 1);
}
