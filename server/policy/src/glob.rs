//! Wildcard patterns: `*` stands for any characters, none included, and `?` for exactly one.

use std::str::Chars;

/// Whether letters of different case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// Byte for byte, as resources are compared.
    Matters,
    /// ASCII letters of either case are the same, as in actions.
    Ignored,
}

/// A compiled pattern. Matching allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    /// The pattern; without its star where the shape says so.
    pattern: Box<str>,
    shape: Shape,
    case: Case,
}

/// The common shapes are matched without stepping through characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Anything,
    Literal,
    Prefix,
    Wild,
}

impl Glob {
    /// Compiles `pattern`.
    pub(crate) fn new(pattern: &str, case: Case) -> Self {
        let wild = |text: &str| text.contains(['*', '?']);
        let (pattern, shape) = match pattern.strip_suffix('*') {
            Some("") => ("", Shape::Anything),
            Some(prefix) if !wild(prefix) => (prefix, Shape::Prefix),
            _ if !wild(pattern) => (pattern, Shape::Literal),
            _ => (pattern, Shape::Wild),
        };
        Self {
            pattern: pattern.into(),
            shape,
            case,
        }
    }

    /// Whether the whole of `text` fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self.shape {
            Shape::Anything => true,
            Shape::Literal => self.same(text),
            Shape::Prefix => text.get(..self.pattern.len()).is_some_and(|start| self.same(start)),
            Shape::Wild => match self.case {
                Case::Matters => fits(&self.pattern, text, |one, other| one == other),
                Case::Ignored => fits(&self.pattern, text, |one, other| one.eq_ignore_ascii_case(&other)),
            },
        }
    }

    fn same(&self, text: &str) -> bool {
        match self.case {
            Case::Matters => *self.pattern == *text,
            Case::Ignored => self.pattern.eq_ignore_ascii_case(text),
        }
    }
}

/// Only the last `*` seen is ever tried again, with one character more: an earlier one that took more could not help.
/// So the work is bounded by the product of the lengths, where trying every split would be exponential: whoever may
/// name a resource could stop the service with `aaaa...` against `*a*a*a*b`.
fn fits(pattern: &str, text: &str, same: impl Fn(char, char) -> bool) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    let mut again: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let (mut pattern_rest, mut text_rest) = (pattern.clone(), text.clone());
        match (pattern_rest.next(), text_rest.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                pattern = pattern_rest;
                again = Some((pattern.clone(), text.clone()));
            }
            (Some(_), None) => return false,
            (Some(expected), Some(found)) if expected == '?' || same(expected, found) => {
                pattern = pattern_rest;
                text = text_rest;
            }
            (_, Some(_)) => {
                let Some((after_star, left)) = again.as_mut() else {
                    return false;
                };
                left.next();
                pattern = after_star.clone();
                text = left.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests;
