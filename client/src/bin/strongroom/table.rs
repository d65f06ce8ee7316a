//! JSON as text for people: tables of rows, and lists of names and values.

use std::fmt::Write as _;

use serde_json::Value;

/// Rows under these columns, which are keys of the rows.
pub(crate) fn rows(columns: &[&str], rows: &[Value]) -> String {
    let heading = columns
        .iter()
        .map(|column| column.replace('_', " ").to_uppercase())
        .collect();
    let cells = rows
        .iter()
        .map(|row| columns.iter().map(|column| cell(row.get(*column))).collect());
    aligned(std::iter::once(heading).chain(cells).collect())
}

/// Names and values of an object. What is nested gets a name with dots.
pub(crate) fn record(object: &Value) -> String {
    let mut lines = Vec::new();
    flatten("", object, &mut lines);
    aligned(lines)
}

/// Whether a character moves the cursor, or the characters around it: control characters, and those with Unicode's
/// property Bidi_Control, which make a line read otherwise than it is written.
pub(crate) fn is_disturbing(character: char) -> bool {
    let is_bidirectional = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character.is_control() || is_bidirectional
}

/// Disturbing characters written out: a description must not move the cursor or change what a line says.
pub(crate) fn printable(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut safe, character| {
            if is_disturbing(character) {
                safe.extend(character.escape_default());
            } else {
                safe.push(character);
            }
            safe
        })
}

fn flatten(name: &str, value: &Value, lines: &mut Vec<Vec<String>>) {
    let below = |key: &str| {
        if name.is_empty() {
            key.to_owned()
        } else {
            format!("{name}.{key}")
        }
    };
    match value {
        Value::Object(members) => members
            .iter()
            .for_each(|(key, member)| flatten(&below(key), member, lines)),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&below(&index.to_string()), item, lines);
            }
        }
        _ => lines.push(vec![printable(name), cell(Some(value))]),
    }
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) if text.is_empty() => "-".to_owned(),
        Some(Value::String(text)) => printable(text),
        Some(Value::Array(items)) if items.is_empty() => "-".to_owned(),
        Some(Value::Array(items)) => items.iter().map(|item| cell(Some(item))).collect::<Vec<_>>().join(", "),
        Some(Value::Object(members)) => {
            let parts: Vec<_> = members
                .iter()
                .map(|(key, value)| format!("{}={}", printable(key), cell(Some(value))))
                .collect();
            parts.join(", ")
        }
        Some(other) => other.to_string(),
    }
}

/// Columns as wide as their widest cell, two spaces apart; the last is not padded.
fn aligned(lines: Vec<Vec<String>>) -> String {
    let mut widths: Vec<usize> = Vec::new();
    for line in &lines {
        for (index, cell) in line.iter().enumerate() {
            match widths.get_mut(index) {
                Some(width) => *width = (*width).max(cell.chars().count()),
                None => widths.push(cell.chars().count()),
            }
        }
    }
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            let _infallible = write!(row, "{cell:width$}  ");
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests;
