//! [`Template`]: a pattern that may hold policy variables, such as `${aws:username}`.

use crate::condition_key::{ConditionKey, Count, KeySlip};
use crate::document::Language;
use crate::fault::{PolicyFault, VariableSlip};
use crate::glob::{Case, Glob, Token, fits};
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
    Token(Token),
    /// What the request answers; if it does not have the key, the default.
    Variable(ConditionKey, Option<Box<str>>),
}

/// Whether `*` and `?` are wildcards in what an author wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Yes,
    No,
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
        let tokens: Option<Vec<Token>> = parts
            .iter()
            .map(|part| match part {
                Part::Token(token) => Some(*token),
                Part::Variable(..) => None,
            })
            .collect();
        Ok(match tokens {
            Some(tokens) => Self::Fixed(Glob::of_tokens(&tokens, case)),
            None => Self::Open(parts.into(), case),
        })
    }

    /// Whether the whole of `text` fits. A variable without value and default fits nothing, as in AWS; one with a value
    /// fits that value alone, whatever characters it has.
    pub(crate) fn matches(&self, text: &str, request: &dyn Request) -> bool {
        match self {
            Self::Fixed(glob) => glob.matches(text),
            Self::Open(parts, case) => resolve(parts, request).is_some_and(|tokens| fits(&tokens, text, *case)),
        }
    }
}

impl From<Glob> for Template {
    fn from(glob: Glob) -> Self {
        Self::Fixed(glob)
    }
}

fn resolve(parts: &[Part], request: &dyn Request) -> Option<Vec<Token>> {
    let mut tokens = Vec::with_capacity(parts.len());
    for part in parts {
        match part {
            Part::Token(token) => tokens.push(*token),
            Part::Variable(key, default) => match (ask(request, key), default) {
                (Values::One(value), _) => tokens.extend(value.text().chars().map(Token::Exactly)),
                (Values::Absent, Some(default)) => tokens.extend(default.chars().map(Token::Exactly)),
                // Of several values nobody could say which is meant.
                (Values::Absent, None) | (Values::Many(_), _) => return None,
            },
        }
    }
    Some(tokens)
}

fn parts(text: &str, wildcards: Wildcards) -> Result<Vec<Part>, VariableSlip> {
    let plain = |character| {
        Part::Token(match wildcards {
            Wildcards::Yes => Token::of_pattern(character),
            Wildcards::No => Token::Exactly(character),
        })
    };
    let mut parts = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, variable)) = rest.split_once("${") {
        parts.extend(before.chars().map(plain));
        let (name, after) = variable.split_once('}').ok_or(VariableSlip::Open)?;
        parts.push(parse_variable(name)?);
        rest = after;
    }
    parts.extend(rest.chars().map(plain));
    Ok(parts)
}

/// What stands between the braces: a character that would mean something else, or a key and perhaps a default.
fn parse_variable(text: &str) -> Result<Part, VariableSlip> {
    match text {
        "*" => return Ok(Part::Token(Token::Exactly('*'))),
        "?" => return Ok(Part::Token(Token::Exactly('?'))),
        "$" => return Ok(Part::Token(Token::Exactly('$'))),
        _ => {}
    }
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
