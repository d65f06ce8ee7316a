//! [`PolicyFault`]: why a policy document is refused, and where.

use std::fmt;

use strongroom_base::limits::{ARN_LENGTH_MAX, POLICY_DOCUMENT_BYTES_MAX};

/// A position in a policy document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "policy document line {} column {}", self.line, self.column)
    }
}

/// Why a document is refused. The text is for whoever wrote the document: it says where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyFault {
    /// More bytes than [`POLICY_DOCUMENT_BYTES_MAX`].
    #[error("the policy document has {bytes} bytes; at most {POLICY_DOCUMENT_BYTES_MAX} are accepted")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// Not JSON.
    #[error("{place}: not JSON: {what}")]
    Syntax {
        /// Where the parser stopped.
        place: Place,
        /// The parser's words.
        what: String,
    },
    /// An element that this version does not honour, or a misspelt one.
    #[error("{place}: {name:?} is not understood by this version; {advice}")]
    NotUnderstood {
        /// Where the element's name begins.
        place: Place,
        /// The element's name.
        name: String,
        /// What its author can do.
        advice: &'static str,
    },
    /// An element that stands twice in one object: JSON parsers disagree on which one counts.
    #[error("{place}: {name:?} is there twice; keep one of them")]
    Repeated {
        /// Where the second one begins.
        place: Place,
        /// The element's name.
        name: String,
    },
    /// An element that must be there.
    #[error("{place}: {name} is missing")]
    Missing {
        /// Where the object begins that lacks it.
        place: Place,
        /// The element's name, or the names of which one is needed.
        name: &'static str,
    },
    /// An element and its opposite in one statement.
    #[error("{place}: a statement has either {name} or Not{name}, not both")]
    Both {
        /// Where the second of the two begins.
        place: Place,
        /// The positive element's name.
        name: &'static str,
    },
    /// A value of the wrong JSON type.
    #[error("{place}: {name} must be {expected}")]
    WrongType {
        /// Where the value begins.
        place: Place,
        /// The element's name.
        name: &'static str,
        /// What is accepted there.
        expected: &'static str,
    },
    /// A list without items, which AWS refuses too: whatever it was meant to say, it says nothing.
    #[error("{place}: {name} is an empty list; name something, or remove the statement")]
    Empty {
        /// Where the list begins.
        place: Place,
        /// The element's name.
        name: &'static str,
    },
    /// Another language version: the older one has no policy variables, and nobody knows a newer one.
    #[error("{place}: Version must be \"2012-10-17\", not {found:?}")]
    Version {
        /// Where the value begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// Neither of the two effects.
    #[error("{place}: Effect must be \"Allow\" or \"Deny\", not {found:?}")]
    Effect {
        /// Where the value begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// A statement id with characters that AWS refuses.
    #[error("{place}: a Sid has 1 to 100 letters and digits, not {found:?}")]
    Sid {
        /// Where the value begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// A statement id of a resource policy that would not stay on a line.
    #[error("{place}: a Sid has 1 to 100 printable ASCII characters, not {found:?}")]
    SidOfResource {
        /// Where the value begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// Two statements of one document with the same id: records that cite it would be ambiguous.
    #[error("{place}: another statement has the Sid {found:?} already")]
    SidTaken {
        /// Where the second one begins.
        place: Place,
        /// The id.
        found: String,
    },
    /// A principal that can be nobody. AWS takes no wildcards within principals either.
    #[error(
        "{place}: a principal reads \"*\", \"123456789012\" or \"arn:partition:iam::123456789012:root\" (or user/NAME, role/NAME; \
         no wildcards in it), and that of a service \"name.amazonaws.com\"; not {found:?}"
    )]
    Principal {
        /// Where the text begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// An Allow for everybody whom nobody has named, which AWS refuses too.
    #[error("{place}: NotPrincipal may stand in a Deny only; name those who are allowed")]
    AllowOfOthers {
        /// Where the statement begins.
        place: Place,
    },
    /// An action pattern that can match no action.
    #[error("{place}: an action reads \"*\" or \"service:Name\" (* and ? may stand in the name), not {found:?}")]
    Action {
        /// Where the pattern begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// A pattern of one of our services that fits none of its actions: a Deny with a slip in it would deny nothing.
    #[error("{place}: {found:?} names no action of {service}")]
    ActionUnknown {
        /// Where the pattern begins.
        place: Place,
        /// What it says.
        found: String,
        /// The service's prefix.
        service: &'static str,
    },
    /// A resource pattern that can match no resource.
    #[error(
        "{place}: a resource reads \"*\" or \"arn:partition:service:region:account:resource\" (* and ? may stand in it), \
         has at most {ARN_LENGTH_MAX} bytes and no control characters; not {found:?}"
    )]
    Resource {
        /// Where the pattern begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// A policy variable: taken literally it would never match, and a Deny would deny nothing.
    #[error(
        "{place}: policy variables (\"${{...}}\") are not understood by this version; write the resource out instead of {found:?}"
    )]
    Variable {
        /// Where the pattern begins.
        place: Place,
        /// What it says.
        found: String,
    },
}
