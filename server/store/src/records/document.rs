//! [`Document`]: a type that records of one kind hold. Stored as its version (2 bytes, big-endian) ‖ JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use strongroom_base::Event;

use crate::fault::StoreFault;
use crate::key::RecordKey;
use crate::record::Record;

/// The content of the records of one kind.
pub trait Document: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind in the records' keys: a-z, 0-9 and `-`.
    const KIND: &'static str;

    /// The version that is written. Raise it when older programs would misread what this one writes.
    const VERSION: u16;
    /// Whether decoded documents are kept in memory. Not for kinds whose documents are large: the cache counts documents,
    /// not bytes.
    const CACHED: bool = true;

    /// What watchers are told when `before` gives way to `after`: `None` where there is no document. It is written in the same
    /// commit, so that no change of such a document can forget it, and nobody hears of a change that is not made.
    #[must_use]
    fn events(before: Option<&Self>, after: Option<&Self>) -> Vec<Event> {
        let _silent = (before, after);
        Vec::new()
    }

    /// Brings the body of an older version to the present one; `None` if that is not possible any more. A type that
    /// was never changed leaves this as it is.
    #[must_use]
    fn upgrade(version: u16, body: Value) -> Option<Value> {
        let _none_known = (version, body);
        None
    }
}

const VERSION_BYTES: usize = 2;

/// The body of a record that holds this document.
pub(super) fn encode<D: Document>(key: &RecordKey, document: &D) -> Result<Vec<u8>, StoreFault> {
    let mut body = D::VERSION.to_be_bytes().to_vec();
    // The text of a serialisation error may quote the document.
    serde_json::to_writer(&mut body, document).map_err(|_| StoreFault::Unserializable { key: key.clone() })?;
    Ok(body)
}

/// The document in a record's body.
pub(super) fn decode<D: Document>(record: &Record) -> Result<D, StoreFault> {
    let damaged = |what| StoreFault::RecordDamaged {
        key: record.key.as_str().into(),
        what,
    };
    let key = || record.key.clone();
    let (version, json) = record
        .body
        .split_first_chunk::<VERSION_BYTES>()
        .ok_or_else(|| damaged("it has no version"))?;
    let (found, known) = (u16::from_be_bytes(*version), D::VERSION);
    // A parse error's text may quote the document, so it goes no further.
    let unreadable = |_| damaged("its content is not a document of its kind");
    if found > known {
        return Err(StoreFault::RecordFromNewerVersion {
            key: key(),
            found,
            known,
        });
    }
    if found == known {
        return serde_json::from_slice(json).map_err(unreadable);
    }
    let old = serde_json::from_slice(json).map_err(unreadable)?;
    let new = D::upgrade(found, old).ok_or_else(|| StoreFault::RecordFromOlderVersion {
        key: key(),
        found,
        known,
    })?;
    serde_json::from_value(new).map_err(unreadable)
}
