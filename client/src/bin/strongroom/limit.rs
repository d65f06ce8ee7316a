//! The service's limits that the command line checks before it reads or asks for more. The client knows no server crate,
//! so they stand here again; the service has the last word.

/// Bytes of a secret's value.
pub(crate) const SECRET_VALUE_BYTES_MAX: usize = 65_536;
/// Bytes of a ciphertext blob.
pub(crate) const CIPHERTEXT_BLOB_BYTES_MAX: usize = 6_144;
/// Bytes of a message that is signed or gets an authentication code, and of one that is encrypted without an envelope.
pub(crate) const MESSAGE_BYTES_MAX: usize = 4_096;
/// Bytes of a public key, as text in base64 with its lines.
pub(crate) const PUBLIC_KEY_BYTES_MAX: usize = 8_192 * 3 / 2;
/// Characters of an alias, `alias/` included.
pub(crate) const ALIAS_NAME_LENGTH_MAX: usize = 256;
/// Bytes of a key policy.
pub(crate) const KEY_POLICY_BYTES_MAX: usize = 32_768;
/// Bytes of a secret's resource policy.
pub(crate) const SECRET_POLICY_BYTES_MAX: usize = 20_480;
/// Rows of one page of grants.
pub(crate) const GRANT_LIST_LIMIT_MAX: usize = 100;
/// Rows of one page of keys, aliases or rotations.
pub(crate) const LIST_LIMIT_MAX: usize = 1_000;
/// Rows of one page of secrets or versions.
pub(crate) const SECRET_LIST_LIMIT_MAX: usize = 100;
/// Bytes of a parameter's value.
pub(crate) const PARAMETER_VALUE_BYTES_MAX: usize = 8_192;
/// Rows of one page of parameters or of their versions.
pub(crate) const PARAMETER_LIST_LIMIT_MAX: usize = 50;
/// Rows of one page of parameters with their values.
pub(crate) const PARAMETERS_BY_PATH_LIMIT_MAX: usize = 10;
/// Secrets of one batch of values.
pub(crate) const BATCH_SECRETS_MAX: usize = 20;
/// Seconds that a request may take.
pub(crate) const REQUEST_SECONDS_MAX: u64 = 60;

/// What `--limit` takes: an empty list that was asked for would look like one that was found.
pub(crate) fn rows(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|rows| *rows > 0)
        .ok_or_else(|| "write a number, 1 or more".to_owned())
}
