use strongroom_material::Material;

use super::{ChunkCipher, StreamFault};

fn cipher(number: u32) -> ChunkCipher {
    let mut cipher = ChunkCipher::new(&Material::take(vec![1; 32]), [2; 7], b"header").unwrap();
    cipher.number = Some(number);
    cipher
}

#[test]
fn the_last_number_is_used_and_none_after_it() {
    let mut sealing = cipher(u32::MAX);
    let mut chunk = *b"x";
    let tag = sealing.seal(&mut chunk, true).unwrap();
    let fault = sealing.seal(&mut [0], true).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the data are longer than 256 TiB, the most that one data key may encrypt here; split them"
    );

    let sealed = [chunk.as_slice(), &tag].concat();
    let mut opening = cipher(u32::MAX);
    assert_eq!(opening.open(&sealed, true).unwrap(), b"x");
    assert!(matches!(opening.open(&sealed, true), Err(StreamFault::TooLong)));
}

#[test]
fn chunk_is_bound_to_its_header() {
    let mut chunk = *b"x";
    let tag = cipher(0).seal(&mut chunk, true).unwrap();
    let sealed = [chunk.as_slice(), &tag].concat();
    let mut other = ChunkCipher::new(&Material::take(vec![1; 32]), [2; 7], b"another header").unwrap();
    assert!(matches!(
        other.open(&sealed, true),
        Err(StreamFault::Altered { chunk: 0 })
    ));
}
