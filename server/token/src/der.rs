//! A writer of the little DER (X.690) that public keys and ECDSA signatures need.
//!
//! Forty lines that write seven shapes are easier to review than a dependency that parses all of ASN.1; what is written is
//! read back by aws-lc-rs in the tests, and at every creation of a key.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// NULL.
pub(crate) const NULL: &[u8] = &[0x05, 0x00];

/// A SEQUENCE of elements that are encoded already.
pub(crate) fn sequence(elements: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, &elements.concat())
}

/// A non-negative INTEGER, in as few bytes as it takes.
pub(crate) fn integer(big_endian: &[u8]) -> Vec<u8> {
    let digits = big_endian.iter().skip_while(|byte| **byte == 0).copied();
    let mut content: Vec<u8> = digits.collect();
    // The first bit is the sign; and zero has one byte, too.
    if content.first().is_none_or(|first| first & 0x80 != 0) {
        content.insert(0, 0);
    }
    element(INTEGER, &content)
}

/// A BIT STRING of whole bytes.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], bytes].concat())
}

/// An OCTET STRING.
pub(crate) fn octet_string(bytes: &[u8]) -> Vec<u8> {
    element(OCTET_STRING, bytes)
}

/// An OBJECT IDENTIFIER, whose content is given.
pub(crate) fn object_identifier(content: &[u8]) -> Vec<u8> {
    element(OBJECT_IDENTIFIER, content)
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let digits = length.iter().skip_while(|byte| **byte == 0).copied();
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => bytes.push(short),
        Ok(_) | Err(_) => {
            let digits: Vec<u8> = digits.collect();
            // At most eight.
            bytes.push(0x80 | digits.len() as u8);
            bytes.extend(digits);
        }
    }
    bytes.extend(content);
    bytes
}

#[cfg(test)]
mod tests;
