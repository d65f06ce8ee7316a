//! Placeholder until the suite lands.
fn main() {}
