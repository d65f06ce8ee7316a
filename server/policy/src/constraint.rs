//! [`Constraint`]: the encryption context that a grant wants, compared without allocating.

use std::hash::{DefaultHasher, Hasher as _};

use crate::request::ContextPairs;

/// Pairs of an encryption context. Keys are the same whatever their case; keys that differ by case alone are one key with
/// several values.
#[derive(Debug)]
pub(crate) struct Constraint(Box<[(Box<str>, Box<str>)]>);

/// A number that a pair has whatever the case of its key, so that grants can be found by a pair of the request's context.
/// Other pairs may have the same one: whatever is found by it is looked at closely.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Clue(pub(crate) u64);

impl Constraint {
    pub(crate) fn new(pairs: &ContextPairs) -> Self {
        let pairs = pairs.iter();
        Self(
            pairs
                .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
                .collect(),
        )
    }

    /// Whether `context` is these pairs, each as often.
    pub(crate) fn is(&self, context: &ContextPairs) -> bool {
        let as_often = |(key, value): (&str, &str)| {
            let same = |pair: &(&str, &str)| is_same(*pair, (key, value));
            self.pairs().filter(same).count() == pairs(context).filter(same).count()
        };
        self.0.len() == context.len() && self.pairs().all(as_often)
    }

    /// Whether `context` has all of these pairs, and under none of their keys another value.
    pub(crate) fn is_within(&self, context: &ContextPairs) -> bool {
        let is_there = |own: (&str, &str)| pairs(context).any(|pair| is_same(own, pair));
        let is_other = |pair: (&str, &str)| {
            let mut named = self
                .pairs()
                .filter(|(key, _)| key.eq_ignore_ascii_case(pair.0))
                .peekable();
            named.peek().is_some() && !named.any(|(_, value)| value == pair.1)
        };
        self.pairs().all(is_there) && !pairs(context).any(is_other)
    }

    /// The clue of a pair that every context has that meets this; `None` if it wants no pair. It is of the pair with the
    /// longest value: names of tenants and volumes tell more than names of departments.
    pub(crate) fn clue(&self) -> Option<Clue> {
        let telling = self.pairs().max_by_key(|(_, value)| value.len());
        telling.map(|(key, value)| Clue::of(key, value))
    }

    /// Bytes of its own on the heap.
    pub(crate) fn bytes(&self) -> usize {
        let texts = self.pairs().map(|(key, value)| key.len() + value.len());
        size_of_val(&*self.0) + texts.sum::<usize>()
    }

    fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

impl Clue {
    pub(crate) fn of(key: &str, value: &str) -> Self {
        // Made the same way in every process and of no use to anybody: no secret is needed.
        let mut hasher = DefaultHasher::new();
        for byte in key.bytes() {
            hasher.write_u8(byte.to_ascii_lowercase());
        }
        hasher.write_usize(value.len());
        hasher.write(value.as_bytes());
        Self(hasher.finish())
    }
}

fn pairs(context: &ContextPairs) -> impl Iterator<Item = (&str, &str)> {
    context.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}

fn is_same(one: (&str, &str), other: (&str, &str)) -> bool {
    one.1 == other.1 && one.0.eq_ignore_ascii_case(other.0)
}
