//! A line on stderr beside the work that goes on.

use std::io::{self, Write as _};

/// Says it. If stderr is gone there is nobody to tell.
pub(crate) fn say(text: &str) {
    let _nobody = writeln!(io::stderr().lock(), "warning: {}", crate::table::printable(text));
}
