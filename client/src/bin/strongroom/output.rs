//! Results on stdout, as a table or as JSON. Nothing secret comes this way: see `emit`.

use std::path::Path;

use clap::ValueEnum;
use serde_json::{Value, json};

use crate::encoding::Encoding;
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

    /// Refuses an encoding that JSON would not heed. Asked before the service is.
    pub(crate) fn check_encoding(self, given: Option<Encoding>) -> Result<(), CommandFault> {
        match self {
            Self::Json if given.is_some() => Err(CommandFault::Usage(
                "--output json writes bytes in base64, as AWS does; leave out --encoding".to_owned(),
            )),
            Self::Json | Self::Table => Ok(()),
        }
    }

    fn print(self, json: &Value, text: impl FnOnce() -> String) -> Result<(), CommandFault> {
        match self {
            Self::Table => Sink::create(None, Mode::Ordinary)?.write(text().as_bytes()),
            Self::Json => write_json(None, json),
        }
    }
}

/// One thing for programs, where a command has an option for where its result goes: to this file, otherwise to stdout.
pub(crate) fn write_json(path: Option<&Path>, record: &Value) -> Result<(), CommandFault> {
    let sink = Sink::create(path, Mode::Ordinary)?;
    sink.write(format!("{record:#}\n").as_bytes())?;
    sink.complete()
}
