//! The table that `cargo load` prints, and the same rows as JSON.

use std::fs;

use serde::Serialize;

use super::point::Point;
use crate::console;

/// One row: an operation at one concurrency, with what it is compared to.
pub(super) struct Row {
    pub(super) transport: &'static str,
    pub(super) operation: &'static str,
    pub(super) in_flight: usize,
    pub(super) connections: usize,
    pub(super) echo: Point,
    pub(super) token_handle: Point,
    pub(super) token_copy: Point,
    pub(super) service: Point,
}

/// Prints rows as they come.
pub(super) struct Report {
    json: bool,
    session_copies: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    transport: &'a str,
    operation: &'a str,
    in_flight: usize,
    connections: usize,
    measured: &'a str,
    #[serde(flatten)]
    point: Point,
    /// Server CPU of the service / (of the echo + of the token), on lines of the service.
    ratio: Option<f64>,
}

#[derive(Serialize)]
struct RulesLine<'a> {
    in_flight: usize,
    rules: &'a str,
    #[serde(flatten)]
    point: Point,
    share: f64,
}

impl Report {
    /// Prints what comes before the rows.
    pub(super) fn begin(json: bool, seconds: u64) -> Self {
        let heading = format!(
            "{}; {seconds} s a point, in turns of 1 s; the token is driven by one thread",
            machine()
        );
        Self::headed(
            json,
            &heading,
            "| transport | operation | in flight | measured | req/s | p50 µs | p99 µs | server CPU µs | ratio |\n\
             |---|---|---:|---|---:|---:|---:|---:|---:|",
        )
    }

    /// Prints what comes before the rows of [`Self::add_rules`].
    pub(super) fn begin_rules(json: bool, seconds: u64) -> Self {
        let heading = format!(
            "{}; GenerateDataKey, mutual TLS; {seconds} s a point, in turns of 1 s",
            machine()
        );
        Self::headed(
            json,
            &heading,
            "| in flight | what is weighed | req/s | p50 µs | p99 µs | server CPU µs | to the first |\n\
             |---:|---|---:|---:|---:|---:|---:|",
        )
    }

    fn headed(json: bool, heading: &str, columns: &str) -> Self {
        if !json {
            console::say(format_args!("{heading}\n\n{columns}"));
        }
        // The ratio compares with the kind of handle that the service uses.
        let profile = strongroom_hsm_config::Profile::named("softhsm2");
        Self {
            json,
            session_copies: profile.is_ok_and(|profile| profile.session_copies),
        }
    }

    /// Prints one row as four lines.
    pub(super) fn add(&self, row: &Row) {
        let token = if self.session_copies {
            row.token_copy
        } else {
            row.token_handle
        };
        let ratio = row.service.cpu_us / (row.echo.cpu_us + token.cpu_us);
        let lines = [
            ("echo", row.echo, None),
            ("token by handle", row.token_handle, None),
            ("token by session copy", row.token_copy, None),
            ("service", row.service, Some(ratio)),
        ];
        for (measured, point, ratio) in lines {
            self.print(&Line {
                transport: row.transport,
                operation: row.operation,
                in_flight: row.in_flight,
                connections: row.connections,
                measured,
                point,
                ratio,
            });
        }
    }

    /// Prints what a request costs when `rules` are weighed for it: `share` of what it costs with a policy that asks nothing.
    pub(super) fn add_rules(&self, in_flight: usize, rules: &str, point: Point, share: f64) {
        if self.json {
            let line = RulesLine {
                in_flight,
                rules,
                point,
                share,
            };
            if let Ok(text) = serde_json::to_string(&line) {
                console::say(text);
            }
            return;
        }
        let Point {
            per_second,
            p50_us,
            p99_us,
            cpu_us,
        } = point;
        console::say(format_args!(
            "| {in_flight} | {rules} | {per_second:.0} | {p50_us} | {p99_us} | {cpu_us:.1} | {share:.2} |"
        ));
    }

    fn print(&self, line: &Line<'_>) {
        if self.json {
            if let Ok(text) = serde_json::to_string(line) {
                console::say(text);
            }
            return;
        }
        let Point {
            per_second,
            p50_us,
            p99_us,
            cpu_us,
        } = line.point;
        let ratio = line.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        console::say(format_args!(
            "| {} | {} | {} | {} | {per_second:.0} | {p50_us} | {p99_us} | {cpu_us:.1} | {ratio} |",
            line.transport, line.operation, line.in_flight, line.measured,
        ));
    }
}

/// Processor, number of processors and kernel: numbers mean nothing without them.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!(
        "{processors} × {}, Linux {}",
        model.map_or("unknown processor", |(_, name)| name),
        kernel.trim()
    )
}
