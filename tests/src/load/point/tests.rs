//! Samples add up, and survive the way between processes.

use std::time::Duration;

use super::{Sample, latencies};

fn sample(values: &[u64], wall_ms: u64, processor_ms: u64) -> Sample {
    let mut histogram = latencies().unwrap();
    for value in values {
        histogram.record(*value).unwrap();
    }
    Sample::new(
        histogram,
        Duration::from_millis(wall_ms),
        Duration::from_millis(processor_ms),
    )
}

#[test]
fn slices_add_up_to_rates_quantiles_and_cost() {
    let mut sum = Sample::empty().unwrap();
    sum.add(&sample(&[100; 98], 500, 1)).unwrap();
    sum.add(&sample(&[900, 950], 500, 1)).unwrap();
    let point = sum.point();
    assert_eq!((point.p50_us, point.p99_us), (100, 900));
    assert!((point.per_second - 100.0).abs() < 1e-9);
    assert!((point.cpu_us - 20.0).abs() < 1e-9);
}

#[test]
fn a_sample_survives_json() {
    let before = sample(&[3, 70, 70, 12_345], 250, 7);
    let text = serde_json::to_string(&before).unwrap();
    let after: Sample = serde_json::from_str(&text).unwrap();
    assert_eq!(after.point(), before.point());
    assert_eq!(after.answers(), 4);
}
