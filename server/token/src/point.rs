//! The points of a curve with a given x-coordinate: how the public half of an imported private key is found again.
//!
//! A token does not keep the public half of a private key that was unwrapped, and need not tell it. But a key agreement with
//! the curve's generator comes to the x-coordinate of the public point, since that point is the generator times the private
//! key. Two points of the curve have it; a signature tells which one it is. Everything here is public.

use num_bigint::BigUint;
use strongroom_base::KeySpec;

use crate::spki;

/// A curve y² = x³ + ax + b over a prime field. What b is follows from the generator.
struct Curve {
    /// The field's prime: for each of these curves 3 more than a multiple of 4.
    prime: &'static [u8],
    /// Whether a is -3; else it is 0.
    is_minus_three: bool,
    /// The generator's coordinates.
    x: &'static [u8],
    y: &'static [u8],
}

/// The generator of a key's curve, uncompressed; `None` for a key that is on none.
pub(crate) fn generator(spec: KeySpec) -> Option<Vec<u8>> {
    let Curve { x, y, .. } = curve(spec)?;
    uncompressed(spec, &number(x)?, &number(y)?)
}

/// The two points, uncompressed, that have the x-coordinate; `None` if none has.
pub(crate) fn with_coordinate(spec: KeySpec, x: &[u8]) -> Option<[Vec<u8>; 2]> {
    let curve = curve(spec)?;
    let prime = number(curve.prime)?;
    let x = BigUint::from_bytes_be(x);
    let square = curve.square(&prime, &x)?;
    // The root of a square where the prime is so (HAC algorithm 3.36).
    let y = square.modpow(&((&prime + 1_u8) / 4_u8), &prime);
    if x >= prime || (&y * &y) % &prime != square {
        return None;
    }
    let other = (&prime - &y) % &prime;
    Some([uncompressed(spec, &x, &y)?, uncompressed(spec, &x, &other)?])
}

impl Curve {
    /// y² of a point: that of the generator, and what the cube and the multiple of x differ by.
    fn square(&self, prime: &BigUint, x: &BigUint) -> Option<BigUint> {
        let without_b = |x: &BigUint| {
            let multiple = if self.is_minus_three { x * 3_u8 } else { BigUint::ZERO };
            (x.modpow(&3_u8.into(), prime) + prime - multiple % prime) % prime
        };
        let (of_x, of_y) = (number(self.x)?, number(self.y)?);
        Some((without_b(x) + &of_y * &of_y + prime - without_b(&of_x)) % prime)
    }
}

fn number(hexadecimal: &[u8]) -> Option<BigUint> {
    BigUint::parse_bytes(hexadecimal, 16)
}

/// Both coordinates as long as the field's elements (SEC 1 section 2.3.3).
fn uncompressed(spec: KeySpec, x: &BigUint, y: &BigUint) -> Option<Vec<u8>> {
    let bytes = coordinate_bytes(spec)?;
    let mut point = vec![4];
    for coordinate in [x, y] {
        let digits = coordinate.to_bytes_be();
        let zeros = bytes.checked_sub(digits.len())?;
        point.resize(point.len() + zeros, 0);
        point.extend(digits);
    }
    Some(point)
}

/// Bytes of a coordinate.
pub(crate) fn coordinate_bytes(spec: KeySpec) -> Option<usize> {
    curve(spec)?;
    Some(spki::public_bytes(spec)? / 2)
}

/// FIPS 186-4 appendix D.1.2 and, for the curve of Bitcoin, SEC 2 section 2.4.1.
fn curve(spec: KeySpec) -> Option<Curve> {
    match spec {
        KeySpec::EccNistP256 => Some(Curve {
            prime: b"ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
            is_minus_three: true,
            x: b"6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296",
            y: b"4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
        }),
        KeySpec::EccNistP384 => Some(Curve {
            prime: b"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
            is_minus_three: true,
            x: b"aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7",
            y: b"3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
        }),
        KeySpec::EccNistP521 => Some(Curve {
            prime: b"01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\
                     ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            is_minus_three: true,
            x: b"c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8d\
                 e3348b3c1856a429bf97e7e31c2e5bd66",
            y: b"011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0\
                 761353c7086a272c24088be94769fd16650",
        }),
        KeySpec::EccSecgP256K1 => Some(Curve {
            prime: b"fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
            is_minus_three: false,
            x: b"79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
            y: b"483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
