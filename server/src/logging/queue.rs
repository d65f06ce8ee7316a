//! [`LogQueue`]: lines for standard error, written by a thread of their own.
//!
//! Whoever reads the log may stop reading: a full pipe then blocks the writer, and would block every request that logs.
//! So lines that find no place are dropped, counted, and owned up to when the reader goes on.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use tracing_subscriber::fmt::MakeWriter;

/// Lines that wait for a reader: some hundred KiB.
const LINES_MAX: usize = 1024;
/// How long the end of the process waits for a reader of its last lines.
const END_TIME_MAX: Duration = Duration::from_secs(2);

/// Where log lines go. Cheap to clone; never blocks.
#[derive(Clone)]
pub(crate) struct LogQueue {
    sender: Sender<Message>,
    lost: Arc<AtomicU64>,
}

enum Message {
    Line(Vec<u8>),
    /// All lines before this one are written.
    End(Sender<()>),
}

impl LogQueue {
    /// Starts the thread that writes to `output`.
    pub(crate) fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let (sender, receiver) = bounded(LINES_MAX);
        let lost = Arc::<AtomicU64>::default();
        let queue = Self {
            sender,
            lost: Arc::clone(&lost),
        };
        let thread = thread::Builder::new().name("log-writer".to_owned());
        thread.spawn(move || write_lines(&receiver, &lost, output))?;
        Ok(queue)
    }

    /// Takes the last line, if there is one, and waits until all are written, but not for ever.
    pub(crate) fn end(&self, last: Option<String>) {
        let deadline = Instant::now() + END_TIME_MAX;
        let (written, ended) = bounded(1);
        let last = last.map(|line| Message::Line(line.into_bytes()));
        for message in last.into_iter().chain([Message::End(written)]) {
            if self.sender.send_deadline(message, deadline).is_err() {
                // Nobody reads.
                return;
            }
        }
        let _written_or_late = ended.recv_deadline(deadline);
    }

    fn put(&self, line: &[u8]) {
        if self.sender.try_send(Message::Line(line.to_vec())).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The formatter writes each event with one call.
pub(crate) struct LogLine<'a>(&'a LogQueue);

impl Write for LogLine<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogQueue {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine(self)
    }
}

fn write_lines(receiver: &Receiver<Message>, lost: &AtomicU64, mut output: impl Write) {
    let mut told = 0;
    for message in receiver {
        let is_writable = match message {
            Message::Line(line) => {
                let is_written = output.write_all(&line).is_ok();
                if !is_written {
                    lost.fetch_add(1, Ordering::Relaxed);
                }
                is_written
            }
            Message::End(written) => {
                let is_flushed = output.flush().is_ok();
                let _nobody_waits_any_more = written.send(());
                is_flushed
            }
        };
        let total = lost.load(Ordering::Relaxed);
        // Behind a line that failed, this one would fail too, and be told of again, for ever.
        if is_writable && total > told {
            told = total;
            // Goes through the queue like any other line; if it is lost too, the total grows and is told again.
            tracing::warn!(
                total,
                "log lines were lost, because standard error was not read in time or could not be written"
            );
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
