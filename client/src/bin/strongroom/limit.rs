//! Limits of the service that the command line checks before it reads more.

/// Bytes of a secret's value.
pub(crate) const SECRET_VALUE_BYTES_MAX: usize = 65_536;
/// Bytes of a ciphertext blob.
pub(crate) const CIPHERTEXT_BLOB_BYTES_MAX: usize = 6_144;
/// Bytes of a ciphertext blob in base64 or hexadecimal digits, with a line end.
pub(crate) const ENCODED_BLOB_BYTES_MAX: usize = 2 * CIPHERTEXT_BLOB_BYTES_MAX + 2;
/// Rows of one page of keys or aliases.
pub(crate) const PAGE_ROWS_MAX: usize = 1_000;
/// Rows of one page of secrets or versions.
pub(crate) const SECRET_PAGE_ROWS_MAX: usize = 100;
