//! [`IdentityFault`]: why the table of principals is refused, or a caller is not identified.

use strongroom_base::limits::{TAG_KEY_LENGTH_MAX, TAG_VALUE_LENGTH_MAX, TAGS_MAX};
use strongroom_base::{Arn, Code, Fault};

use crate::name::Name;

/// Why the table of principals is refused, or a caller is not identified.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityFault {
    /// A configured name of neither form.
    #[error("a principal's name reads \"uri:scheme:...\" or \"dns:host.name\" (no wildcards), not {found:?}")]
    NotAName {
        /// What is configured.
        found: String,
    },
    /// A configured URI with user information.
    #[error("a principal's name must not carry credentials; without them it reads {shown:?}")]
    Credentials {
        /// The name without them.
        shown: String,
    },
    /// A configured ARN that is not a principal's.
    #[error("a principal reads \"arn:partition:iam::123456789012:user/NAME\" or \"...:role/NAME\", not {found:?}")]
    NotAPrincipal {
        /// What is configured.
        found: String,
    },
    /// A configured ARN under which the service's own background jobs act.
    #[error("{arn} is reserved for the service's own background jobs: audit records could not be told apart")]
    Reserved {
        /// The ARN.
        arn: Arn,
    },
    /// Two entries with one ARN.
    #[error("{arn} is there twice; list all of its names in one entry")]
    PrincipalRepeated {
        /// The ARN.
        arn: Arn,
    },
    /// An entry that nobody could ever be.
    #[error("{arn} has no names, so no certificate can be its")]
    Nameless {
        /// The ARN.
        arn: Arn,
    },
    /// One name for two principals, or twice for one.
    #[error("the name {name} is there twice: for {first} and for {second}")]
    NameRepeated {
        /// The name.
        name: Name,
        /// The principal that has it.
        first: Arn,
        /// The principal that is given it too.
        second: Arn,
    },
    /// Tags that policies could not ask for.
    #[error(
        "{arn} has tags that are not in order: at most {TAGS_MAX}, keys of 1 to {TAG_KEY_LENGTH_MAX} characters that differ by \
         more than case, values of at most {TAG_VALUE_LENGTH_MAX}, no control characters"
    )]
    Tags {
        /// The principal.
        arn: Arn,
    },
    /// The certificate cannot be read.
    #[error("the client certificate cannot be read: {cause}")]
    Unreadable {
        /// The parser's words.
        cause: String,
    },
    /// The certificate has no URI or DNS name; common names are not looked at.
    #[error("the client certificate has no URI or DNS name")]
    NoNames,
    /// No name of the certificate is in the table.
    #[error(
        "none of the client certificate's names is in the table of principals: {}",
        list(names)
    )]
    Unknown {
        /// The names that it has.
        names: Vec<Name>,
    },
    /// The certificate's names belong to different principals.
    #[error(
        "the client certificate's names belong to different principals: {}; {first} and {second}",
        list(names)
    )]
    Ambiguous {
        /// The names that it has.
        names: Vec<Name>,
        /// One of the principals.
        first: Arn,
        /// Another one.
        second: Arn,
    },
}

impl From<IdentityFault> for Fault {
    /// The caller is told the names of its own certificate, and nothing of the table.
    fn from(fault: IdentityFault) -> Self {
        let message = match &fault {
            IdentityFault::Unknown { names } => {
                format!(
                    "The client certificate's names are not in this service's table of principals: {}.",
                    list(names)
                )
            }
            IdentityFault::Ambiguous { names, .. } => format!(
                "The client certificate's names belong to more than one principal of this service: {}. Use a certificate \
                 for one principal.",
                list(names)
            ),
            IdentityFault::NoNames => {
                "The client certificate has no URI or DNS subject alternative name; its common name \
                                       is not looked at."
                    .to_owned()
            }
            IdentityFault::Unreadable { .. } => "The client certificate cannot be read.".to_owned(),
            IdentityFault::NotAName { .. }
            | IdentityFault::Credentials { .. }
            | IdentityFault::NotAPrincipal { .. }
            | IdentityFault::Reserved { .. }
            | IdentityFault::PrincipalRepeated { .. }
            | IdentityFault::Nameless { .. }
            | IdentityFault::NameRepeated { .. }
            | IdentityFault::Tags { .. } => {
                return Self::new(Code::Internal, "The service's table of principals is not in order.").because(fault);
            }
        };
        Self::new(Code::UnrecognizedClient, message).because(fault)
    }
}

/// Names that a message shows at most, and characters of each: a certificate may have thousands.
const NAMES_SHOWN_MAX: usize = 8;
const NAME_LENGTH_SHOWN_MAX: usize = 256;

fn list(names: &[Name]) -> String {
    let shown = names.iter().take(NAMES_SHOWN_MAX);
    let mut texts: Vec<String> = shown
        .map(|name| name.to_string().chars().take(NAME_LENGTH_SHOWN_MAX).collect())
        .collect();
    if let Some(more) = names.len().checked_sub(NAMES_SHOWN_MAX).filter(|more| *more > 0) {
        texts.push(format!("and {more} more"));
    }
    texts.join(", ")
}
