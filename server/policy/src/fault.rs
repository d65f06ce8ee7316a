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
    #[error("{place}: {name} is empty; name something, or remove the statement")]
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
    /// A policy variable that cannot be honoured.
    #[error("{place}: in {found:?} {why}")]
    Variable {
        /// Where the text begins.
        place: Place,
        /// What it says.
        found: String,
        /// What is wrong with the variable.
        why: VariableSlip,
    },
    /// No condition operator of IAM's.
    #[error(
        "{place}: {found:?} is no condition operator; operators read like StringEquals, ArnLike or IpAddress, perhaps with \
         ForAllValues: or ForAnyValue: before it and IfExists behind (not with Null)"
    )]
    Operator {
        /// Where it begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// Text that can be no condition key.
    #[error("{place}: a condition key reads \"service:Name\", not {found:?}")]
    ConditionKey {
        /// Where it begins.
        place: Place,
        /// What it says.
        found: String,
    },
    /// A key of one of our services that no request has: a Deny with a slip in it would deny nothing.
    #[error("{place}: {found:?} names no condition key of {service}")]
    ConditionKeyUnknown {
        /// Where it begins.
        place: Place,
        /// What it says.
        found: String,
        /// The service's prefix.
        service: &'static str,
    },
    /// An operator that cannot compare what the key holds: it would never match, and a Deny would deny nothing.
    #[error("{place}: {operator} cannot compare what {found:?} holds")]
    Incomparable {
        /// Where the key begins.
        place: Place,
        /// The key.
        found: String,
        /// The operator.
        operator: String,
    },
    /// A value that the operator cannot read.
    #[error("{place}: the operator compares with {expected}, not with {found:?}")]
    ConditionValue {
        /// Where the value begins.
        place: Place,
        /// What it should be.
        expected: &'static str,
        /// What it says.
        found: String,
    },
}

/// What is wrong with a policy variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VariableSlip {
    /// Before the fifth colon of an ARN.
    #[error("a policy variable stands before the fifth colon; it may stand after it only")]
    Early,
    /// In a document of the older version, which would take it for text.
    #[error("there is a policy variable, which needs Version \"2012-10-17\"")]
    Version,
    /// Without its brace.
    #[error("a policy variable lacks its closing brace")]
    Open,
    /// A default without its quotes.
    #[error("a policy variable's default must be in single quotes: ${{aws:username, 'nobody'}}")]
    Default,
    /// Neither a key nor one of the three characters.
    #[error("a policy variable reads ${{service:Name}}, or ${{*}}, ${{?}} or ${{$}} for the character itself")]
    Malformed,
    /// A key that no request has.
    #[error("a policy variable names no condition key of {0}")]
    Unknown(&'static str),
    /// A key of many values.
    #[error("a policy variable names a condition key that has several values")]
    Many,
}
