//! JSON with positions: `serde_json` parses, every value stays a slice of the document, so its place is known.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserializer;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::fault::{Place, PolicyFault};

/// One value of a document.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    document: &'t str,
    slice: &'t str,
}

/// One member of an object.
pub(crate) struct Member<'t> {
    /// Its name, with escapes resolved.
    pub(crate) name: Cow<'t, str>,
    /// Its value.
    pub(crate) value: Node<'t>,
    /// The name as it is written.
    written: Node<'t>,
}

impl Member<'_> {
    /// Where its name begins.
    pub(crate) fn place(&self) -> Place {
        self.written.place()
    }
}

impl<'t> Node<'t> {
    /// The value that the whole of `document` is; its syntax is checked to the end.
    pub(crate) fn root(document: &'t str) -> Result<Self, PolicyFault> {
        let raw: &RawValue = serde_json::from_str(document).map_err(|error| syntax(&error, None))?;
        Ok(Self {
            document,
            slice: raw.get(),
        })
    }

    /// Where it begins. Reads the document from its beginning: for faults, of which a document has one.
    pub(crate) fn place(&self) -> Place {
        #[cfg(test)]
        tests::PLACES.set(tests::PLACES.get() + 1);
        let offset = self.slice.as_ptr().addr().saturating_sub(self.document.as_ptr().addr());
        let before = self.document.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Place {
            line: before.matches('\n').count() + 1,
            column,
        }
    }

    /// Whether it is a list.
    pub(crate) fn is_list(&self) -> bool {
        self.slice.starts_with('[')
    }

    /// The text of a string; `None` if it is something else.
    pub(crate) fn text(&self) -> Result<Option<Cow<'t, str>>, PolicyFault> {
        if !self.slice.starts_with('"') {
            return Ok(None);
        }
        // Borrowed where it has no escapes, copied where it has.
        let borrowed: Result<&'t str, _> = serde_json::from_str(self.slice);
        match borrowed {
            Ok(text) => Ok(Some(Cow::Borrowed(text))),
            Err(_) => serde_json::from_str::<String>(self.slice)
                .map(|text| Some(Cow::Owned(text)))
                .map_err(|error| syntax(&error, Some(self.place()))),
        }
    }

    /// The text of a string, or of a number or a truth that stands without quotes; `None` if it is something else.
    pub(crate) fn scalar(&self) -> Result<Option<Cow<'t, str>>, PolicyFault> {
        match self.slice.as_bytes().first() {
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => Ok(Some(Cow::Borrowed(self.slice))),
            _ => self.text(),
        }
    }

    /// The members of an object in their order, each name once; `None` if it is something else.
    pub(crate) fn members(&self) -> Result<Option<Vec<Member<'t>>>, PolicyFault> {
        if !self.slice.starts_with('{') {
            return Ok(None);
        }
        let entries = serde_json::Deserializer::from_str(self.slice)
            .deserialize_map(Entries)
            .map_err(|error| syntax(&error, Some(self.place())))?;
        let mut members: Vec<Member<'t>> = Vec::with_capacity(entries.len());
        let mut names = HashSet::with_capacity(entries.len());
        for (key, value) in entries {
            let written = self.within(key);
            let name = written.text()?.unwrap_or_default();
            if !names.insert(name.clone()) {
                return Err(PolicyFault::Repeated {
                    place: written.place(),
                    name: name.into_owned(),
                });
            }
            members.push(Member {
                name,
                value: self.within(value),
                written,
            });
        }
        Ok(Some(members))
    }

    /// The items of a list, or the one value that is not a list: IAM accepts either wherever it accepts a list.
    pub(crate) fn items(&self) -> Result<Vec<Self>, PolicyFault> {
        if !self.is_list() {
            return Ok(vec![*self]);
        }
        let items = serde_json::Deserializer::from_str(self.slice)
            .deserialize_seq(Items)
            .map_err(|error| syntax(&error, Some(self.place())))?;
        Ok(items.into_iter().map(|item| self.within(item)).collect())
    }

    fn within(&self, raw: &'t RawValue) -> Self {
        Self {
            document: self.document,
            slice: raw.get(),
        }
    }
}

/// Turns a parser's error into ours; `place` where the parser saw only a part of the document.
fn syntax(error: &serde_json::Error, place: Option<Place>) -> PolicyFault {
    let position = format!(" at line {} column {}", error.line(), error.column());
    let words = error.to_string();
    let what = words.strip_suffix(&position).unwrap_or(&words).to_owned();
    PolicyFault::Syntax {
        place: place.unwrap_or_else(|| Place {
            line: error.line(),
            column: error.column().max(1),
        }),
        what,
    }
}

/// Collects the members of an object without dropping repeated names, as a map would.
struct Entries;

impl<'t> Visitor<'t> for Entries {
    type Value = Vec<(&'t RawValue, &'t RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

/// Collects the items of a list.
struct Items;

impl<'t> Visitor<'t> for Items {
    type Value = Vec<&'t RawValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

#[cfg(test)]
pub(crate) mod tests;
