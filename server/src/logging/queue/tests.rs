use std::io::{self, Write};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use super::{LINES_MAX, LogQueue};

/// An output that blocks while the test holds the lock.
#[derive(Clone, Default)]
pub(in crate::logging) struct Reader(Arc<Mutex<Vec<u8>>>);

impl Reader {
    fn stall(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap()
    }

    pub(in crate::logging) fn text(&self) -> String {
        String::from_utf8(self.stall().clone()).unwrap()
    }
}

impl Write for Reader {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stall().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn lines_come_in_order_and_the_last_ones_before_the_end() {
    let reader = Reader::default();
    let queue = LogQueue::start(reader.clone()).unwrap();
    for line in ["one\n", "two\n"] {
        queue.make_writer().write_all(line.as_bytes()).unwrap();
    }
    queue.end(Some("strongroomd: why\n".to_owned()));
    assert_eq!(reader.text(), "one\ntwo\nstrongroomd: why\n");
}

/// An output that fails so many times before it works.
struct Failing(usize, Reader);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                Err(io::ErrorKind::StorageFull.into())
            }
            None => self.1.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn lines_that_cannot_be_written_are_counted() {
    let reader = Reader::default();
    let queue = LogQueue::start(Failing(2, reader.clone())).unwrap();
    for line in ["one\n", "two\n", "three\n"] {
        queue.make_writer().write_all(line.as_bytes()).unwrap();
    }
    queue.end(None);
    assert_eq!(reader.text(), "three\n");
    assert_eq!(queue.lost.load(Ordering::Relaxed), 2);
}

#[test]
fn a_reader_that_stalls_holds_nobody_up_and_what_is_lost_is_counted() {
    let reader = Reader::default();
    let queue = LogQueue::start(reader.clone()).unwrap();
    let start = Instant::now();
    let stalled = reader.stall();
    for number in 0..LINES_MAX + 100 {
        let line = format!("{number:04}\n");
        queue.make_writer().write_all(line.as_bytes()).unwrap();
    }
    queue.end(Some("nobody reads this\n".to_owned()));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    drop(stalled);
    queue.end(Some("the end\n".to_owned()));
    let text = reader.text();
    assert!(
        text.starts_with("0000\n0001\n") && text.ends_with("the end\n"),
        "{text}"
    );
    let lost = usize::try_from(queue.lost.load(Ordering::Relaxed)).unwrap();
    let written = text.lines().filter(|line| line.len() == 4).count();
    assert_eq!(written + lost, LINES_MAX + 100);
    assert!((99..=100).contains(&lost), "the writer may hold one line: {lost}");
}
