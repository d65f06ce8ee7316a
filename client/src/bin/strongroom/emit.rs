//! Secrets on their way out: the one file that opens them, and that keeps them off terminals.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _};
use std::path::Path;

use serde::Serialize;
use strongroom::{Material, ParameterValue, ParameterVersion, SecretBatch, SecretVersion, Value};
use strongroom_material::Kind;
use zeroize::Zeroizing;

use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink};
use crate::json;
use crate::table;

/// Options of every command that gives out a secret.
#[derive(clap::Args)]
pub(crate) struct Reveal {
    /// Write to this file, readable by its owner alone, instead of stdout
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<std::path::PathBuf>,
    /// Show it even if stdout is a terminal
    #[arg(long)]
    pub(crate) reveal: bool,
}

impl Reveal {
    /// Asked before the service is, so that nothing is made or read in vain.
    pub(crate) fn check(&self, what: &'static str) -> Result<(), CommandFault> {
        self.check_with(what, ", use --out FILE, or show it with --reveal")
    }

    /// The same for a command whose options have other names.
    pub(crate) fn check_with(&self, what: &'static str, alternatives: &'static str) -> Result<(), CommandFault> {
        if self.is_shown() && !self.reveal {
            Err(CommandFault::Terminal { what, alternatives })
        } else {
            Ok(())
        }
    }

    fn is_stdout(&self) -> bool {
        self.out.as_deref().is_none_or(|path| path == Path::new("-"))
    }

    /// Whether somebody will read it on a screen.
    fn is_shown(&self) -> bool {
        self.is_stdout() && io::stdout().is_terminal()
    }
}

/// Text or bytes as they are; on a terminal with a line end.
pub(crate) fn value(value: &Value, reveal: &Reveal) -> Result<(), CommandFault> {
    let encoding = if reveal.is_shown() && !value.is_text() {
        Encoding::Base64
    } else {
        Encoding::Raw
    };
    material(value.material(), encoding, reveal)
}

/// Bytes in an encoding. Encoded bytes end with a line end, and so does everything on a terminal.
pub(crate) fn material<K: Kind>(
    material: &Material<K>,
    encoding: Encoding,
    reveal: &Reveal,
) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    let text = material.reveal_to_wire(|bytes| encoding.encode(bytes));
    sink.write(&text)?;
    if encoding != Encoding::Raw || reveal.is_shown() {
        sink.write(b"\n")?;
    }
    sink.complete()
}

/// Bytes in the encoding that was asked for; otherwise raw, but never raw on a screen.
pub(crate) fn bytes<K: Kind>(
    bytes: &Material<K>,
    given: Option<Encoding>,
    reveal: &Reveal,
) -> Result<(), CommandFault> {
    let default = if reveal.is_shown() {
        Encoding::Base64
    } else {
        Encoding::Raw
    };
    material(bytes, given.unwrap_or(default), reveal)
}

/// Bytes or text as one member of a JSON object, beside others that are not secret.
pub(crate) fn member_json<K: Kind>(
    material: &Material<K>,
    (name, encoding): (&str, Encoding),
    others: &[(&str, &str)],
    reveal: &Reveal,
) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    let text = material.reveal_to_wire(|bytes| encoding.encode(bytes));
    let members: BTreeMap<&str, Option<&str>> = others
        .iter()
        .map(|(name, value)| (*name, Some(*value)))
        .chain([(name, utf8(&text))])
        .collect();
    write_json(&members, &sink)?;
    sink.complete()
}

/// A version of a secret with its value, in AWS's shape.
pub(crate) fn version_json(version: &SecretVersion, reveal: &Reveal) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    let text = as_text(&version.value);
    write_json(&VersionShape::new(version, &text), &sink)?;
    sink.complete()
}

/// The versions of a batch with their values, and those that could not be read, in AWS's shape.
pub(crate) fn batch_json(batch: &SecretBatch, reveal: &Reveal) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    let texts: Vec<_> = batch.values.iter().map(|version| as_text(&version.value)).collect();
    let versions = batch.values.iter().zip(&texts);
    let shape = BatchShape {
        errors: batch.errors.iter().map(json::api_error).collect(),
        secret_values: versions
            .map(|(version, text)| VersionShape::new(version, text))
            .collect(),
    };
    write_json(&shape, &sink)?;
    sink.complete()
}

/// The versions of a batch with their values for people: one paragraph each. What would disturb the lines
/// around a value is written out.
pub(crate) fn batch(batch: &SecretBatch, reveal: &Reveal) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    for (number, version) in batch.values.iter().enumerate() {
        let kind = if version.value.is_text() {
            "secret_string"
        } else {
            "secret_binary"
        };
        let between = if number == 0 { "" } else { "\n" };
        let [name, version_id] = [&version.name, &version.version_id].map(|text| table::printable(text));
        let head = format!("{between}name           {name}\nversion_id     {version_id}\n{kind}  ");
        sink.write(head.as_bytes())?;
        sink.write(printable(&as_text(&version.value)).as_bytes())?;
        sink.write(b"\n")?;
    }
    sink.complete()
}

/// Parameters with their values, in AWS's shape.
pub(crate) fn parameters_json(
    parameters: &[ParameterValue],
    invalid: &[String],
    reveal: &Reveal,
) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    let texts: Vec<_> = parameters.iter().map(|parameter| as_text(&parameter.value)).collect();
    let about = parameters.iter().map(json::parameter_value);
    let shape = ParametersShape {
        invalid_parameters: invalid,
        parameters: about
            .zip(&texts)
            .map(|(about, text)| ParameterShape::new(about, text))
            .collect(),
    };
    write_json(&shape, &sink)?;
    sink.complete()
}

/// Versions of a parameter with their values, in AWS's shape.
pub(crate) fn history_json(versions: &[ParameterVersion], reveal: &Reveal) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    let texts: Vec<_> = versions.iter().map(|version| as_text(&version.value)).collect();
    let about = versions.iter().map(|version| json::parameter_version(&version.about));
    let shape = ParametersShape {
        invalid_parameters: &[],
        parameters: about
            .zip(&texts)
            .map(|(about, text)| ParameterShape::new(about, text))
            .collect(),
    };
    write_json(&shape, &sink)?;
    sink.complete()
}

/// Values for people: one line each, after what they are called. What would disturb the lines is written out.
pub(crate) fn named_values<'v>(
    values: impl Iterator<Item = (String, &'v Value)>,
    reveal: &Reveal,
) -> Result<(), CommandFault> {
    let sink = Sink::create(reveal.out.as_deref(), Mode::Private)?;
    for (name, value) in values {
        sink.write(format!("{}  ", table::printable(&name)).as_bytes())?;
        sink.write(printable(&as_text(value)).as_bytes())?;
        sink.write(b"\n")?;
    }
    sink.complete()
}

/// A secret under a name, beside the rest of an answer that is not secret.
pub(crate) fn beside<K: Kind>(
    record: &serde_json::Value,
    (name, secret): (&'static str, &Material<K>),
    as_json: bool,
) -> Result<(), CommandFault> {
    let sink = Sink::create(None, Mode::Private)?;
    let text = secret.reveal_to_wire(|bytes| Encoding::Base64.encode(bytes));
    if as_json {
        let shape = BesideShape {
            record,
            secret: BTreeMap::from([(name, utf8(&text))]),
        };
        return write_json(&shape, &sink);
    }
    sink.write(table::record(record).as_bytes())?;
    // As wide as the table's own names, the longest of which decides.
    let width = record
        .as_object()
        .and_then(|members| members.keys().map(String::len).max());
    let width = width.unwrap_or_default().max(name.len());
    sink.write(format!("{name:width$}  ").as_bytes())?;
    sink.write(&text)?;
    sink.write(b"\n")
}

/// Text as it is, bytes in base64.
fn as_text(value: &Value) -> Zeroizing<Vec<u8>> {
    let encoding = if value.is_text() {
        Encoding::Raw
    } else {
        Encoding::Base64
    };
    value.material().reveal_to_wire(|bytes| encoding.encode(bytes))
}

/// What [`table::printable`] does, in a buffer that never grows and is wiped.
fn printable(text: &Zeroizing<Vec<u8>>) -> Zeroizing<String> {
    let mut safe = Zeroizing::new(String::with_capacity(text.len() * ESCAPED_BYTES_MAX));
    for character in utf8(text).unwrap_or_default().chars() {
        if table::is_disturbing(character) {
            safe.extend(character.escape_default());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Bytes that one byte of a character becomes at most when it is written out: `\u{1b}`.
const ESCAPED_BYTES_MAX: usize = 6;

#[derive(Serialize)]
struct BatchShape<'a> {
    errors: Vec<serde_json::Value>,
    secret_values: Vec<VersionShape<'a>>,
}

#[derive(Serialize)]
struct VersionShape<'a> {
    arn: &'a str,
    created_date: Option<String>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_binary: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_string: Option<&'a str>,
    version_id: &'a str,
    version_stages: &'a [String],
}

impl<'a> VersionShape<'a> {
    fn new(version: &'a SecretVersion, text: &'a Zeroizing<Vec<u8>>) -> Self {
        Self {
            arn: &version.arn,
            created_date: json::time(version.created_date.as_ref()),
            name: &version.name,
            secret_binary: utf8(text).filter(|_| !version.value.is_text()),
            secret_string: utf8(text).filter(|_| version.value.is_text()),
            version_id: &version.version_id,
            version_stages: &version.version_stages,
        }
    }
}

#[derive(Serialize)]
struct ParametersShape<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    invalid_parameters: &'a [String],
    parameters: Vec<ParameterShape<'a>>,
}

#[derive(Serialize)]
struct ParameterShape<'a> {
    #[serde(flatten)]
    about: serde_json::Value,
    value: Option<&'a str>,
}

impl<'a> ParameterShape<'a> {
    fn new(about: serde_json::Value, text: &'a Zeroizing<Vec<u8>>) -> Self {
        Self {
            about,
            value: utf8(text),
        }
    }
}

#[derive(Serialize)]
struct BesideShape<'a> {
    #[serde(flatten)]
    record: &'a serde_json::Value,
    #[serde(flatten)]
    secret: BTreeMap<&'static str, Option<&'a str>>,
}

/// Straight to the file, without a buffer that would have to be wiped.
fn write_json(shape: &impl Serialize, sink: &Sink) -> Result<(), CommandFault> {
    serde_json::to_writer_pretty(sink.file(), shape).map_err(|cause| sink.fault(cause.into()))?;
    sink.write(b"\n")
}

fn utf8(text: &Zeroizing<Vec<u8>>) -> Option<&str> {
    std::str::from_utf8(text).ok()
}
