//! Reading a trail back: is every record what was written, and where it was written?

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use strongroom_base::limits::AUDIT_RECORD_BYTES_MAX;

use crate::chain::{Digest, Head};
use crate::folder::{put_aside_before, segment_name, segments};
use crate::line::{Line, parse};

/// What a trail that is in order holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Files.
    pub segments: usize,
    /// Records.
    pub records: u64,
    /// The first sequence number: 1, or 0 for a trail without records.
    pub first_sequence: u64,
    /// The last sequence number; 0 for a trail without records.
    pub last_sequence: u64,
    /// The digest of the last record. Compared with one that was kept elsewhere, it shows whether records were cut off
    /// at the end or the chain was made anew, which the chain alone cannot show.
    pub head_digest: Digest,
    /// Bytes behind the last record: one that is being written, or that a crash left unfinished. Not acknowledged.
    pub unfinished_bytes: u64,
    /// Unfinished ends that were moved aside when the trail was opened again.
    pub moved_aside: Vec<PathBuf>,
}

/// The first record that is not what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
    /// The sequence number of the record that is, or should be, there.
    pub sequence: u64,
    /// What is wrong.
    pub damage: Damage,
}

/// What is wrong with a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The line is not a record.
    #[error("it is not an audit record: {0}")]
    NotARecord(String),
    /// The line is longer than any record.
    #[error("it is longer than the {AUDIT_RECORD_BYTES_MAX} bytes that a record may have")]
    TooLong,
    /// The line is linked to the record before it, but has another number.
    #[error("its sequence number was changed to {0}")]
    Renumbered(u64),
    /// Another record stands there: some were removed, inserted, duplicated or swapped.
    #[error("record {0} stands there instead: records were removed, inserted or moved")]
    OutOfPlace(u64),
    /// The record is not what the next one is linked to.
    #[error("it was changed: its digest is not the one that the next record carries")]
    Changed,
    /// The record is not linked to the one before it.
    #[error("it was changed: the digest that it carries is not that of the record before it")]
    Unlinked,
    /// The last two records do not fit together; nothing behind them tells which one was changed.
    #[error("it was changed, or the digest in the next record was: nothing behind the two tells which")]
    ChangedOrNext,
    /// The line does not end, though another file follows.
    #[error("the file was cut off within it")]
    CutOff,
    /// The file is not there, though it must have been.
    #[error("the file is missing")]
    FileMissing,
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} line {}, record {}: {}",
            self.file.display(),
            self.line,
            self.sequence,
            self.damage
        )
    }
}

/// Why a trail is not in order.
#[derive(Debug, thiserror::Error)]
pub enum VerifyFault {
    /// There is no audit file.
    #[error("there is no audit trail in {}", .0.display())]
    NoTrail(PathBuf),
    /// A file or the directory cannot be read.
    #[error("cannot read {}: {cause}", path.display())]
    Unreadable {
        /// Which one.
        path: PathBuf,
        /// What the file system answered.
        #[source]
        cause: io::Error,
    },
    /// A record is not what was written.
    #[error("the audit trail is broken: {0}")]
    Broken(Broken),
}

/// Checks the trail in `directory` from its first record to its last, in constant memory: every line's shape, the
/// sequence without gaps, and the chain of digests across all files. Needs no secret. May run while the trail is written.
///
/// # Errors
/// [`VerifyFault::Broken`] names the first record that is not what was written.
pub fn verify(directory: &Path) -> Result<Report, VerifyFault> {
    let unreadable = |cause| VerifyFault::Unreadable {
        path: directory.to_owned(),
        cause,
    };
    let numbers = segments(directory).map_err(unreadable)?;
    let Some(last) = numbers.last() else {
        return Err(VerifyFault::NoTrail(directory.to_owned()));
    };
    let mut chain = Chain::default();
    for (number, found) in (1..).zip(&numbers) {
        let path = directory.join(segment_name(number));
        if number != *found {
            return Err(VerifyFault::Broken(chain.broken(path, 1, Damage::FileMissing)));
        }
        chain.read_segment(&path, number == *last)?;
    }
    chain.finish()?;
    Ok(Report {
        segments: numbers.len(),
        records: chain.head.sequence,
        first_sequence: chain.head.sequence.min(1),
        last_sequence: chain.head.sequence,
        head_digest: chain.head.digest,
        unfinished_bytes: chain.unfinished_bytes,
        moved_aside: put_aside_before(directory).map_err(unreadable)?,
    })
}

/// What has been read so far and found in order.
struct Chain {
    head: Head,
    /// Where the record at the head stands.
    head_place: Option<(PathBuf, u64)>,
    /// A line with the right number that is not linked to the head; the one behind it tells which of the two is wrong.
    doubtful: Option<(PathBuf, u64, Line)>,
    unfinished_bytes: u64,
}

impl Default for Chain {
    fn default() -> Self {
        Self {
            head: Head::EMPTY,
            head_place: None,
            doubtful: None,
            unfinished_bytes: 0,
        }
    }
}

impl Chain {
    fn read_segment(&mut self, path: &Path, is_last: bool) -> Result<(), VerifyFault> {
        let unreadable = |cause| VerifyFault::Unreadable {
            path: path.to_owned(),
            cause,
        };
        let mut reader = BufReader::with_capacity(1 << 20, File::open(path).map_err(unreadable)?);
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            let limit = AUDIT_RECORD_BYTES_MAX as u64 + 1;
            let length = reader
                .by_ref()
                .take(limit)
                .read_until(b'\n', &mut bytes)
                .map_err(unreadable)?;
            let damage = match bytes.split_last() {
                None => return Ok(()),
                Some((b'\n', line)) => match parse(line) {
                    Ok(line) => {
                        self.take(path, number, line).map_err(VerifyFault::Broken)?;
                        continue;
                    }
                    Err(why) => Damage::NotARecord(why),
                },
                Some(_) if length as u64 == limit => Damage::TooLong,
                Some(_) if is_last => {
                    self.unfinished_bytes = length as u64;
                    return Ok(());
                }
                Some(_) => Damage::CutOff,
            };
            // What is in doubt comes before this line.
            self.finish()?;
            return Err(VerifyFault::Broken(self.broken(path.to_owned(), number, damage)));
        }
        Ok(())
    }

    fn take(&mut self, path: &Path, number: u64, line: Line) -> Result<(), Broken> {
        if let Some((doubtful_path, doubtful_number, doubtful)) = self.doubtful.take() {
            // The doubtful line is as it was written if this one is linked to it; then the one before it is not.
            let (Some((head_path, head_number)), true) = (self.head_place.take(), line.previous == doubtful.digest)
            else {
                return Err(self.broken(doubtful_path, doubtful_number, Damage::Unlinked));
            };
            return Err(Broken {
                file: head_path,
                line: head_number,
                sequence: self.head.sequence,
                damage: Damage::Changed,
            });
        }
        let linked = line.previous == self.head.digest;
        let numbered = line.sequence == self.head.sequence + 1;
        match (numbered, linked) {
            (true, true) => {
                self.head = Head {
                    sequence: line.sequence,
                    digest: line.digest,
                };
                self.head_place = Some((path.to_owned(), number));
                Ok(())
            }
            (true, false) if self.head_place.is_some() => {
                self.doubtful = Some((path.to_owned(), number, line));
                Ok(())
            }
            (true, false) => Err(self.broken(path.to_owned(), number, Damage::Unlinked)),
            (false, true) => Err(self.broken(path.to_owned(), number, Damage::Renumbered(line.sequence))),
            (false, false) => Err(self.broken(path.to_owned(), number, Damage::OutOfPlace(line.sequence))),
        }
    }

    /// Nothing follows that could settle a doubt.
    fn finish(&mut self) -> Result<(), VerifyFault> {
        match (self.doubtful.take(), self.head_place.take()) {
            (Some(_), Some((file, line))) => Err(VerifyFault::Broken(Broken {
                file,
                line,
                sequence: self.head.sequence,
                damage: Damage::ChangedOrNext,
            })),
            (_, place) => {
                self.head_place = place;
                Ok(())
            }
        }
    }

    fn broken(&self, file: PathBuf, line: u64, damage: Damage) -> Broken {
        Broken {
            file,
            line,
            sequence: self.head.sequence + 1,
            damage,
        }
    }
}

#[cfg(test)]
mod tests;
