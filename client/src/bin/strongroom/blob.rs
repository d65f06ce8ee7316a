//! Ciphertext blobs as input: from a file or stdin, as they are or encoded.

use std::path::Path;

use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::limit::CIPHERTEXT_BLOB_BYTES_MAX;

/// Bytes of a ciphertext blob in hexadecimal digits, the longest form, with a line end of two.
const ENCODED_BLOB_BYTES_MAX: usize = 2 * CIPHERTEXT_BLOB_BYTES_MAX + 2;

/// The blob; stdin's if there is no path.
pub(crate) fn read(path: Option<&Path>, encoding: Encoding) -> Result<Vec<u8>, CommandFault> {
    let input = Source::open(path)?.read_all(ENCODED_BLOB_BYTES_MAX, "a ciphertext blob")?;
    encoding.decode(input)
}
