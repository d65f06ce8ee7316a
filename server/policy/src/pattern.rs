//! What a statement speaks of: lists of action or resource patterns, or all but a list.

use strongroom_base::limits::ARN_LENGTH_MAX;

use crate::document::Language;
use crate::fault::{PolicyFault, VariableSlip};
use crate::glob::{Case, Glob};
use crate::json::Node;
use crate::known;
use crate::request::Request;
use crate::template::{InDoubt, Template, Wildcards};

/// The actions, or the resources, that a statement speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selection {
    /// Those that a pattern fits: Action, Resource.
    Any(Box<[Template]>),
    /// Those that no pattern fits: NotAction, NotResource.
    AllBut(Box<[Template]>),
}

impl Selection {
    /// Whether `text` is among them, as far as `request` is concerned.
    pub(crate) fn includes(&self, text: &str, request: &dyn Request, in_doubt: InDoubt) -> bool {
        let fits = |patterns: &[Template], in_doubt| {
            let mut patterns = patterns.iter();
            patterns.any(|pattern| pattern.matches(text, request, in_doubt))
        };
        match self {
            Self::Any(patterns) => fits(patterns, in_doubt),
            Self::AllBut(patterns) => !fits(patterns, !in_doubt),
        }
    }
}

/// The patterns of Action or NotAction: `name` is which of them.
pub(crate) fn actions(name: &'static str, value: Node<'_>) -> Result<Box<[Template]>, PolicyFault> {
    patterns(name, value, |item, found| {
        if !is_action(found) {
            return Err(PolicyFault::Action {
                place: item.place(),
                found: found.to_owned(),
            });
        }
        let pattern = Glob::new(found, Case::Ignored);
        match known::service_without(found, &pattern) {
            None => Ok(pattern.into()),
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
pub(crate) fn resources(
    name: &'static str,
    value: Node<'_>,
    language: Language,
) -> Result<Box<[Template]>, PolicyFault> {
    patterns(name, value, |item, found| {
        if !is_resource(found) {
            return Err(PolicyFault::Resource {
                place: item.place(),
                found: found.to_owned(),
            });
        }
        arn_template(item, found, language)
    })
}

/// The pattern of an ARN. As in AWS, variables may stand after its fifth colon only: nobody shall come into another
/// account by a tag.
pub(crate) fn arn_template(node: Node<'_>, text: &str, language: Language) -> Result<Template, PolicyFault> {
    let early = text.split(':').take(5).any(|part| part.contains("${"));
    if early {
        return Err(PolicyFault::Variable {
            place: node.place(),
            found: text.to_owned(),
            why: VariableSlip::Early,
        });
    }
    Template::parse(node, text, (Wildcards::Yes, Case::Matters), language)
}

fn patterns(
    name: &'static str,
    value: Node<'_>,
    compile: impl Fn(Node<'_>, &str) -> Result<Template, PolicyFault>,
) -> Result<Box<[Template]>, PolicyFault> {
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
pub(crate) fn is_resource(text: &str) -> bool {
    let arn = text.starts_with("arn:") && text.matches(':').count() >= 5;
    text == "*" || (arn && text.len() <= ARN_LENGTH_MAX && !text.chars().any(char::is_control))
}
