//! Whole-system tests, fixtures, cargo dev, cargo ci, cargo load and cargo soak.
