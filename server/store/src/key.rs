//! [`RecordKey`]: the name of a record, a printable path that starts with the record's kind.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use strongroom_base::limits::RECORD_KEY_BYTES_MAX;

use crate::fault::StoreFault;

/// The kind whose records carry no tag, because the sealing key itself is one of them.
pub(crate) const BOOTSTRAP: &str = "bootstrap";

/// A record's name, `kind/id`, such as `key/<uuid>` or `secret/<name>`. Lists are in the order of its bytes.
///
/// The kind has a-z, 0-9 and `-`; the id has printable ASCII without blanks, `/` included; both are non-empty and
/// together at most [`RECORD_KEY_BYTES_MAX`] bytes. The first `/` ends the kind, so no two pairs give the same key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(Arc<str>);

impl RecordKey {
    /// The key of the record `id` of this kind.
    ///
    /// # Errors
    /// [`StoreFault::KeyMalformed`] when a part is empty, too long, or has characters that it must not have.
    pub fn new(kind: &str, id: &str) -> Result<Self, StoreFault> {
        if kind.is_empty() || !kind.bytes().all(in_kind) {
            return Err(StoreFault::KeyMalformed {
                what: "the kind may have a-z, 0-9 and '-' only",
            });
        }
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(StoreFault::KeyMalformed {
                what: "the id may have printable ASCII without blanks only",
            });
        }
        if kind.len() + 1 + id.len() > RECORD_KEY_BYTES_MAX {
            return Err(StoreFault::KeyMalformed {
                what: "the key is longer than a record's key may be",
            });
        }
        Ok(Self(format!("{kind}/{id}").into()))
    }

    /// The whole key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first `/`.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split_once('/').map_or("", |(kind, _)| kind)
    }

    /// The part after the first `/`.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, id)| id)
    }

    /// Whether the record's value carries a tag.
    pub(crate) fn is_sealed(&self) -> bool {
        self.kind() != BOOTSTRAP
    }

    /// The key that these bytes of a database are; `None` if this crate cannot have written them.
    pub(crate) fn from_stored(bytes: &[u8]) -> Option<Self> {
        let (kind, id) = std::str::from_utf8(bytes).ok()?.split_once('/')?;
        Self::new(kind, id).ok()
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RecordKey({self})")
    }
}

impl Borrow<str> for RecordKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

fn in_kind(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

#[cfg(test)]
mod tests;
