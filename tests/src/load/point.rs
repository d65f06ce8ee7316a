//! What a measurement found: latencies, wall time and processor time, added up over slices.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::HarnessFault;

/// One slice of a measurement, or several added up. Travels between processes as JSON.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "Portable", into = "Portable")]
pub struct Sample {
    latencies: Histogram<u64>,
    wall: Duration,
    processor: Duration,
}

/// The numbers of one line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Point {
    /// Answers per second.
    pub per_second: f64,
    /// Half of the answers came within so many microseconds.
    pub p50_us: u64,
    /// 99 of 100 answers came within so many microseconds.
    pub p99_us: u64,
    /// Processor time of the serving process per answer, in the kernel and outside, in microseconds.
    pub cpu_us: f64,
}

impl Sample {
    /// Nothing yet.
    ///
    /// # Errors
    /// None that a caller can cause: the bounds of the histogram are constants.
    pub fn empty() -> Result<Self, HarnessFault> {
        Ok(Self {
            latencies: latencies()?,
            wall: Duration::ZERO,
            processor: Duration::ZERO,
        })
    }

    /// What a slice of `wall` found, during which the serving process used `processor`.
    #[must_use]
    pub fn new(latencies: Histogram<u64>, wall: Duration, processor: Duration) -> Self {
        Self {
            latencies,
            wall,
            processor,
        }
    }

    /// Adds another slice of the same measurement.
    ///
    /// # Errors
    /// When the histograms have different bounds.
    pub fn add(&mut self, other: &Self) -> Result<(), HarnessFault> {
        self.latencies.add(&other.latencies).map_err(broken)?;
        self.wall += other.wall;
        self.processor += other.processor;
        Ok(())
    }

    /// How many answers there were.
    #[must_use]
    pub fn answers(&self) -> u64 {
        self.latencies.len()
    }

    /// The numbers.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts stay far below 2^52, where digits are lost"
    )]
    pub fn point(&self) -> Point {
        let answers = self.latencies.len() as f64;
        Point {
            per_second: answers / self.wall.as_secs_f64(),
            p50_us: self.latencies.value_at_quantile(0.50),
            p99_us: self.latencies.value_at_quantile(0.99),
            cpu_us: self.processor.as_secs_f64() * 1e6 / answers,
        }
    }
}

/// An empty histogram of microseconds, from 1 µs to a minute with three digits.
///
/// # Errors
/// None that a caller can cause: the bounds are constants.
pub fn latencies() -> Result<Histogram<u64>, HarnessFault> {
    Histogram::new_with_bounds(1, 60_000_000, 3).map_err(broken)
}

/// Microseconds, as the histogram counts them.
#[must_use]
pub fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The histogram as pairs of a latency and its count.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Portable {
    latencies: Vec<(u64, u64)>,
    wall: Duration,
    processor: Duration,
}

impl From<Sample> for Portable {
    fn from(sample: Sample) -> Self {
        let recorded = sample.latencies.iter_recorded();
        let latencies = recorded
            .map(|step| (step.value_iterated_to(), step.count_at_value()))
            .collect();
        Self {
            latencies,
            wall: sample.wall,
            processor: sample.processor,
        }
    }
}

impl TryFrom<Portable> for Sample {
    type Error = HarnessFault;

    fn try_from(portable: Portable) -> Result<Self, HarnessFault> {
        let mut histogram = latencies()?;
        for (latency, count) in portable.latencies {
            histogram.record_n(latency, count).map_err(broken)?;
        }
        Ok(Self {
            latencies: histogram,
            wall: portable.wall,
            processor: portable.processor,
        })
    }
}

fn broken(error: impl std::fmt::Display) -> HarnessFault {
    HarnessFault::refused(
        format!("latencies cannot be counted: {error}"),
        "this is a bug of the load generator",
    )
}

#[cfg(test)]
mod tests;
