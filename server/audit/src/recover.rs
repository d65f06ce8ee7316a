//! Where a trail goes on: after the last record, past what a crash may have left unfinished behind it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use strongroom_base::limits::{AUDIT_RECORD_BYTES_MAX, AUDIT_WRITE_BYTES_MAX};

use crate::chain::Head;
use crate::fault::AuditFault;
use crate::folder::Folder;
use crate::line::parse;

/// Where the next record is written.
pub(crate) struct Start {
    /// The segment.
    pub(crate) segment: u32,
    /// The bytes of it that hold records.
    pub(crate) length: u64,
    /// The record that the next one is linked to.
    pub(crate) head: Head,
    /// Where an unfinished end was moved to.
    pub(crate) moved_aside: Option<PathBuf>,
}

/// How far back an unfinished end can begin: it was one write at most, and the record before it is wanted too.
const WINDOW_BYTES: u64 = (AUDIT_WRITE_BYTES_MAX + 2 * AUDIT_RECORD_BYTES_MAX) as u64;

/// Finds the end of the trail. Lines behind the last record that are not records were never acknowledged: the process
/// or the machine died while it wrote them. They are copied to a side file, and the caller cuts them off.
pub(crate) fn recover(folder: &Folder) -> Result<Start, AuditFault> {
    let segments = folder.segments()?;
    let Some((&segment, earlier)) = segments.split_last() else {
        return Ok(Start {
            segment: 1,
            length: 0,
            head: Head::EMPTY,
            moved_aside: None,
        });
    };
    let path = folder.segment_path(segment);
    let end = read_end(&path)?;
    let head = match (end.head, earlier.last()) {
        (Some(head), _) => head,
        (None, Some(&before)) if before + 1 == segment => head_of_finished(&folder.segment_path(before))?,
        (None, None) if segment == 1 => Head::EMPTY,
        (None, _) => {
            return Err(AuditFault::Damaged {
                path,
                what: "has no record, and the file before it is missing",
            });
        }
    };
    let mut moved_aside = None;
    if !end.unfinished.is_empty() {
        let aside = folder.put_aside(segment, &end.unfinished)?;
        tracing::warn!(
            file = %path.display(), bytes = end.unfinished.len(), moved_to = %aside.display(), sequence = head.sequence,
            "the audit trail ended in an unfinished record, which was never acknowledged; it was moved aside"
        );
        moved_aside = Some(aside);
    }
    Ok(Start {
        segment,
        length: end.length,
        head,
        moved_aside,
    })
}

/// The end of one segment.
struct End {
    /// The last record, if the segment has one.
    head: Option<Head>,
    /// The bytes up to and including that record.
    length: u64,
    /// What follows.
    unfinished: Vec<u8>,
}

fn read_end(path: &Path) -> Result<End, AuditFault> {
    let (skipped, mut window) = read_window(path).map_err(AuditFault::io("read", path))?;
    // A window that begins within the file begins within a line.
    let first = match skipped {
        0 => 0,
        _ => window
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(window.len(), |newline| newline + 1),
    };
    match last_record(&window, first) {
        None if skipped > 0 => Err(AuditFault::Damaged {
            path: path.to_owned(),
            what: "does not end in records",
        }),
        None => Ok(End {
            head: None,
            length: 0,
            unfinished: window,
        }),
        Some((head, end)) => {
            let unfinished = window.split_off(end);
            Ok(End {
                head: Some(head),
                length: skipped + end as u64,
                unfinished,
            })
        }
    }
}

/// The last line from `first` on that is a record, and where the line ends.
fn last_record(window: &[u8], first: usize) -> Option<(Head, usize)> {
    let bytes = window.iter().enumerate().skip(first).rev();
    let mut newlines = bytes.filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).peekable();
    while let Some(newline) = newlines.next() {
        let start = newlines.peek().map_or(first, |before| before + 1);
        if let Some(Ok(line)) = window.get(start..newline).map(parse) {
            return Some((
                Head {
                    sequence: line.sequence,
                    digest: line.digest,
                },
                newline + 1,
            ));
        }
    }
    None
}

/// A segment that another one follows ends in a record: the next is begun only after that was acknowledged.
fn head_of_finished(path: &Path) -> Result<Head, AuditFault> {
    let end = read_end(path)?;
    let damaged = AuditFault::Damaged {
        path: path.to_owned(),
        what: "does not end in a record, though another file follows",
    };
    end.head.filter(|_| end.unfinished.is_empty()).ok_or(damaged)
}

/// The last bytes of a file, and how many are before them.
fn read_window(path: &Path) -> std::io::Result<(u64, Vec<u8>)> {
    let mut file = File::open(path)?;
    let skipped = file.metadata()?.len().saturating_sub(WINDOW_BYTES);
    file.seek(SeekFrom::Start(skipped))?;
    let mut window = Vec::new();
    file.read_to_end(&mut window)?;
    Ok((skipped, window))
}

#[cfg(test)]
mod tests;
