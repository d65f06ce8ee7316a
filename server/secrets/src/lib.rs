//! Secrets, versions and staging labels, one file per operation.
