//! Keys, aliases and ciphertext blobs, one file per operation.
