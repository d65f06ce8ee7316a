//! The text of policy documents, to the letter: from files and stdin, and back.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use serde_json::Value;

use crate::fault::CommandFault;
use crate::files::{Mode, Sink, Source};
use crate::output::Format;
use crate::table;

/// The text of a policy document of at most so many bytes.
pub(crate) fn read(input: Option<&Path>, (bytes_max, what): (usize, &'static str)) -> Result<String, CommandFault> {
    let source = Source::open(input)?;
    let name = source.name.clone();
    let bytes = source.read_all(bytes_max, what)?;
    String::from_utf8(bytes).map_err(|_| CommandFault::Usage(format!("{name} is not text in UTF-8")))
}

/// To the letter, but for what would disturb a screen. As JSON, `record` is shown.
pub(crate) fn show(output: Format, policy: &str, record: &Value, out: Option<&Path>) -> Result<(), CommandFault> {
    let sink = Sink::create(out, Mode::Ordinary)?;
    match (output, out) {
        (Format::Json, None) => return output.record(record),
        (Format::Table, None) if io::stdout().is_terminal() => {
            for line in policy.lines() {
                sink.write(format!("{}\n", table::printable(line)).as_bytes())?;
            }
        }
        (Format::Table, None) => sink.write(format!("{policy}\n").as_bytes())?,
        (Format::Table | Format::Json, Some(_)) => sink.write(policy.as_bytes())?,
    }
    sink.complete()
}
