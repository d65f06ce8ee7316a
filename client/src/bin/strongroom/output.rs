//! Results on stdout, as a table or as JSON. Nothing secret comes this way: see `emit`.

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::fault::CommandFault;
use crate::files::{Mode, Sink};
use crate::table;

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs: stable keys, times in RFC 3339, bytes in base64
    Json,
}

impl Format {
    /// One thing.
    pub(crate) fn record(self, record: &Value) -> Result<(), CommandFault> {
        self.print(record, || table::record(record))
    }

    /// A list: `{"name": [rows]}` in JSON.
    pub(crate) fn list(self, name: &str, columns: &[&str], rows: Vec<Value>) -> Result<(), CommandFault> {
        let text = table::rows(columns, &rows);
        self.print(&json!({ name: rows }), || text)
    }

    /// Something that has no result: a sentence for people, what it was done to for programs.
    pub(crate) fn done(self, sentence: &str, subject: &Value) -> Result<(), CommandFault> {
        self.print(subject, || format!("{}\n", table::printable(sentence)))
    }

    fn print(self, json: &Value, text: impl FnOnce() -> String) -> Result<(), CommandFault> {
        let text = match self {
            Self::Table => text(),
            Self::Json => format!("{json:#}\n"),
        };
        Sink::create(None, Mode::Ordinary)?.write(text.as_bytes())
    }
}
