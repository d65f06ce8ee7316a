//! Grants: what the store keeps of them, what a new one may say, and how decisions find them.

mod cache;
mod changes;
mod fields;
mod held;
mod records;
mod request;
mod token;

pub(crate) use cache::{GrantCache, KeyGrants};
pub(crate) use changes::not_found;
pub(crate) use fields::{parse_id, principal, rows};
pub use records::GrantRecord;
pub(crate) use records::{GrantHead, RetirableGrant};
pub(crate) use request::AskedGrant;
pub use request::NewGrant;
pub(crate) use token::{GrantToken, invalid as invalid_token};
