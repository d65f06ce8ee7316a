//! With stdout on a terminal nothing secret is shown unless --reveal says so.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::process::Stdio;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::answers::PASSWORD;
use crate::program::{command, run};
use crate::service::Fake;

/// Both ends of a new terminal.
fn terminal() -> (File, File) {
    let user: OwnedFd = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&user).unwrap();
    unlockpt(&user).unwrap();
    let name = ptsname(&user, Vec::new()).unwrap().into_string().unwrap();
    let program = File::options().read(true).write(true).open(name).unwrap();
    (File::from(user), program)
}

/// What is shown until the program's end is closed, which Linux reports as an error (EIO).
fn all(mut user: File) -> Vec<u8> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = user.read(&mut buffer) {
        seen.extend_from_slice(&buffer[..count]);
    }
    seen
}

/// Runs the program with stdout on a terminal. Returns what is seen there, stderr and the exit status.
fn on_terminal(fake: &Fake, arguments: &[&str]) -> (String, String, Option<i32>) {
    let (user, program) = terminal();
    let mut command = command(fake, arguments);
    let child = command
        .stdin(Stdio::null())
        .stdout(program)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command);
    let seen = all(user);
    let output = child.wait_with_output().unwrap();
    (
        String::from_utf8(seen).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
        output.status.code(),
    )
}

#[test]
fn secrets_are_refused_before_they_are_asked_for() {
    let fake = Fake::start();
    for (arguments, what) in [
        (&["secret", "get", "demo"][..], "the secret's value"),
        (&["secret", "get", "demo", "--output", "json"], "the secret's value"),
        (&["secret", "batch-get", "demo"], "the secrets' values"),
        (&["secret", "batch-get", "--filter", "name=demo"], "the secrets' values"),
        (
            &["secret", "batch-get", "demo", "--output", "json"],
            "the secrets' values",
        ),
        (&["secret", "password"], "a password"),
        (&["random"], "random bytes"),
        (&["decrypt", "--in", "/dev/null"], "decrypted data"),
        (&["encrypt", "--key", "k", "--in", "/dev/null"], "ciphertext"),
        (
            &["re-encrypt", "--destination-key", "k", "--in", "/dev/null"],
            "ciphertext",
        ),
        (&["data-key", "generate", "--key", "k"], "a data key"),
        (&["data-key", "decrypt", "--in", "/dev/null"], "a data key"),
        (&["random", "--output", "json"], "random bytes"),
        (&["secret", "password", "--output", "json"], "a password"),
    ] {
        let (seen, message, status) = on_terminal(&fake, arguments);
        assert_eq!(seen, "", "{arguments:?}");
        let expected = format!("error: stdout is a terminal, and {what} would be shown on it; redirect it (> FILE");
        assert!(message.starts_with(&expected), "{arguments:?}: {message}");
        assert!(
            message.contains("--out FILE") || message.contains("--plaintext-out FILE"),
            "{message}"
        );
        assert_eq!(status, Some(2), "{arguments:?}");
    }
    assert_eq!(fake.methods(), [""; 0], "nothing was asked of the service");
}

#[test]
fn reveal_shows_them_with_a_line_end() {
    let fake = Fake::start();
    run(command(&fake, &["secret", "put", "demo"]), b"hunter2");
    assert_eq!(
        on_terminal(&fake, &["secret", "get", "demo", "--reveal"]).0,
        "hunter2\r\n"
    );
    assert_eq!(
        on_terminal(&fake, &["secret", "batch-get", "demo", "--reveal"]).0,
        "name           demo\r\nversion_id     version\r\nsecret_string  hunter2\r\n"
    );
    assert_eq!(
        on_terminal(&fake, &["secret", "password", "--reveal"]).0,
        format!("{PASSWORD}\r\n")
    );
    // Bytes would disturb the terminal.
    assert_eq!(
        on_terminal(&fake, &["random", "--bytes", "3", "--reveal"]).0,
        "7u7u\r\n"
    );
    run(command(&fake, &["secret", "put", "demo"]), b"\xff\x00");
    assert_eq!(on_terminal(&fake, &["secret", "get", "demo", "--reveal"]).0, "/wA=\r\n");
    let (seen, ..) = on_terminal(&fake, &["data-key", "generate", "--key", "k", "--reveal"]);
    assert!(seen.contains("plaintext        WlpaWlpa"), "{seen}");
}

#[test]
fn a_file_may_have_them() {
    let fake = Fake::start();
    run(command(&fake, &["secret", "put", "demo"]), b"hunter2");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("value");
    let (seen, message, status) = on_terminal(&fake, &["secret", "get", "demo", "--out", file.to_str().unwrap()]);
    assert_eq!((seen.as_str(), message.as_str(), status), ("", "", Some(0)));
    assert_eq!(std::fs::read(file).unwrap(), b"hunter2");
}

#[test]
fn a_typed_value_is_not_shown() {
    use std::io::Write as _;
    let fake = Fake::start();
    let (mut user, program) = terminal();
    let mut command = command(&fake, &["secret", "put", "demo"]);
    let mut child = command
        .stdin(program)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command);
    let mut prompt = [0; 34];
    child.stderr.as_mut().unwrap().read_exact(&mut prompt).unwrap();
    assert_eq!(&prompt, b"value (not shown; Enter ends it): ");
    assert_no_core_dump(child.id());
    // The prompt comes before the echo goes.
    while tcgetattr(&user).unwrap().local_modes.contains(LocalModes::ECHO) {
        std::thread::yield_now();
    }
    user.write_all(b"hunter2\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(all(user), b"\r\n", "only the line end is echoed");
    let stored = fake.state.secrets.lock().unwrap()["demo"].value.clone();
    assert!(matches!(stored, Some(strongroom::v1::secret_value::Value::String(text)) if text == "hunter2"));
}

/// What is typed now would be in the core dump of a program that crashes.
fn assert_no_core_dump(process: u32) {
    let limits = std::fs::read_to_string(format!("/proc/{process}/limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let columns: Vec<&str> = core.unwrap().split_whitespace().collect();
    assert_eq!(columns, ["Max", "core", "file", "size", "0", "0", "bytes"]);
}

#[test]
fn a_large_file_shows_its_progress() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    File::create(&input).unwrap().set_len(17 << 20).unwrap();
    let (user, program) = terminal();
    let arguments = [
        "encrypt",
        "--key",
        "k",
        "--in",
        input.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ];
    let mut command = command(&fake, &arguments);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(program)
        .spawn()
        .unwrap();
    drop(command);
    let seen = String::from_utf8(all(user)).unwrap();
    assert!(child.wait().unwrap().success(), "{seen}");
    assert!(seen.contains("/17.00 MiB"), "{seen}");
    assert!(out.metadata().unwrap().len() > 17 << 20);
}
