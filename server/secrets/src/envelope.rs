//! The envelope: how a version's value is sealed under its data key.
//!
//! ```text
//! sealed value = nonce (12 bytes, random) | ciphertext (as long as the value) | tag (16 bytes)
//! cipher       = AES-256-GCM under the version's data key, which seals this one message and nothing else
//! AAD          = "strongroom/secret-value" 00 | format (1 byte, 01) | kind (1 byte, 01 text, 02 bytes)
//!                | length of ARN (4 bytes, most significant first) | ARN | length of version id (4 bytes) | version id
//! ```
//!
//! The AAD binds a value to its place: a ciphertext that is copied to another secret or version does not open there,
//! nor does one whose kind was changed. The data key's own encryption context {SecretARN, SecretVersionId} binds it too.
//! The golden vector is in `envelope/tests.rs`; the cipher is the key service's (`server/kms/src/envelope.rs`).

use strongroom_base::{Arn, Code, Fault};
use strongroom_kms::envelope;
use strongroom_material::{DataKey, Material, Sealed};

use crate::value::{Value, ValueKind};
use crate::version_id::VersionId;

const DOMAIN: &[u8] = b"strongroom/secret-value\0";
const FORMAT: u8 = 1;

/// Where a value belongs.
pub(crate) struct Place<'p> {
    pub(crate) arn: &'p Arn,
    pub(crate) version: &'p VersionId,
}

impl Place<'_> {
    fn authenticated_data(&self, kind: ValueKind) -> Vec<u8> {
        let kind = match kind {
            ValueKind::String => 1,
            ValueKind::Binary => 2,
        };
        let mut data = [DOMAIN, &[FORMAT, kind]].concat();
        for text in [self.arn.as_str(), self.version.as_str()] {
            // Both are bounded far below 4 GiB.
            data.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            data.extend(text.as_bytes());
        }
        data
    }
}

/// Seals a value under a fresh data key, which is wiped when this returns.
pub(crate) fn seal(data_key: Material<DataKey>, place: &Place<'_>, value: &Value) -> Result<Sealed, Fault> {
    envelope::seal(data_key, &place.authenticated_data(value.kind()), value.bytes())
}

/// Opens a value. The data key is wiped when this returns.
///
/// # Errors
/// DecryptionFailure when anything is not as it was sealed; it never says what.
pub(crate) fn open(
    data_key: Material<DataKey>,
    place: &Place<'_>,
    kind: ValueKind,
    sealed: &Sealed,
) -> Result<Value, Fault> {
    let opened = envelope::open(data_key, &place.authenticated_data(kind), sealed);
    opened.map(|bytes| Value::opened(kind, bytes)).map_err(|_| {
        Fault::new(
            Code::DecryptionFailure,
            "Secrets Manager can't decrypt the secret value: it is not as it was stored.",
        )
    })
}

#[cfg(test)]
mod tests;
