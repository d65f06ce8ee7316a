//! Paging tokens: where the next page begins, in a form that callers pass back and do not look into.
//!
//! They are not secret and not signed: a token says where to go on, and what may be seen there is decided anew for every
//! request.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::code::Code;
use crate::constraint;
use crate::fault::Fault;

/// A token that was not given for this list. Each service has its own name for the fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token was not given for this list")]
pub struct ForeignToken;

/// The token for a position in the list `list`.
///
/// # Errors
/// InternalFailure for a position that cannot be written down.
pub fn encode<P: Serialize>(list: &str, position: &P) -> Result<String, Fault> {
    let text = serde_json::to_vec(&(list, position));
    let text =
        text.map_err(|cause| Fault::new(Code::Internal, "The paging token could not be made.").because(cause))?;
    Ok(BASE64URL_NOPAD.encode(&text))
}

/// The position in the list `list` that a token stands for.
///
/// # Errors
/// [`ForeignToken`] for anything that [`encode`] did not make for this list.
pub fn decode<P: DeserializeOwned>(list: &str, token: &str) -> Result<P, ForeignToken> {
    let text = BASE64URL_NOPAD.decode(token.as_bytes()).map_err(|_| ForeignToken)?;
    let (of, position): (String, P) = serde_json::from_slice(&text).map_err(|_| ForeignToken)?;
    (of == list).then_some(position).ok_or(ForeignToken)
}

/// The number of rows of a page: 1 to `max`, and `max` unless the request says.
///
/// # Errors
/// ValidationException for other numbers.
pub fn page_size(limit: Option<i64>, max: usize) -> Result<usize, Fault> {
    let Some(limit) = limit else { return Ok(max) };
    constraint::range("maxResults", limit, 1, i64::try_from(max).unwrap_or(i64::MAX))?;
    Ok(usize::try_from(limit).unwrap_or(max))
}
