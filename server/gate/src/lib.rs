//! The one door for a request: Operation, Permit, Released, Gate::run.
