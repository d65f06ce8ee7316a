//! [`Template`]: a pattern that may hold policy variables, such as `${aws:username}`.

use std::borrow::Cow;
use std::ops::Not;

use crate::condition_key::{ConditionKey, Count, KeySlip};
use crate::document::Language;
use crate::fault::{PolicyFault, VariableSlip};
use crate::glob::{Case, Glob, Piece, fits, pieces};
use crate::json::Node;
use crate::request::{Request, ask};
use crate::value::Values;

/// A pattern for a text. Without variables it is compiled once; with them it is put together for each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Template {
    /// No variable in it.
    Fixed(Glob),
    /// At least one.
    Open(Box<[Part]>, Case),
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// As it is written.
    Piece(Piece<'static>),
    /// What the request answers; if it does not have the key, the default.
    Variable(ConditionKey, Option<Box<str>>),
}

/// Whether `*` and `?` are wildcards in what an author wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Yes,
    No,
}

/// What a variable stands for that has several values, which are those of keys that differ by case alone, such as the tags
/// Team and team. Nobody could say which is meant, and nobody shall gain by a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InDoubt {
    /// For any text: where a text that fits is to be refused.
    Fits,
    /// For none: where a text that fits is to be allowed.
    FitsNot,
}

impl Not for InDoubt {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::Fits => Self::FitsNot,
            Self::FitsNot => Self::Fits,
        }
    }
}

impl Template {
    /// Compiles `text`, which is what `node` says.
    pub(crate) fn parse(
        node: Node<'_>,
        text: &str,
        (wildcards, case): (Wildcards, Case),
        language: Language,
    ) -> Result<Self, PolicyFault> {
        let slip = |why| PolicyFault::Variable {
            place: node.place(),
            found: text.to_owned(),
            why,
        };
        if language == Language::Before && text.contains("${") {
            return Err(slip(VariableSlip::Version));
        }
        let parts = parts(text, wildcards).map_err(slip)?;
        let pieces: Option<Vec<_>> = parts
            .iter()
            .map(|part| match part {
                Part::Piece(piece) => Some(piece.clone()),
                Part::Variable(..) => None,
            })
            .collect();
        Ok(match pieces {
            Some(pieces) => Self::Fixed(Glob::of_pieces(pieces, case)),
            None => Self::Open(parts.into(), case),
        })
    }

    /// Whether one text alone fits, whatever the request, which is not empty.
    pub(crate) fn is_fixed_text(&self) -> bool {
        match self {
            Self::Fixed(glob) => glob.is_literal(),
            Self::Open(..) => false,
        }
    }

    /// Whether the whole of `text` fits. A variable without value and default fits nothing, as in AWS; one with a value
    /// fits that value alone, whatever characters it has.
    pub(crate) fn matches(&self, text: &str, request: &dyn Request, in_doubt: InDoubt) -> bool {
        match self {
            Self::Fixed(glob) => glob.matches(text),
            Self::Open(parts, case) => {
                let pieces: Option<Vec<_>> = parts.iter().map(|part| part.resolve(request, in_doubt)).collect();
                pieces.is_some_and(|pieces| fits(&pieces, text, *case))
            }
        }
    }
}

impl From<Glob> for Template {
    fn from(glob: Glob) -> Self {
        Self::Fixed(glob)
    }
}

impl Part {
    fn resolve<'r>(&'r self, request: &'r dyn Request, in_doubt: InDoubt) -> Option<Piece<'r>> {
        let (key, default) = match self {
            Self::Piece(Piece::Text(text)) => return Some(Piece::Text(Cow::Borrowed(text))),
            Self::Piece(Piece::One) => return Some(Piece::One),
            Self::Piece(Piece::Any) => return Some(Piece::Any),
            Self::Variable(key, default) => (key, default),
        };
        match (ask(request, key), default, in_doubt) {
            (Values::One(value), ..) => Some(Piece::Text(value.into_text())),
            (Values::Absent, Some(default), _) => Some(Piece::Text(Cow::Borrowed(default))),
            (Values::Many(_), _, InDoubt::Fits) => Some(Piece::Any),
            (Values::Many(_), _, InDoubt::FitsNot) | (Values::Absent, None, _) => None,
        }
    }
}

fn parts(text: &str, wildcards: Wildcards) -> Result<Vec<Part>, VariableSlip> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once("${") {
        push_text(&mut parts, before, wildcards);
        let (name, after) = variable.split_once('}').ok_or(VariableSlip::Open)?;
        match name {
            // A character that would mean something else.
            "*" | "?" | "$" => push_text(&mut parts, name, Wildcards::No),
            _ => parts.push(parse_variable(name)?),
        }
        rest = after;
    }
    push_text(&mut parts, rest, wildcards);
    Ok(parts)
}

/// Adds what stands between variables; text that follows on text becomes one with it.
fn push_text(parts: &mut Vec<Part>, text: &str, wildcards: Wildcards) {
    let whole = (wildcards == Wildcards::No && !text.is_empty()).then_some(Piece::Text(Cow::Borrowed(text)));
    let wild = (wildcards == Wildcards::Yes).then(|| pieces(text));
    for piece in whole.into_iter().chain(wild.into_iter().flatten()) {
        match (parts.last_mut(), piece) {
            (Some(Part::Piece(Piece::Text(before))), Piece::Text(text)) => before.to_mut().push_str(&text),
            (_, piece) => parts.push(Part::Piece(piece.into_owned())),
        }
    }
}

/// What stands between the braces: a key and perhaps a default.
fn parse_variable(text: &str) -> Result<Part, VariableSlip> {
    let (name, default) = match text.split_once(',') {
        None => (text, None),
        Some((name, default)) => {
            let default = default
                .trim()
                .strip_prefix('\'')
                .and_then(|default| default.strip_suffix('\''));
            (name, Some(default.ok_or(VariableSlip::Default)?))
        }
    };
    let key = ConditionKey::parse(name.trim()).map_err(|slip| match slip {
        KeySlip::Malformed => VariableSlip::Malformed,
        KeySlip::Unknown(prefix) => VariableSlip::Unknown(prefix),
    })?;
    match key.count() {
        Count::One => Ok(Part::Variable(key, default.map(Into::into))),
        Count::Many => Err(VariableSlip::Many),
    }
}

#[cfg(test)]
mod tests;
