//! Ciphertext blobs, signatures, codes and the like: from a file or stdin and to one or stdout, as they are or encoded.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink, Source};
use crate::limit::CIPHERTEXT_BLOB_BYTES_MAX;

/// Bytes of a ciphertext blob in hexadecimal digits, the longest form, with a line end of two.
const ENCODED_BLOB_BYTES_MAX: usize = 2 * CIPHERTEXT_BLOB_BYTES_MAX + 2;

/// The bytes; stdin's if there is no path.
pub(crate) fn read(path: Option<&Path>, encoding: Encoding, what: &'static str) -> Result<Vec<u8>, CommandFault> {
    let input = Source::open(path)?.read_all(ENCODED_BLOB_BYTES_MAX, what)?;
    encoding.decode(input)
}

/// Bytes that are not secret, in an encoding; if none was asked for raw, but in base64 on a screen.
pub(crate) fn write(path: Option<&Path>, given: Option<Encoding>, bytes: &[u8]) -> Result<(), CommandFault> {
    let is_screen = path.is_none_or(|path| path == Path::new("-")) && io::stdout().is_terminal();
    let default = if is_screen { Encoding::Base64 } else { Encoding::Raw };
    let encoding = given.unwrap_or(default);
    let sink = Sink::create(path, Mode::Ordinary)?;
    sink.write(&encoding.encode(bytes))?;
    if encoding != Encoding::Raw {
        sink.write(b"\n")?;
    }
    sink.complete()
}
