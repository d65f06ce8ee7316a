//! What strongroomd prints: the line that names its address, and a log file for all.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::ChildStdout;
use std::sync::mpsc::{Receiver, Sender, channel};

use super::READY;
use crate::HarnessFault;

/// Lines that a message about a failure shows.
const TAIL_LINES: usize = 15;

/// Appends each line to the log, for as long as the process lives (a full pipe would stop it), and sends the address.
pub(super) fn follow(stdout: Option<ChildStdout>, log: &Path) -> Result<Receiver<SocketAddr>, HarnessFault> {
    let (sender, receiver) = channel();
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .map_err(HarnessFault::file("open", log))?;
    if let Some(stdout) = stdout {
        std::thread::spawn(move || copy(BufReader::new(stdout), file, &sender));
    }
    Ok(receiver)
}

fn copy(stdout: impl BufRead, mut log: impl Write, addresses: &Sender<SocketAddr>) {
    for line in stdout.lines().map_while(Result::ok) {
        let _ = writeln!(log, "{line}");
        if let Some(address) = line.strip_prefix(READY).and_then(|address| address.trim().parse().ok()) {
            let _ = addresses.send(address);
        }
    }
}

pub(super) fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines
        .get(lines.len().saturating_sub(TAIL_LINES)..)
        .unwrap_or_default()
        .join("\n")
}
