//! Wildcard patterns: `*` stands for any characters, none included, and `?` for exactly one.

/// Whether letters of different case are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// Byte for byte, as resources are compared.
    Matters,
    /// ASCII letters of either case are the same, as in actions.
    Ignored,
}

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// This character.
    Exactly(char),
    /// Exactly one character.
    One,
    /// Any characters, none included.
    Any,
}

impl Token {
    /// What a character of a pattern stands for.
    pub(crate) fn of_pattern(character: char) -> Self {
        match character {
            '*' => Self::Any,
            '?' => Self::One,
            other => Self::Exactly(other),
        }
    }
}

/// A compiled pattern. Matching allocates nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    shape: Shape,
    case: Case,
}

/// The common shapes are matched without stepping through characters.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Anything,
    Literal(Box<str>),
    Prefix(Box<str>),
    Wild(Box<[Token]>),
}

impl Glob {
    /// Compiles `pattern`.
    pub(crate) fn new(pattern: &str, case: Case) -> Self {
        let tokens: Vec<Token> = pattern.chars().map(Token::of_pattern).collect();
        Self::of_tokens(&tokens, case)
    }

    /// Compiles what a pattern has been taken apart to.
    pub(crate) fn of_tokens(tokens: &[Token], case: Case) -> Self {
        let simple = match tokens {
            [Token::Any] => Some(Shape::Anything),
            [start @ .., Token::Any] => literal(start).map(Shape::Prefix),
            _ => literal(tokens).map(Shape::Literal),
        };
        let shape = simple.unwrap_or_else(|| Shape::Wild(tokens.into()));
        Self { shape, case }
    }

    /// Whether the whole of `text` fits.
    pub(crate) fn matches(&self, text: &str) -> bool {
        match &self.shape {
            Shape::Anything => true,
            Shape::Literal(literal) => self.case.same(literal, text),
            Shape::Prefix(prefix) => text
                .get(..prefix.len())
                .is_some_and(|start| self.case.same(prefix, start)),
            Shape::Wild(tokens) => fits(tokens, text, self.case),
        }
    }
}

/// The text that tokens without wildcards are.
fn literal(tokens: &[Token]) -> Option<Box<str>> {
    let characters = tokens.iter().map(|token| match token {
        Token::Exactly(character) => Some(*character),
        Token::One | Token::Any => None,
    });
    let text: Option<String> = characters.collect();
    text.map(String::into_boxed_str)
}

impl Case {
    pub(crate) fn same(self, one: &str, other: &str) -> bool {
        match self {
            Self::Matters => one == other,
            Self::Ignored => one.eq_ignore_ascii_case(other),
        }
    }

    fn same_character(self, one: char, other: char) -> bool {
        match self {
            Self::Matters => one == other,
            Self::Ignored => one.eq_ignore_ascii_case(&other),
        }
    }
}

/// Only the last `*` seen is ever tried again, with one character more: an earlier one that took more could not help.
/// So the work is bounded by the product of the lengths, where trying every split would be exponential: whoever may
/// name a resource could stop the service with `aaaa...` against `*a*a*a*b`.
pub(crate) fn fits(mut pattern: &[Token], text: &str, case: Case) -> bool {
    let mut text = text.chars();
    let mut again = None;
    loop {
        let mut text_rest = text.clone();
        match (pattern.split_first(), text_rest.next()) {
            (None, None) => return true,
            (Some((Token::Any, rest)), _) => {
                pattern = rest;
                again = Some((rest, text.clone()));
                continue;
            }
            (Some(_), None) => return false,
            (Some((Token::One, rest)), Some(_)) => {
                (pattern, text) = (rest, text_rest);
                continue;
            }
            (Some((Token::Exactly(expected), rest)), Some(found)) if case.same_character(*expected, found) => {
                (pattern, text) = (rest, text_rest);
                continue;
            }
            (_, Some(_)) => {}
        }
        let Some((after_star, left)) = again.as_mut() else {
            return false;
        };
        left.next();
        (pattern, text) = (after_star, left.clone());
    }
}

#[cfg(test)]
mod tests;
