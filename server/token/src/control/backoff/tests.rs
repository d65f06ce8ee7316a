use super::Backoff;

#[test]
fn delays_double_from_a_quarter_of_a_second_to_five_seconds() {
    let mut backoff = Backoff::new();
    let delays = [(); 8].map(|()| backoff.after_failure().as_millis());
    assert_eq!(delays, [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
}
