use aws_lc_rs::digest::{SHA256, digest};
use strongroom_material::{Material, Plaintext};

use super::{decode, unmask};

const MODULUS_BYTES: usize = 256;

fn material(bytes: &[u8]) -> Material<Plaintext> {
    Material::take(bytes.to_vec())
}

fn bytes(material: &Material<Plaintext>) -> Vec<u8> {
    material.reveal_to_wire(<[u8]>::to_vec)
}

/// The data block of a message: label hash, zeros, one, message.
fn block(message: &[u8]) -> Vec<u8> {
    let zeros = MODULUS_BYTES - 2 * 32 - 2 - message.len();
    [digest(&SHA256, b"").as_ref(), &vec![0; zeros], &[1], message].concat()
}

/// RFC 8017 section 7.1.1 step 2, from any data block and first byte. A mask is its own inverse.
fn encode(first: u8, block: &[u8]) -> Material<Plaintext> {
    let seed = [0x5c; 32];
    let masked_block = bytes(&unmask(block, &seed).unwrap());
    let masked_seed = bytes(&unmask(&seed, &masked_block).unwrap());
    material(&[&[first], masked_seed.as_slice(), &masked_block].concat())
}

#[test]
fn messages_of_every_length_open() {
    for length in 0..=MODULUS_BYTES - 66 {
        let message = vec![1; length];
        let opened = decode(&encode(0, &block(&message))).unwrap();
        assert_eq!(bytes(&opened), message, "{length}");
    }
}

/// Each way of being wrong alone, and several at once: one answer.
#[test]
fn nothing_else_opens() {
    let good = block(b"message");
    let changed = |index: usize, value: u8| {
        let mut block = good.clone();
        block[index] = value;
        block
    };
    let separator = good.len() - 8;
    let mut without_separator = good.clone();
    without_separator[separator..].fill(0);
    let cases = [
        ("the first byte is one", encode(1, &good)),
        ("the first byte is 255", encode(255, &good)),
        ("the label's hash begins otherwise", encode(0, &changed(0, good[0] ^ 1))),
        (
            "the label's hash ends otherwise",
            encode(0, &changed(31, good[31] ^ 0x80)),
        ),
        ("the padding begins with two", encode(0, &changed(32, 2))),
        ("the padding ends with 255", encode(0, &changed(separator - 1, 255))),
        ("the separator is two", encode(0, &changed(separator, 2))),
        ("there is no separator", encode(0, &without_separator)),
        ("everything is wrong", encode(7, &[0xaa; MODULUS_BYTES - 33])),
        ("zeros", material(&[0; MODULUS_BYTES])),
        ("nothing but a seed", material(&[0; 33])),
        ("shorter than a seed", material(&[0; 32])),
        ("empty", material(&[])),
    ];
    for (name, encoded) in cases {
        assert!(decode(&encoded).is_none(), "{name}");
    }
    // A one in place of a zero of the padding is another message, as the standard has it.
    let longer = decode(&encode(0, &changed(separator - 2, 1))).unwrap();
    assert_eq!(bytes(&longer), b"\x00\x01message");
}
