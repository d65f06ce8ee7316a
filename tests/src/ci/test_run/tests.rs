//! Counting result lines, as the test programs of this Rust version print them.

use super::Tally;

#[test]
fn sums_result_lines_and_nothing_else() {
    let mut tally = Tally::default();
    for line in [
        "running 3 tests",
        "test fixture says: 9 passed ... ok",
        "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        "test result: FAILED. 4 passed; 2 failed; 1 ignored; 0 measured; 5 filtered out; finished in 1.25s",
        "test slow ... ignored",
        "test child ... ignored, a child process of another test",
        "24 passed, 1 failed",
        "some passed, 1 failed",
        "",
    ] {
        tally.count(line);
    }
    assert_eq!(
        tally,
        Tally {
            passed: 31,
            failed: 3,
            ignored: 6
        }
    );
    assert_eq!(tally.to_string(), "31 passed, 3 failed");
}
