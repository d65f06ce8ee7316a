//! Random choices without bias, from the operating system's generator.

use strongroom_base::{Code, Fault};

/// Fills `bytes`.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Fault> {
    getrandom::fill(bytes).map_err(|cause| {
        Fault::new(Code::Unavailable, "The system has no random numbers to give.").because(cause.to_string())
    })
}

/// A number below `bound` (1 to 2^32 - 1), each as likely as any other: draws that would favour small numbers are
/// thrown away.
pub(crate) fn below(bound: u32) -> Result<u32, Fault> {
    // 2^32 modulo the bound: the draws below it are the surplus.
    let surplus = bound.wrapping_neg().checked_rem(bound).unwrap_or_default();
    loop {
        let mut bytes = [0; 4];
        fill(&mut bytes)?;
        let draw = u32::from_ne_bytes(bytes);
        if draw >= surplus {
            return Ok(draw.checked_rem(bound).unwrap_or_default());
        }
    }
}

/// One of `characters`, which are fewer than 2^32; `None` if there are none.
pub(crate) fn one_of(characters: &[u8]) -> Result<Option<u8>, Fault> {
    let count = u32::try_from(characters.len()).unwrap_or(u32::MAX);
    if count == 0 {
        return Ok(None);
    }
    Ok(characters.get(below(count)? as usize).copied())
}
