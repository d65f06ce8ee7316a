//! `cargo load`: the service beside a bare gRPC echo and the bare token, in one run and one table.

mod caller;
mod echo;
mod operation;
pub mod point;
mod raw_token;
mod report;
mod rules;
mod service;
mod stage;

use std::process::ExitCode;

use clap::Parser;

use crate::{HarnessFault, console, leftover};
use operation::Operation;
use report::Report;
use stage::{Stage, Transport};

/// Measures the service beside a gRPC echo with the same messages and beside the token alone.
#[derive(Parser)]
#[command(name = "cargo load")]
struct Arguments {
    /// Prints one JSON object a line instead of a table.
    #[arg(long)]
    json: bool,
    /// Seconds of each point.
    #[arg(long, value_name = "N", default_value_t = 5)]
    seconds: u64,
    /// Measures only these operations [default: all].
    #[arg(long, value_enum, value_name = "NAME")]
    operation: Vec<Operation>,
    /// Measures only these numbers of requests in flight.
    #[arg(long, value_name = "N", default_values_t = [1, 8, 64])]
    in_flight: Vec<usize>,
    /// Measures what conditions, grants and quotas cost on GenerateDataKey, instead of the table.
    #[arg(long, conflicts_with_all = ["operation", "transport"])]
    rules: bool,
    /// Measures only with mutual TLS or only without [default: both].
    #[arg(long, value_enum)]
    transport: Vec<Transport>,
}

/// The program.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(code) = echo::requested() {
        return code;
    }
    console::conclude(Arguments::parse().run())
}

impl Arguments {
    fn run(self) -> Result<(), HarnessFault> {
        leftover::remove_when_interrupted()?;
        if self.rules {
            let report = Report::begin_rules(self.json, self.seconds);
            return rules::measure(&report, &self.in_flight, self.seconds);
        }
        let report = Report::begin(self.json, self.seconds);
        for transport in chosen(&self.transport, &[Transport::Plaintext, Transport::MutualTls]) {
            let stage = Stage::set(transport)?;
            for operation in chosen(&self.operation, &Operation::ALL) {
                for in_flight in &self.in_flight {
                    report.add(&stage.measure(operation, *in_flight, self.seconds)?);
                }
            }
        }
        Ok(())
    }
}

fn chosen<T: Copy>(asked: &[T], all: &[T]) -> Vec<T> {
    if asked.is_empty() { all.to_vec() } else { asked.to_vec() }
}
