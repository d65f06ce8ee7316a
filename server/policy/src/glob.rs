//! Wildcard patterns: `*` stands for any characters, none included, and `?` for exactly one.

use std::borrow::Cow;

/// Whether letters of different case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// Byte for byte, as resources are compared.
    Matters,
    /// ASCII letters of either case are the same, as in actions.
    Ignored,
}

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<'p> {
    /// These characters, at least one.
    Text(Cow<'p, str>),
    /// Exactly one character.
    One,
    /// Any characters, none included.
    Any,
}

/// The pieces of a pattern.
pub(crate) fn pieces(pattern: &str) -> impl Iterator<Item = Piece<'_>> {
    pattern.split_inclusive(['*', '?']).flat_map(|part| {
        let (text, wildcard) = match (part.strip_suffix('*'), part.strip_suffix('?')) {
            (Some(text), _) => (text, Some(Piece::Any)),
            (None, Some(text)) => (text, Some(Piece::One)),
            (None, None) => (part, None),
        };
        let text = (!text.is_empty()).then_some(Piece::Text(Cow::Borrowed(text)));
        text.into_iter().chain(wildcard)
    })
}

/// A compiled pattern. Matching allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    shape: Shape,
    case: Case,
}

/// The common shapes are matched at once.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Anything,
    Literal(Box<str>),
    Prefix(Box<str>),
    Wild(Box<[Piece<'static>]>),
}

impl Glob {
    /// Compiles `pattern`.
    pub(crate) fn new(pattern: &str, case: Case) -> Self {
        Self::of_pieces(pieces(pattern).map(Piece::into_owned).collect(), case)
    }

    /// Compiles what a pattern has been taken apart to.
    pub(crate) fn of_pieces(pieces: Vec<Piece<'static>>, case: Case) -> Self {
        let shape = match pieces.as_slice() {
            [] => Shape::Literal(Box::default()),
            [Piece::Any] => Shape::Anything,
            [Piece::Text(text)] => Shape::Literal(text.as_ref().into()),
            [Piece::Text(text), Piece::Any] => Shape::Prefix(text.as_ref().into()),
            _ => Shape::Wild(pieces.into()),
        };
        Self { shape, case }
    }

    /// Whether one text alone fits, which is not empty.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(&self.shape, Shape::Literal(literal) if !literal.is_empty())
    }

    /// Whether the whole of `text` fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Anything => true,
            Shape::Literal(literal) => self.case.after(literal, text).is_some_and(str::is_empty),
            Shape::Prefix(prefix) => self.case.after(prefix, text).is_some(),
            Shape::Wild(pieces) => fits(pieces, text, self.case),
        }
    }
}

impl Piece<'_> {
    pub(crate) fn into_owned(self) -> Piece<'static> {
        match self {
            Self::Text(text) => Piece::Text(Cow::Owned(text.into_owned())),
            Self::One => Piece::One,
            Self::Any => Piece::Any,
        }
    }
}

impl Case {
    /// What follows `start` in `text`, if it begins so.
    fn after<'t>(self, start: &str, text: &'t str) -> Option<&'t str> {
        let (begin, rest) = text.split_at_checked(start.len())?;
        let same = match self {
            Self::Matters => begin == start,
            Self::Ignored => begin.eq_ignore_ascii_case(start),
        };
        same.then_some(rest)
    }
}

/// Only the last `*` seen is ever tried again, with one character more: an earlier one that took more could not help.
/// So the work is bounded by the product of the lengths, where trying every split would be exponential: whoever may
/// name a resource could stop the service with `aaaa...` against `*a*a*a*b`.
pub(crate) fn fits(mut pattern: &[Piece<'_>], mut text: &str, case: Case) -> bool {
    let mut again = None;
    loop {
        let further = match pattern.split_first() {
            None if text.is_empty() => return true,
            None => None,
            Some((Piece::Any, rest)) => {
                again = Some((rest, text));
                Some((rest, text))
            }
            Some((Piece::One, rest)) => after_one(text).map(|left| (rest, left)),
            Some((Piece::Text(expected), rest)) => case.after(expected, text).map(|left| (rest, left)),
        };
        let retried = || again.and_then(|(after_star, tried)| Some((after_star, after_one(tried)?)));
        match further {
            Some(further) => (pattern, text) = further,
            None => match retried() {
                Some(retried) => {
                    again = Some(retried);
                    (pattern, text) = retried;
                }
                None => return false,
            },
        }
    }
}

fn after_one(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next()?;
    Some(characters.as_str())
}

#[cfg(test)]
mod tests;
