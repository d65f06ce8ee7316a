//! The embedded store on real files: opened twice, damaged, full, killed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests do")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use strongroom_material::Material;
use strongroom_store::{RecordKey, Sealer, SledStore, Store, StoreFault, StoreState, Transaction};
use tempfile::TempDir;

/// Set for the child processes of these tests.
const DIRECTORY: &str = "STRONGROOM_STORE_TEST_DIRECTORY";

fn sealer() -> Sealer {
    let sealer = Sealer::locked();
    sealer.unlock(Material::take(vec![1; 32])).unwrap();
    sealer
}

fn open(directory: &Path) -> Result<SledStore, StoreFault> {
    SledStore::open(directory, sealer())
}

fn refused(directory: &Path) -> StoreFault {
    match open(directory) {
        Ok(_) => panic!("opened"),
        Err(fault) => fault,
    }
}

fn key(id: usize) -> RecordKey {
    RecordKey::new("key", &format!("{id:06}")).unwrap()
}

fn put(id: usize, body: Vec<u8>) -> Transaction {
    Transaction {
        puts: vec![(key(id), body)],
        ..Transaction::default()
    }
}

/// A closed store with some records.
async fn made() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).unwrap();
    for id in 0..50 {
        store.commit(put(id, vec![7; 1_000])).await.unwrap();
    }
    directory
}

async fn count(directory: &Path) -> usize {
    open(directory).unwrap().list("key/", None, 10_000).await.unwrap().len()
}

fn snapshots(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries
        .filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("snap."))
        .collect()
}

/// This test program again, running one ignored test on the directory.
fn child(test: &str, directory: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--ignored", "--nocapture"])
        .env(DIRECTORY, directory);
    command
}

#[tokio::test]
async fn a_second_opener_in_this_process_is_told_what_to_do() {
    let directory = made().await;
    let store = open(directory.path()).unwrap();
    let fault = refused(directory.path());
    assert_eq!(
        fault,
        StoreFault::InUse {
            directory: directory.path().to_owned()
        }
    );
    assert_eq!(
        fault.to_string(),
        format!(
            "the store in {} is open already, in this process or another: stop the other strongroomd, or give this one \
             a data-directory of its own",
            directory.path().display()
        )
    );
    drop(store);
    assert_eq!(count(directory.path()).await, 50);
}

#[tokio::test]
async fn a_second_opener_in_another_process_is_told_what_to_do() {
    let directory = made().await;
    let _store = open(directory.path()).unwrap();
    let output = child("child_opens", directory.path()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let expected = StoreFault::InUse {
        directory: directory.path().to_owned(),
    }
    .to_string();
    assert!(said.contains(&expected), "{said}");
}

#[test]
#[ignore = "a child process of another test"]
fn child_opens() {
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).unwrap());
    writeln!(std::io::stdout(), "{}", refused(&directory)).unwrap();
}

#[tokio::test]
async fn many_openings_in_a_row_find_everything() {
    let directory = made().await;
    for _ in 0..10 {
        assert_eq!(count(directory.path()).await, 50);
    }
}

#[tokio::test]
async fn a_snapshot_that_was_never_finished_is_in_nobodys_way() {
    let directory = made().await;
    for bytes in [&b""[..], b"half a snapshot"] {
        let half = directory.path().join("snap.FFFFFFFFFFFFFFFF.generating");
        fs::write(&half, bytes).unwrap();
        assert_eq!(count(directory.path()).await, 50);
        assert!(!half.exists());
    }
}

#[tokio::test]
async fn a_damaged_snapshot_is_reported_and_restored_from_a_backup() {
    let directory = made().await;
    assert_eq!(count(directory.path()).await, 50);
    let snapshot = snapshots(directory.path()).pop().unwrap();
    let backup = fs::read(&snapshot).unwrap();
    let mut damaged = backup.clone();
    damaged[3] ^= 1;
    fs::write(&snapshot, damaged).unwrap();
    let fault = refused(directory.path());
    assert_eq!(
        fault.to_string(),
        format!(
            "the store in {} is damaged (its file is corrupt): keep the directory for inspection and restore it from a \
             backup; starting with an empty one would lose every key record",
            directory.path().display()
        )
    );
    fs::write(&snapshot, backup).unwrap();
    assert_eq!(count(directory.path()).await, 50);
}

#[tokio::test]
async fn a_store_that_lost_its_files_is_not_taken_for_a_new_one() {
    let directory = made().await;
    fs::remove_file(directory.path().join("db")).unwrap();
    snapshots(directory.path())
        .iter()
        .for_each(|snapshot| fs::remove_file(snapshot).unwrap());
    let fault = refused(directory.path());
    assert!(matches!(&fault, StoreFault::Damaged { .. }), "{fault}");
    assert!(
        fault
            .to_string()
            .contains("(the database is empty although there was a store here before)"),
        "{fault}"
    );
}

/// sled takes a torn log for a shorter one. The store opens with all it had, or says that it is damaged.
#[tokio::test]
async fn a_torn_log_is_not_taken_for_a_shorter_one() {
    let directory = made().await;
    let database = directory.path().join("db");
    let whole = fs::read(&database).unwrap();
    let used = whole.iter().rposition(|byte| *byte != 0).unwrap();
    let mut damaged = 0;
    for step in 0..20 {
        let mut torn = whole.clone();
        let place = used / 20 * step;
        torn[place..(place + 4_096).min(used)].fill(0);
        snapshots(directory.path())
            .iter()
            .for_each(|snapshot| fs::remove_file(snapshot).unwrap());
        fs::write(&database, torn).unwrap();
        match open(directory.path()) {
            Err(StoreFault::Damaged { .. }) => damaged += 1,
            Err(fault) => panic!("{fault}"),
            Ok(store) => assert_eq!(
                store.list("key/", None, 100).await.unwrap().len(),
                50,
                "torn at {place}"
            ),
        }
    }
    assert!(damaged > 10, "only {damaged} of 20 tears were found");
}

#[tokio::test]
async fn an_older_state_is_named_by_its_revision() {
    let directory = made().await;
    let older = fs::read(directory.path().join("db")).unwrap();
    open(directory.path()).unwrap().commit(put(50, vec![])).await.unwrap();
    snapshots(directory.path())
        .iter()
        .for_each(|snapshot| fs::remove_file(snapshot).unwrap());
    fs::write(directory.path().join("db"), older).unwrap();
    let fault = refused(directory.path()).to_string();
    assert!(
        fault.contains("(it ends at revision 50 although it had got to revision 51)"),
        "{fault}"
    );
}

#[tokio::test]
async fn a_torn_marker_is_written_again() {
    let directory = made().await;
    let marker = directory.path().join("strongroom-store");
    let text = fs::read_to_string(&marker).unwrap();
    assert!(
        text.ends_with("\nLast revision 00000000000000000050 00000000000000000050\n"),
        "{text}"
    );
    for torn in [
        text.replacen("50 ", "99 ", 1),
        text[..20].to_owned(),
        "\0".repeat(text.len()),
    ] {
        fs::write(&marker, torn).unwrap();
        assert_eq!(count(directory.path()).await, 50);
        assert_eq!(fs::read_to_string(&marker).unwrap(), text);
    }
}

/// Otherwise removing one file would hide that the database was put back.
#[tokio::test]
async fn a_store_without_its_marker_is_refused() {
    let directory = made().await;
    let marker = directory.path().join("strongroom-store");
    let text = fs::read_to_string(&marker).unwrap();
    fs::remove_file(&marker).unwrap();
    let expected = format!(
        "the store in {} is damaged (its file strongroom-store is missing or empty, so nothing says whether revision 50 is \
         the last that it had got to): keep the directory for inspection and restore it from a backup; starting with an \
         empty one would lose every key record",
        directory.path().display()
    );
    for _ in 0..2 {
        assert_eq!(
            refused(directory.path()).to_string(),
            expected,
            "however often it is tried"
        );
    }
    fs::write(&marker, text).unwrap();
    assert_eq!(count(directory.path()).await, 50);
}

#[tokio::test]
async fn a_directory_that_cannot_be_one_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let fault = refused(&file.join("store"));
    assert!(matches!(fault, StoreFault::Inaccessible { .. }), "{fault}");
    let start = format!("the store in {}/store cannot be opened: ", file.display());
    assert!(fault.to_string().starts_with(&start), "{fault}");
    assert!(
        fault
            .to_string()
            .ends_with("; check that it exists and belongs to this user"),
        "{fault}"
    );
}

#[test]
fn a_new_directory_is_the_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("data/store");
    drop(open(&directory).unwrap());
    assert_eq!(fs::metadata(&directory).unwrap().permissions().mode() & 0o777, 0o700);
}

/// A killed process loses nothing that it acknowledged. (That alone proves no durability: a power cut is another test.)
#[tokio::test]
async fn a_killed_process_loses_nothing_acknowledged() {
    let directory = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 0..5_u64 {
        let mut writer = child("child_writes", directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        // The first acknowledgement starts the clock, so that every round writes something.
        acknowledged = lines.find_map(|line| number(&line)).unwrap();
        std::thread::sleep(Duration::from_millis(30 + 41 * round));
        writer.kill().unwrap();
        acknowledged = lines.filter_map(|line| number(&line)).last().unwrap_or(acknowledged);
        writer.wait().unwrap();

        let store = open(directory.path()).unwrap();
        for id in 0..=acknowledged {
            let record = store
                .get(&key(id))
                .await
                .unwrap()
                .unwrap_or_else(|| panic!("{id} of {acknowledged} is lost"));
            assert_eq!(*record.body, id.to_be_bytes().repeat(100));
        }
    }
    assert!(acknowledged > 100, "only {acknowledged} were written");
}

fn number(line: &str) -> Option<usize> {
    line.strip_prefix("acknowledged ")?.parse().ok()
}

#[tokio::test]
#[ignore = "a child process of another test"]
async fn child_writes() {
    let directory = PathBuf::from(std::env::var_os(DIRECTORY).unwrap());
    let store = open(&directory).unwrap();
    let start = store.list("key/", None, 1_000_000).await.unwrap().len();
    for id in start.. {
        store.commit(put(id, id.to_be_bytes().repeat(100))).await.unwrap();
        writeln!(std::io::stdout(), "acknowledged {id}").unwrap();
    }
}

/// A mounted tmpfs, unmounted when it goes.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` where this user must not mount.
    fn new(size: &str) -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o"])
            .arg(format!("size={size}"))
            .arg("strongroom-test")
            .arg(directory.path());
        let mounted = mount
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        mounted.then(|| Self(directory))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _left_behind = Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_is_left_behind() {
    let Some(disk) = SmallDisk::new("160m") else {
        writeln!(
            std::io::stderr(),
            "skipped: only root can mount the small disk that this test fills"
        )
        .unwrap();
        return;
    };
    let ballast = disk.0.path().join("ballast");
    fs::write(&ballast, vec![0; 64 << 20]).unwrap();
    let directory = disk.0.path().join("store");
    let store = Arc::new(open(&directory).unwrap());

    // Several writers, so that whole batches meet the full disk.
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for id in (writer..1_000_000).step_by(8) {
                    match store.commit(put(id, vec![7; 20_000])).await {
                        Ok(_) => {}
                        Err(fault) => return (id, fault),
                    }
                }
                panic!("the disk was never full")
            })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for (writer, task) in writers.into_iter().enumerate() {
        let (end, fault) = task.await.unwrap();
        assert_eq!(fault, StoreFault::Full);
        acknowledged.extend((writer..end).step_by(8));
    }
    assert!(acknowledged.len() > 100, "{} records fitted", acknowledged.len());
    assert_eq!(store.state(), StoreState::Serving);
    assert_eq!(
        StoreFault::Full.to_string(),
        "the file system of the store is full: nothing was written; make room, and changes work again at once"
    );
    for id in &acknowledged {
        assert_eq!(*store.get(&key(*id)).await.unwrap().unwrap().body, [7; 20_000]);
    }
    fs::remove_file(&ballast).unwrap();
    store.commit(put(2_000_000, vec![8])).await.unwrap();
    drop(store);
    assert_eq!(count(&directory).await, acknowledged.len() + 1);
}
