//! Who may do what: a pure decision over IAM policy documents.
