//! The committer on a disk that a test holds in its hand.

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use strongroom_base::limits::{COMMIT_BATCH_BYTES_MAX, COMMIT_BATCH_MAX, COMMIT_QUEUE_MAX, COMMIT_STALL_MIN};
use strongroom_material::Material;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::files::{Disk, Files};
use super::{SledStore, open};
use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::locks::lock;
use crate::record::{Revision, Transaction};
use crate::sealer::Sealer;
use crate::stats::StoreState;
use crate::store::Store;

/// Answers of the disk: each sync waits for one, or uses the default once the test has let go.
struct Hand {
    files: Files,
    entered: Sender<()>,
    answers: Receiver<io::Result<()>>,
    room: Arc<Mutex<Option<i32>>>,
}

impl Disk for Hand {
    fn make_room(&mut self, bytes: u64) -> io::Result<()> {
        match *lock(&self.room) {
            Some(errno) => Err(io::Error::from_raw_os_error(errno)),
            None => self.files.make_room(bytes),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let _test_is_over = self.entered.send(());
        self.answers.recv().unwrap_or(Ok(()))?;
        self.files.sync()
    }
}

struct Bench {
    store: Arc<SledStore>,
    /// Something comes when a sync has begun.
    entered: Receiver<()>,
    /// What the next sync answers; dropped: all succeed.
    answers: Sender<io::Result<()>>,
    /// The error with which room is refused.
    room: Arc<Mutex<Option<i32>>>,
    directory: TempDir,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (entered_sender, entered) = channel();
        let (answers, answers_receiver) = channel();
        let room = Arc::<Mutex<Option<i32>>>::default();
        let shared_room = Arc::clone(&room);
        let disk = |files| -> Box<dyn Disk> {
            Box::new(Hand {
                files,
                entered: entered_sender,
                answers: answers_receiver,
                room: shared_room,
            })
        };
        let store = Arc::new(open::open(directory.path(), sealer(), disk).unwrap());
        Self {
            store,
            entered,
            answers,
            room,
            directory,
        }
    }

    /// Commits with a sync that succeeds.
    async fn commit(&self, transaction: Transaction) -> Revision {
        self.answers.send(Ok(())).unwrap();
        let revision = self.store.commit(transaction).await.unwrap();
        self.entered.recv().unwrap();
        revision
    }

    fn start(&self, transaction: Transaction) -> JoinHandle<Result<Revision, StoreFault>> {
        let store = Arc::clone(&self.store);
        tokio::spawn(async move { store.commit(transaction).await })
    }

    /// Waits until the committer is in a sync.
    async fn in_sync(&self) {
        while self.entered.try_recv().is_err() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn body(&self, id: &str) -> Option<Vec<u8>> {
        self.store
            .get(&key(id))
            .await
            .unwrap()
            .map(|record| record.body.to_vec())
    }

    async fn ids(&self) -> Vec<String> {
        let records = self.store.list("key/", None, 10).await.unwrap();
        records.into_iter().map(|record| record.key.id().to_owned()).collect()
    }
}

fn sealer() -> Sealer {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    sealer
}

fn key(id: &str) -> RecordKey {
    RecordKey::new("key", id).unwrap()
}

fn put(id: &str, body: &str) -> Transaction {
    Transaction {
        puts: vec![(key(id), body.as_bytes().to_vec())],
        ..Transaction::default()
    }
}

/// Lets so many tasks that were just spawned run as far as they come: these tests have one thread.
async fn let_run(tasks: usize) {
    for _ in 0..2 * tasks {
        tokio::task::yield_now().await;
    }
}

fn reopen(directory: &Path) -> Result<SledStore, StoreFault> {
    SledStore::open(directory, sealer())
}

#[tokio::test]
async fn nobody_sees_a_change_before_it_is_on_disk() {
    let bench = Bench::new();
    bench.commit(put("b", "old")).await;
    bench.commit(put("c", "old")).await;
    let mut watch = bench.store.watch("");
    let mut change = put("b", "new");
    change.puts.push((key("a"), b"new".to_vec()));
    change.deletes.push(key("c"));
    let commit = bench.start(change);
    bench.in_sync().await;

    assert_eq!(bench.ids().await, ["b", "c"]);
    assert_eq!(bench.body("a").await, None);
    assert_eq!(bench.body("b").await.as_deref(), Some(&b"old"[..]));
    assert_eq!(bench.body("c").await.as_deref(), Some(&b"old"[..]));
    assert_eq!(
        bench.store.list("key/", Some(&key("b")), 1).await.unwrap().len(),
        1,
        "c, which is being deleted"
    );
    assert!(
        tokio::time::timeout(Duration::from_millis(20), watch.next())
            .await
            .is_err()
    );
    assert!(!commit.is_finished());

    bench.answers.send(Ok(())).unwrap();
    commit.await.unwrap().unwrap();
    assert_eq!(bench.ids().await, ["a", "b"]);
    assert_eq!(bench.body("b").await.as_deref(), Some(&b"new"[..]));
    assert!(watch.next().await.is_some());
}

#[tokio::test]
async fn what_comes_during_a_sync_is_made_durable_together() {
    let bench = Bench::new();
    let first = bench.start(put("first", ""));
    bench.in_sync().await;
    let mut later: Vec<_> = (0..COMMIT_BATCH_MAX)
        .map(|id| bench.start(put(&id.to_string(), "")))
        .collect();
    let_run(later.len()).await;
    bench.answers.send(Ok(())).unwrap();
    first.await.unwrap().unwrap();
    bench.answers.send(Ok(())).unwrap();
    for commit in &mut later {
        commit.await.unwrap().unwrap();
    }
    let stats = bench.store.stats();
    assert_eq!(
        (stats.commits, stats.batches),
        (1 + u64::try_from(COMMIT_BATCH_MAX).unwrap(), 2)
    );
    assert!(stats.sync_time > Duration::ZERO && stats.write_time > Duration::ZERO);
}

/// Whatever waits, a batch is full when it has two megabytes: the time of one sync stays even.
#[tokio::test]
async fn a_batch_of_large_transactions_is_soon_full() {
    const BODY_BYTES: usize = COMMIT_BATCH_BYTES_MAX / 16;
    let bench = Bench::new();
    let first = bench.start(put("first", ""));
    bench.in_sync().await;
    let body = "x".repeat(BODY_BYTES);
    let later: Vec<_> = (0..33).map(|id| bench.start(put(&id.to_string(), &body))).collect();
    let_run(later.len()).await;

    let Bench { answers, store, .. } = bench;
    drop(answers);
    first.await.unwrap().unwrap();
    for commit in later {
        commit.await.unwrap().unwrap();
    }
    let stats = store.stats();
    assert_eq!((stats.commits, stats.batches), (34, 1 + 3), "16, 16 and the last");
}

#[tokio::test]
async fn a_failed_sync_ends_the_store_and_shows_nothing_of_the_batch() {
    let bench = Bench::new();
    bench.commit(put("a", "old")).await;
    bench.answers.send(Err(io::Error::from_raw_os_error(5))).unwrap();
    let failed = bench.store.commit(put("a", "new")).await.unwrap_err();
    assert_eq!(
        failed.to_string(),
        "the store has failed (syncing the database's files failed: Input/output error (os error 5)): it accepts \
         nothing more; mend the disk and restart the service"
    );
    assert!(matches!(bench.store.state(), StoreState::Failed { cause } if cause.contains("Input/output error")));
    assert_eq!(
        bench.store.get(&key("a")).await.unwrap_err(),
        failed,
        "neither the old value nor the new one"
    );
    assert_eq!(bench.store.list("", None, 1).await.unwrap_err(), failed);
    assert_eq!(bench.store.commit(put("b", "")).await.unwrap_err(), failed);
    assert_eq!(bench.store.lease("a", COMMIT_STALL_MIN).await.err(), Some(failed));
    assert_eq!(bench.store.stats().commits, 1);

    // Files whose state is unknown are not opened a second time by the same process.
    let Bench { store, directory, .. } = bench;
    drop(store);
    let Err(StoreFault::InUse { .. }) = reopen(directory.path()) else {
        panic!("opened again")
    };
}

#[tokio::test]
async fn everybody_in_a_failed_batch_and_behind_it_is_told() {
    let bench = Bench::new();
    let first = bench.start(put("a", ""));
    bench.in_sync().await;
    let second = bench.start(put("b", ""));
    tokio::task::yield_now().await;
    bench.answers.send(Err(io::Error::from_raw_os_error(5))).unwrap();
    for commit in [first, second] {
        assert!(matches!(commit.await.unwrap(), Err(StoreFault::Failed { .. })));
    }
}

#[tokio::test]
async fn a_full_disk_refuses_changes_until_there_is_room() {
    let bench = Bench::new();
    bench.commit(put("a", "old")).await;
    for errno in [rustix::io::Errno::NOSPC, rustix::io::Errno::DQUOT] {
        *lock(&bench.room) = Some(errno.raw_os_error());
        assert_eq!(bench.store.commit(put("a", "new")).await.unwrap_err(), StoreFault::Full);
    }
    assert_eq!(bench.store.state(), StoreState::Serving);
    assert_eq!(bench.body("a").await.as_deref(), Some(&b"old"[..]));
    assert_eq!(bench.store.stats().refused_full, 2);
    *lock(&bench.room) = None;
    bench.commit(put("a", "new")).await;
    assert_eq!(bench.body("a").await.as_deref(), Some(&b"new"[..]));
}

#[tokio::test]
async fn a_disk_that_fails_to_reserve_ends_the_store() {
    let bench = Bench::new();
    *lock(&bench.room) = Some(rustix::io::Errno::IO.raw_os_error());
    let failed = bench.store.commit(put("a", "")).await.unwrap_err();
    assert!(
        failed
            .to_string()
            .contains("reserving room on the disk failed: Input/output error"),
        "{failed}"
    );
}

#[tokio::test]
async fn a_full_queue_sheds() {
    let bench = Bench::new();
    let first = bench.start(put("first", ""));
    bench.in_sync().await;
    let waiting: Vec<_> = (0..COMMIT_QUEUE_MAX).map(|_| bench.start(put("a", ""))).collect();
    let_run(waiting.len()).await;
    let shed = bench.store.commit(put("b", "")).await.unwrap_err();
    assert_eq!(shed, StoreFault::Overloaded);
    assert_eq!(bench.store.stats().overloads, 1);

    let Bench { answers, store, .. } = bench;
    drop(answers);
    first.await.unwrap().unwrap();
    for commit in waiting {
        commit.await.unwrap().unwrap();
    }
    store.commit(put("b", "")).await.unwrap();
}

#[tokio::test]
async fn what_nobody_waits_for_any_more_is_not_applied() {
    let bench = Bench::new();
    let first = bench.start(put("first", ""));
    bench.in_sync().await;
    let given_up = bench.start(put("given-up", ""));
    tokio::task::yield_now().await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    bench.answers.send(Ok(())).unwrap();
    first.await.unwrap().unwrap();
    bench.commit(put("last", "")).await;
    assert_eq!(bench.ids().await, ["first", "last"]);
}

#[tokio::test]
async fn dropping_the_store_finishes_what_was_accepted() {
    let bench = Bench::new();
    let first = bench.start(put("first", ""));
    bench.in_sync().await;
    let second = bench.start(put("second", ""));
    tokio::task::yield_now().await;
    let Bench {
        answers,
        store,
        directory,
        ..
    } = bench;
    drop(store);
    drop(answers);
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    let store = reopen(directory.path()).unwrap();
    assert_eq!(store.list("key/", None, 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_disk_that_does_not_answer_shows() {
    let bench = Bench::new();
    assert_eq!(bench.store.state(), StoreState::Serving);
    let commit = bench.start(put("a", ""));
    bench.in_sync().await;
    assert_eq!(bench.store.state(), StoreState::Serving, "a short while is nothing");
    *lock(&bench.store.shared.busy_since) = Instant::now().checked_sub(COMMIT_STALL_MIN * 2);
    assert!(matches!(bench.store.state(), StoreState::Stalled(time) if time >= COMMIT_STALL_MIN * 2));
    bench.answers.send(Ok(())).unwrap();
    commit.await.unwrap().unwrap();
    bench.commit(put("b", "")).await;
    assert_eq!(bench.store.state(), StoreState::Serving);
}

#[tokio::test]
async fn records_damaged_and_conflicts_are_counted() {
    let bench = Bench::new();
    bench.commit(put("a", "")).await;
    bench
        .store
        .shared
        .visible
        .database
        .insert("key/a", b"nonsense")
        .unwrap();
    assert!(bench.store.get(&key("a")).await.is_err());
    let replace = |required| Transaction {
        requires: vec![(key("a"), required)],
        ..put("a", "")
    };
    assert!(matches!(
        bench.store.commit(replace(Some(Revision(1)))).await,
        Err(StoreFault::RecordDamaged { .. })
    ));
    assert_eq!(
        bench.store.commit(replace(None)).await,
        Err(StoreFault::Conflict { key: key("a") })
    );
    let stats = bench.store.stats();
    assert_eq!((stats.records_damaged, stats.conflicts, stats.commits), (2, 1, 1));
}

#[tokio::test]
async fn a_row_of_another_program_is_named() {
    let bench = Bench::new();
    bench.store.shared.visible.database.insert("key/a b\n", b"").unwrap();
    let fault = bench.store.list("key/", None, 10).await.unwrap_err();
    assert_eq!(
        fault.to_string(),
        "record key/a b\\n is damaged: its name is not a record's key, so another program wrote it; restore it from a backup"
    );
}

/// A disk that promises room which it does not have.
struct Liar(Files);

impl Disk for Liar {
    fn make_room(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync()
    }
}

/// A mounted tmpfs, unmounted when it goes.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where this user must not mount.
    fn new() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", "size=40m", "strongroom-test"])
            .arg(directory.path());
        mount
            .output()
            .is_ok_and(|output| output.status.success())
            .then(|| Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _left_behind = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

/// Somebody else may take the room between our look and sled's write. Then the store must end with a clear text: sled
/// takes nothing more after a failed write, and must not be waited for. The write may also fail under a read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_under_a_batch_ends_the_store() {
    let Some(disk) = SmallDisk::new() else {
        io::Write::write_all(&mut io::stderr(), b"skipped: only root can mount this test's disk\n").unwrap();
        return;
    };
    let directory = disk.0.path().join("store");
    let store = open::open(&directory, sealer(), |files| Box::new(Liar(files))).unwrap();
    let mut acknowledged = 0;
    let failed = loop {
        match store.commit(put(&acknowledged.to_string(), &"x".repeat(100_000))).await {
            Ok(_) => acknowledged += 1,
            Err(fault) => break fault,
        }
        assert!(acknowledged < 10_000, "the disk was never full");
    };
    let text = failed.to_string();
    assert!(
        text.starts_with("the store has failed (writing the database failed: "),
        "{text}"
    );
    assert!(text.contains("No space left on device"), "{text}");
    assert_eq!(store.get(&key("0")).await.unwrap_err(), failed);
    assert!(matches!(store.state(), StoreState::Failed { .. }));
    drop(store);

    // What a restart finds, once there is room again. (This process keeps its lock; a copy has none.)
    let copy = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(&directory).arg(copy.path()).status();
    assert!(copied.is_ok_and(|status| status.success()));
    let store = reopen(&copy.path().join("store")).unwrap();
    for id in 0..acknowledged {
        assert!(
            store.get(&key(&id.to_string())).await.unwrap().is_some(),
            "{id} of {acknowledged} is lost"
        );
    }
}
