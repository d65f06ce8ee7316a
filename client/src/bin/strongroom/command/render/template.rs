//! [`Template`]: text and the dynamic references in it.

use super::reference::Reference;
use crate::fault::CommandFault;

const OPEN: &str = "{{resolve:";
const CLOSE: &str = "}}";

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    /// It stays as it is.
    Text(&'t str),
    /// Its value comes here.
    Reference(Reference),
}

/// A template that was understood.
#[derive(Debug)]
pub(super) struct Template<'t>(Vec<Piece<'t>>);

/// What is wrong with a template, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TemplateFault {
    line: usize,
    column: usize,
    what: String,
}

impl TemplateFault {
    /// The same, of this file.
    pub(super) fn of_file(self, name: &str) -> CommandFault {
        CommandFault::Template {
            place: format!("{name}, line {}, column {}", self.line, self.column),
            what: self.what,
        }
    }
}

impl<'t> Template<'t> {
    /// Reads it. Braces that begin no reference are text, and so is everything in a secret's value: nothing is resolved twice.
    pub(super) fn parse(text: &'t str) -> Result<Self, TemplateFault> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(OPEN) {
            let start = text.len() - rest.len() + before.len();
            let fault = |what: String| at(text, start, what);
            let (body, behind) = after
                .split_once(CLOSE)
                .ok_or_else(|| fault("a dynamic reference without }} at its end".to_owned()))?;
            if body.contains("{{") {
                return Err(fault("a dynamic reference in another one".to_owned()));
            }
            pieces.push(Piece::Text(before));
            pieces.push(Piece::Reference(Reference::parse(body).map_err(fault)?));
            rest = behind;
        }
        pieces.push(Piece::Text(rest));
        Ok(Self(pieces))
    }

    /// Its parts, in order.
    pub(super) fn pieces(&self) -> &[Piece<'t>] {
        &self.0
    }
}

/// Line and column, both counted from 1.
fn at(text: &str, byte: usize, what: String) -> TemplateFault {
    let before = text.get(..byte).unwrap_or(text);
    TemplateFault {
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        what,
    }
}

#[cfg(test)]
mod tests;
