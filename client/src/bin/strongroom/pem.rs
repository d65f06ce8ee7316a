//! Public keys as other programs write and read them: DER, or the same as text (RFC 7468).

use data_encoding::BASE64;

use crate::fault::CommandFault;

const BEGIN: &str = "-----BEGIN PUBLIC KEY-----";
const END: &str = "-----END PUBLIC KEY-----";
/// Characters of a line.
const LINE: usize = 64;

/// The key as text.
pub(crate) fn encode(der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let mut lines = vec![BEGIN];
    let mut rest = text.as_str();
    while let Some((line, after)) = rest.split_at_checked(LINE) {
        lines.push(line);
        rest = after;
    }
    lines.extend([rest].into_iter().filter(|rest| !rest.is_empty()));
    lines.push(END);
    lines.join("\n") + "\n"
}

/// The key in DER, of whichever form it is in.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<Vec<u8>, CommandFault> {
    let Some(text) = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| text.trim().strip_prefix(BEGIN))
    else {
        return Ok(bytes);
    };
    let body = text
        .strip_suffix(END)
        .ok_or_else(|| malformed("it does not end as it should"))?;
    let body: String = body.split_whitespace().collect();
    BASE64
        .decode(body.as_bytes())
        .map_err(|cause| malformed(&cause.to_string()))
}

fn malformed(why: &str) -> CommandFault {
    CommandFault::Usage(format!("the public key is not in PEM: {why}"))
}

#[cfg(test)]
mod tests;
