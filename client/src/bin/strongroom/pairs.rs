//! `NAME=VALUE` arguments: encryption contexts, tags and filters.

use strongroom::{EncryptionContext, v1};

use crate::fault::CommandFault;

/// A name and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Splits at the first `=`; the value may have more of them, or be empty.
pub(crate) fn parse(text: &str) -> Result<Pair, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Pair {
            name: name.to_owned(),
            value: value.to_owned(),
        }),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// An encryption context. A name given twice is refused: one of the values would be lost.
pub(crate) fn context(pairs: Vec<Pair>) -> Result<EncryptionContext, CommandFault> {
    let mut context = EncryptionContext::with_capacity(pairs.len());
    for pair in pairs {
        if context.contains_key(&pair.name) {
            return Err(CommandFault::Usage(format!(
                "the context has {:?} twice; give each name once",
                pair.name
            )));
        }
        context.insert(pair.name, pair.value);
    }
    Ok(context)
}

/// Tags, in the order given.
pub(crate) fn tags(pairs: Vec<Pair>) -> Vec<v1::Tag> {
    pairs
        .into_iter()
        .map(|pair| v1::Tag {
            key: pair.name,
            value: pair.value,
        })
        .collect()
}

/// Tags of keys, in the order given.
pub(crate) fn key_tags(pairs: Vec<Pair>) -> Vec<v1::KeyTag> {
    pairs
        .into_iter()
        .map(|pair| v1::KeyTag {
            tag_key: pair.name,
            tag_value: pair.value,
        })
        .collect()
}

/// Filters; values of the same name are alternatives of one filter.
pub(crate) fn filters(pairs: Vec<Pair>) -> Result<Vec<v1::Filter>, CommandFault> {
    let mut filters: Vec<v1::Filter> = Vec::new();
    for pair in pairs {
        let key = filter_key(&pair.name)?;
        match filters.iter_mut().find(|filter| filter.key() == key) {
            Some(filter) => filter.values.push(pair.value),
            None => filters.push(v1::Filter {
                key: key.into(),
                values: vec![pair.value],
            }),
        }
    }
    Ok(filters)
}

fn filter_key(name: &str) -> Result<v1::FilterKey, CommandFault> {
    Ok(match name {
        "description" => v1::FilterKey::Description,
        "name" => v1::FilterKey::Name,
        "tag-key" => v1::FilterKey::TagKey,
        "tag-value" => v1::FilterKey::TagValue,
        "primary-region" => v1::FilterKey::PrimaryRegion,
        "owning-service" => v1::FilterKey::OwningService,
        "all" => v1::FilterKey::All,
        other => {
            return Err(CommandFault::Usage(format!(
                "there is no filter {other:?}; use name, description, tag-key, tag-value, primary-region, \
                 owning-service or all"
            )));
        }
    })
}

#[cfg(test)]
mod tests;
