//! Paging tokens, and what this service calls one that it did not give.

use serde::de::DeserializeOwned;
use strongroom_base::limits::NEXT_TOKEN_LENGTH_MAX;
use strongroom_base::{Code, Fault, paging};

use crate::constraint;

pub(crate) use strongroom_base::paging::{encode, page_size};

/// The position in the list `list` that a token stands for.
///
/// # Errors
/// InvalidNextTokenException for anything that [`encode`] did not make for this list.
pub(crate) fn decode<P: DeserializeOwned>(list: &str, token: &str) -> Result<P, Fault> {
    paging::decode(list, token).map_err(|_| foreign())
}

/// Refuses a token of a length that none has.
pub(crate) fn check_length(token: Option<&str>) -> Result<(), Fault> {
    token.map_or(Ok(()), |token| {
        constraint::length("nextToken", token.chars().count(), 1, NEXT_TOKEN_LENGTH_MAX)
    })
}

pub(crate) fn foreign() -> Fault {
    Fault::new(
        Code::InvalidNextToken,
        "The NextToken is not one that this service gave for this request.",
    )
}
