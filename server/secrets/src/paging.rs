//! Paging tokens: where the next page begins, in a form that callers pass back and do not look into.
//!
//! They are not secret and not signed: a token says where to go on, and what may be seen there is decided anew for every
//! request.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use strongroom_base::limits::NEXT_TOKEN_LENGTH_MAX;
use strongroom_base::{Code, Fault};

use crate::constraint;

/// The token for a position in the list `list`.
pub(crate) fn encode<P: Serialize>(list: &str, position: &P) -> Result<String, Fault> {
    let text = serde_json::to_vec(&(list, position));
    let text =
        text.map_err(|cause| Fault::new(Code::Internal, "The paging token could not be made.").because(cause))?;
    Ok(BASE64URL_NOPAD.encode(&text))
}

/// The position in the list `list` that a token stands for.
///
/// # Errors
/// InvalidNextTokenException for anything that [`encode`] did not make for this list.
pub(crate) fn decode<P: DeserializeOwned>(list: &str, token: &str) -> Result<P, Fault> {
    let text = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| foreign())?;
    let (of, position): (String, P) = serde_json::from_slice(&text).map_err(|_| foreign())?;
    (of == list).then_some(position).ok_or_else(foreign)
}

/// The number of rows of a page.
pub(crate) fn page_size(limit: Option<i64>, max: usize) -> Result<usize, Fault> {
    let Some(limit) = limit else { return Ok(max) };
    constraint::range("maxResults", limit, 1, i64::try_from(max).unwrap_or(i64::MAX))?;
    Ok(usize::try_from(limit).unwrap_or(max))
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
