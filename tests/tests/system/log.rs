//! The log: what callers bring about does not fill it, and when nobody reads it the service goes on and says so later.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use strongroom_proto::v1;
use strongroom_tests::daemon::Daemon;
use strongroom_tests::installation::{EVERYTHING, Installation};

use crate::world::{World, create_key, helper, keys, told};

/// Time for what needs none, on a machine that is busy with other tests.
const AT_ONCE: Duration = Duration::from_secs(8);
/// More requests than the service keeps lines.
const REQUESTS: usize = 1_500;

/// A FIFO that is full to the last byte, and its reading end.
fn full_fifo(path: &Path) -> File {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    // Nobody waits for the other end, and nobody for room.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap();
    let mut both = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(flags)
        .open(path)
        .unwrap();
    loop {
        match both.write(&[b'\n'; 512]) {
            Ok(_) => {}
            Err(fault) if fault.kind() == ErrorKind::WouldBlock => break,
            Err(fault) => panic!("{fault}"),
        }
    }
    let reader = OpenOptions::new().read(true).open(path).unwrap();
    drop(both);
    reader
}

/// Starts the service with standard error going to the FIFO.
fn start(installation: &Installation, fifo: &Path) -> Daemon {
    let command = installation.command();
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" serve --config \"$1\" 2>\"$2\""]);
    shell.arg(&command.program).arg(&command.configuration).arg(fifo);
    shell.env(command.module_configuration.0, &command.module_configuration.1);
    shell.env("STRONGROOM_LOG", "debug");
    Daemon::spawn(&mut shell, &command.log).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_holds_nobody_up() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    let fifo = directory.path().join("stderr");
    let reader = full_fifo(&fifo);
    let daemon = start(&installation, &fifo);
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    create_key(&channel).await;
    for _ in 0..REQUESTS {
        // Each leaves a line.
        let request = v1::DescribeKeyRequest {
            key_id: "alias/nobody".to_owned(),
            ..v1::DescribeKeyRequest::default()
        };
        let told = told(keys(&channel).describe_key(request).await);
        assert!(told.starts_with("NotFound NotFoundException"), "{told}");
    }

    let lines = BufReader::new(reader).lines().map_while(Result::ok);
    let collected = std::thread::spawn(move || lines.collect::<Vec<_>>());
    // With a reader again, the last lines come out before the end.
    create_key(&channel).await;
    daemon.stop().unwrap();
    let lines = collected.join().unwrap();
    let lost = "log lines were lost, because standard error was not read in time";
    assert!(lines.iter().any(|line| line.contains(lost)), "{lines:#?}");
    assert!(lines.last().unwrap().contains("\"message\":\"stopped\""), "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_reads_does_not_hold_up_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    let fifo = directory.path().join("stderr");
    let _reader = full_fifo(&fifo);
    let daemon = start(&installation, &fifo);
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    create_key(&channel).await;
    drop(channel);
    let begun = Instant::now();
    assert!(daemon.stop().unwrap().success());
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
}

/// Anybody who may decrypt could fill the log, and an operator can do nothing about it.
#[tokio::test(flavor = "multi_thread")]
async fn a_ciphertext_that_does_not_open_is_no_warning() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let key_id = create_key(&channel).await;
    let request = v1::EncryptRequest {
        key_id,
        plaintext: b"x".to_vec(),
        ..Default::default()
    };
    let mut blob = keys(&channel)
        .encrypt(request)
        .await
        .unwrap()
        .into_inner()
        .ciphertext_blob;
    *blob.last_mut().unwrap() ^= 1;
    let request = v1::DecryptRequest {
        ciphertext_blob: blob,
        ..Default::default()
    };
    let told = told(keys(&channel).decrypt(request).await);
    assert_eq!(
        told,
        "InvalidArgument InvalidCiphertextException: The ciphertext is not valid."
    );
    let World {
        daemon, installation, ..
    } = world;
    daemon.stop().unwrap();
    let log = fs::read_to_string(&installation.command().log).unwrap();
    assert!(log.contains("\"message\":\"stopped\""), "{log}");
    assert!(!log.contains("request failed"), "{log}");
}
