//! The hash-chained audit trail, its file sink and its verification.
