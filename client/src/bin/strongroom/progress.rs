//! A progress bar on stderr, for inputs that take a while.

use std::io::{self, IsTerminal as _};

use indicatif::{ProgressBar, ProgressStyle};

/// Inputs smaller than this are done before anybody looks.
const BAR_BYTES_MIN: u64 = 16 << 20;

/// A bar, or nothing: for small inputs, for pipes of unknown length, and when stderr is not a terminal.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// No bar.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// A bar for an input of so many bytes.
    pub(crate) fn over(length: Option<u64>) -> Self {
        match length {
            Some(length) if length >= BAR_BYTES_MIN && io::stderr().is_terminal() => {
                let style = ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}");
                let bar = ProgressBar::new(length);
                Self(Some(bar.with_style(
                    style.unwrap_or_else(|_template| ProgressStyle::default_bar()),
                )))
            }
            _ => Self(None),
        }
    }

    /// So many bytes more are done.
    pub(crate) fn advance(&self, count: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(count as u64);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
