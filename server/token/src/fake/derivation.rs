//! SP 800-108 in counter mode outside a token: what the fake derives, and what real tokens are compared with.

use aws_lc_rs::hmac;

use crate::message_key::FixedInput;

/// Bytes of a derived key: one output of HMAC-SHA-256, so that the counter stays at 1.
const KEY_BYTES: u32 = 32;

/// The message key that belongs to `base` and `input`.
pub(super) fn derived(base: &[u8], input: &FixedInput) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, base));
    context.update(&1_u32.to_be_bytes());
    context.update(input.as_bytes());
    context.update(&(KEY_BYTES * 8).to_be_bytes());
    context.sign().as_ref().to_vec()
}

#[cfg(test)]
mod tests;
