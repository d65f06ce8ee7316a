//! What a statement speaks of: lists of action or resource patterns, or all but a list.

use strongroom_base::limits::ARN_LENGTH_MAX;

use crate::fault::PolicyFault;
use crate::glob::{Case, Glob};
use crate::json::Node;
use crate::known;

/// The actions, or the resources, that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Those that a pattern fits: Action, Resource.
    Any(Box<[Glob]>),
    /// Those that no pattern fits: NotAction, NotResource.
    AllBut(Box<[Glob]>),
}

impl Selection {
    /// Whether `text` is among them.
    pub(crate) fn includes(&self, text: &str) -> bool {
        match self {
            Self::Any(patterns) => patterns.iter().any(|pattern| pattern.matches(text)),
            Self::AllBut(patterns) => !patterns.iter().any(|pattern| pattern.matches(text)),
        }
    }
}

/// The patterns of Action or NotAction: `name` is which of them.
pub(crate) fn actions(name: &'static str, value: Node<'_>) -> Result<Box<[Glob]>, PolicyFault> {
    patterns(name, value, |item, found| {
        if !is_action(found) {
            return Err(PolicyFault::Action {
                place: item.place(),
                found: found.to_owned(),
            });
        }
        let pattern = Glob::new(found, Case::Ignored);
        match known::service_without(found, &pattern) {
            None => Ok(pattern),
            Some(service) => Err(PolicyFault::ActionUnknown {
                place: item.place(),
                found: found.to_owned(),
                service,
            }),
        }
    })
}

/// The patterns of Resource or NotResource: `name` is which of them.
///
/// A `*` also stands for colons. AWS's does so at the end of a part; here it does everywhere, which makes no difference
/// to the ARNs of this service, whose first five parts cannot hold a colon.
pub(crate) fn resources(name: &'static str, value: Node<'_>) -> Result<Box<[Glob]>, PolicyFault> {
    patterns(name, value, |item, found| {
        if found.contains("${") {
            Err(PolicyFault::Variable {
                place: item.place(),
                found: found.to_owned(),
            })
        } else if is_resource(found) {
            Ok(Glob::new(found, Case::Matters))
        } else {
            Err(PolicyFault::Resource {
                place: item.place(),
                found: found.to_owned(),
            })
        }
    })
}

fn patterns(
    name: &'static str,
    value: Node<'_>,
    compile: impl Fn(Node<'_>, &str) -> Result<Glob, PolicyFault>,
) -> Result<Box<[Glob]>, PolicyFault> {
    let items = value.items()?;
    if items.is_empty() {
        return Err(PolicyFault::Empty {
            place: value.place(),
            name,
        });
    }
    let compiled = items.into_iter().map(|item| match item.text()? {
        Some(text) => compile(item, &text),
        None => Err(PolicyFault::WrongType {
            place: item.place(),
            name,
            expected: "a string or a list of strings",
        }),
    });
    compiled.collect()
}

/// `*`, or a service prefix without wildcards (AWS refuses those too) and a name.
fn is_action(text: &str) -> bool {
    let service_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let name_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'*' || byte == b'?';
    let filled = |part: &str, allowed: fn(u8) -> bool| !part.is_empty() && part.bytes().all(allowed);
    text == "*"
        || text
            .split_once(':')
            .is_some_and(|(service, name)| filled(service, service_byte) && filled(name, name_byte))
}

/// `*`, or six parts of which the first is `arn`. A shorter text is a slip that would match nothing, or too much.
fn is_resource(text: &str) -> bool {
    let arn = text.starts_with("arn:") && text.matches(':').count() >= 5;
    text == "*" || (arn && text.len() <= ARN_LENGTH_MAX && !text.chars().any(char::is_control))
}
