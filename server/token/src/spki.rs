//! SubjectPublicKeyInfo (RFC 5280 section 4.1) from what a token tells of a public key.

use strongroom_base::KeySpec;

use crate::der;
use crate::module::PublicHalf;

/// 1.2.840.113549.1.1.1 (RFC 8017 appendix C).
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1 (RFC 5480 section 2.1.1).
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 2.16.840.1.101.3.4.3, ML-DSA's arc (RFC 9881 section 2); the last number is the parameter set's.
const SIGNATURES: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03];
/// 2.16.840.1.101.3.4.4, ML-KEM's arc (RFC 9935 section 3).
const KEMS: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x04];

/// The curve of an elliptic-curve key as an OBJECT IDENTIFIER's content (RFC 5480 section 2.1.1.1, RFC 8410 section 3).
pub(crate) fn curve_identifier(spec: KeySpec) -> Option<&'static [u8]> {
    match spec {
        KeySpec::EccNistP256 => Some(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]),
        KeySpec::EccNistP384 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x22]),
        KeySpec::EccNistP521 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x23]),
        KeySpec::EccSecgP256K1 => Some(&[0x2b, 0x81, 0x04, 0x00, 0x0a]),
        KeySpec::EccNistEdwards25519 => Some(&[0x2b, 0x65, 0x70]),
        _ => None,
    }
}

/// Bytes of a public key that is not RSA: an uncompressed point, or the standard's encoding.
pub(crate) fn public_bytes(spec: KeySpec) -> Option<usize> {
    match spec {
        KeySpec::EccNistP256 | KeySpec::EccSecgP256K1 => Some(65),
        KeySpec::EccNistP384 => Some(97),
        KeySpec::EccNistP521 => Some(133),
        KeySpec::EccNistEdwards25519 => Some(32),
        KeySpec::MlDsa44 => Some(1_312),
        KeySpec::MlDsa65 => Some(1_952),
        KeySpec::MlDsa87 => Some(2_592),
        KeySpec::MlKem512 => Some(800),
        KeySpec::MlKem768 => Some(1_184),
        KeySpec::MlKem1024 => Some(1_568),
        _ => None,
    }
}

/// Bits of an RSA key's modulus.
pub(crate) fn modulus_bits(spec: KeySpec) -> Option<u64> {
    match spec {
        KeySpec::Rsa2048 => Some(2_048),
        KeySpec::Rsa3072 => Some(3_072),
        KeySpec::Rsa4096 => Some(4_096),
        _ => None,
    }
}

/// The public exponent of every RSA key that is made: 65537.
pub(crate) const PUBLIC_EXPONENT: [u8; 3] = [1, 0, 1];

/// The bits of a number without its leading zeros.
pub(crate) fn bits(big_endian: &[u8]) -> u64 {
    let mut significant = big_endian.iter().skip_while(|byte| **byte == 0);
    let first = significant.next().map_or(0, |first| 8 - first.leading_zeros());
    u64::from(first) + significant.count() as u64 * 8
}

/// Encodes what the token told of a public key.
///
/// # Errors
/// What does not fit the key's spec, for the operator.
pub(crate) fn encode(spec: KeySpec, half: &PublicHalf) -> Result<Box<[u8]>, &'static str> {
    let (algorithm, key) = match half {
        PublicHalf::Rsa { modulus, exponent } => (rsa_algorithm(), rsa_key(spec, modulus, exponent)?),
        PublicHalf::Point(point) => (algorithm(spec)?, bare_point(spec, point)?.to_vec()),
        PublicHalf::Bytes(bytes) if public_bytes(spec) == Some(bytes.len()) => (algorithm(spec)?, bytes.clone()),
        PublicHalf::Bytes(_) => return Err("a public key of another length"),
    };
    Ok(der::sequence(&[&algorithm, &der::bit_string(&key)]).into())
}

fn rsa_algorithm() -> Vec<u8> {
    der::sequence(&[&der::object_identifier(RSA_ENCRYPTION), der::NULL])
}

fn rsa_key(spec: KeySpec, modulus: &[u8], exponent: &[u8]) -> Result<Vec<u8>, &'static str> {
    if modulus_bits(spec) != Some(bits(modulus)) {
        return Err("an RSA modulus of another length");
    }
    let exponent = der::integer(exponent);
    if exponent != der::integer(&PUBLIC_EXPONENT) {
        return Err("another RSA exponent than 65537");
    }
    Ok(der::sequence(&[&der::integer(modulus), &exponent]))
}

/// The AlgorithmIdentifier of a key that is not RSA.
fn algorithm(spec: KeySpec) -> Result<Vec<u8>, &'static str> {
    let of_standard = |arc: [u8; 8], number: u8| vec![der::object_identifier(&[arc.as_slice(), &[number]].concat())];
    let parts = match spec {
        KeySpec::MlDsa44 => of_standard(SIGNATURES, 17),
        KeySpec::MlDsa65 => of_standard(SIGNATURES, 18),
        KeySpec::MlDsa87 => of_standard(SIGNATURES, 19),
        KeySpec::MlKem512 => of_standard(KEMS, 1),
        KeySpec::MlKem768 => of_standard(KEMS, 2),
        KeySpec::MlKem1024 => of_standard(KEMS, 3),
        _ => {
            let curve = der::object_identifier(curve_identifier(spec).ok_or("a public key for a secret key")?);
            match spec {
                KeySpec::EccNistEdwards25519 => vec![curve],
                _ => vec![der::object_identifier(EC_PUBLIC_KEY), curve],
            }
        }
    };
    Ok(der::sequence(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

/// CKA_EC_POINT is the point in a DER OCTET STRING by the standard and the bare point in some tokens: both occur.
fn bare_point(spec: KeySpec, point: &[u8]) -> Result<&[u8], &'static str> {
    let length = public_bytes(spec).ok_or("a point for a key without a curve")?;
    let bare = match point
        .len()
        .checked_sub(length)
        .and_then(|header| point.split_at_checked(header))
    {
        Some(([], bare)) => bare,
        Some((_, bare)) if der::octet_string(bare) == point => bare,
        Some(_) | None => return Err("a point of another length"),
    };
    let is_uncompressed = spec == KeySpec::EccNistEdwards25519 || bare.first() == Some(&4);
    if is_uncompressed {
        Ok(bare)
    } else {
        Err("a point that is not in uncompressed form")
    }
}

#[cfg(test)]
mod tests;
