//! Lines `NAME="VALUE"`, as dotenv libraries read them. A shell reads them too, without running anything in them, but takes
//! `\n` and `\r` in a value as they stand.

use std::collections::BTreeSet;

use strongroom::Value;

use super::Entry;
use crate::fault::CommandFault;

/// The file with these secrets, whose names lose the prefix.
pub(super) fn write(entries: &[Entry], prefix: &str) -> Result<Vec<u8>, CommandFault> {
    let mut lines = Vec::new();
    for entry in entries {
        let name = entry.name.strip_prefix(prefix).unwrap_or(&entry.name);
        if !is_variable(name) || !entry.value.is_text() {
            return Err(CommandFault::Usage(format!(
                "the secret {} cannot be in a dotenv file: behind the prefix its name must be that of a variable (letters, \
                 digits and _), and its value text; --format json has no such limits",
                entry.name
            )));
        }
        lines.extend_from_slice(name.as_bytes());
        lines.extend_from_slice(b"=\"");
        entry.value.material().reveal_to_wire(|bytes| {
            for byte in bytes {
                match byte {
                    b'\n' => lines.extend_from_slice(b"\\n"),
                    b'\r' => lines.extend_from_slice(b"\\r"),
                    b'"' | b'\\' | b'$' | b'`' => lines.extend_from_slice(&[b'\\', *byte]),
                    other => lines.push(*other),
                }
            }
        });
        lines.extend_from_slice(b"\"\n");
    }
    Ok(lines)
}

/// The secrets of a file, each once, under the prefix. What is wrong is said with its line and without the values.
pub(super) fn read(bytes: &[u8], prefix: &str) -> Result<Vec<Entry>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut seen = BTreeSet::new();
    let mut entries = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let fault = |what: &str| format!("line {number}: {what}");
        let (name, value) = line
            .strip_prefix("export ")
            .unwrap_or(line)
            .split_once('=')
            .ok_or_else(|| fault("write NAME=VALUE"))?;
        let name = name.trim();
        if !is_variable(name) {
            return Err(fault(
                "a name has letters, digits and _, and begins with none of the digits",
            ));
        }
        if !seen.insert(name) {
            return Err(fault(&format!("{name} comes twice")));
        }
        entries.push(Entry {
            name: format!("{prefix}{name}"),
            value: Value::text(unquoted(value.trim()).map_err(fault)?),
        });
    }
    Ok(entries)
}

/// A value without its quotes: in single ones everything is itself, in double ones a backslash says what follows, and
/// without any a blank and `#` begin a comment.
fn unquoted(value: &str) -> Result<String, &'static str> {
    if let Some(rest) = value.strip_prefix('\'') {
        let (inner, behind) = rest.split_once('\'').ok_or("a value without its closing '")?;
        return ends(behind).map(|()| inner.to_owned());
    }
    let Some(rest) = value.strip_prefix('"') else {
        let plain = value.split_once(" #").map_or(value, |(plain, _)| plain);
        return Ok(plain.trim_end().to_owned());
    };
    let mut inner = String::with_capacity(rest.len());
    let mut characters = rest.chars();
    loop {
        match characters.next() {
            None => return Err("a value without its closing \""),
            Some('"') => break,
            Some('\\') => inner.push(match characters.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(other @ ('"' | '\\' | '$' | '\'' | '`')) => other,
                Some(_) | None => return Err("a backslash before something that it does not change"),
            }),
            Some(other) => inner.push(other),
        }
    }
    ends(characters.as_str()).map(|()| inner)
}

fn ends(behind: &str) -> Result<(), &'static str> {
    let behind = behind.trim();
    if behind.is_empty() || behind.starts_with('#') {
        Ok(())
    } else {
        Err("something behind the closing quote")
    }
}

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests;
