use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use strongroom_material::{DataKey, Material};

use super::header::{CHUNK_BYTES, Header};
use super::{StreamFault, TAG_BYTES, open_under, seal_under};

const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

fn data_key() -> Material<DataKey> {
    Material::take((0..32).collect())
}

fn header() -> Header {
    Header {
        nonce_prefix: [0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6],
        encrypted_data_key: b"an encrypted data key".to_vec(),
    }
}

fn header_bytes() -> usize {
    header().encode().unwrap().len()
}

fn plaintext(length: usize) -> Vec<u8> {
    (0..length).map(|index| (index % 251) as u8).collect()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn seal(plaintext: &[u8]) -> Vec<u8> {
    let mut sealed = Vec::new();
    let count = block_on(seal_under(&data_key(), &header(), plaintext, &mut sealed)).unwrap();
    assert_eq!(count, plaintext.len() as u64);
    sealed
}

/// Reads the header as `Client::open` does, then the chunks. Returns what was written, and how it ended.
fn open(sealed: &[u8]) -> (Vec<u8>, Result<u64, StreamFault>) {
    let mut written = Vec::new();
    let outcome = block_on(async {
        let mut source = sealed;
        let header = Header::read(&mut source).await?;
        open_under(&data_key(), &header, source, &mut written).await
    });
    (written, outcome)
}

/// Refused, and all that was written is a beginning of the truth.
fn refused(sealed: &[u8], truth: &[u8]) -> StreamFault {
    let (written, outcome) = open(sealed);
    assert!(
        truth.starts_with(&written),
        "wrote {} bytes that were never sealed",
        written.len()
    );
    outcome.unwrap_err()
}

/// Made by an independent implementation (Python's cryptography package) from docs/stream-format.md.
#[test]
fn the_format_is_the_documented_one() {
    let head = "935352530d0a1a0a010100010000a0a1a2a3a4a5a60015616e20656e637279707465642064617461206b6579";
    assert_eq!(
        HEXLOWER.encode(&seal(b"Strongroom")),
        format!("{head}24153b71d66192af6c08492b3710d2be169ab0abfe03554388a7")
    );
    assert_eq!(
        HEXLOWER.encode(&seal(b"")),
        format!("{head}ad02e9dfd78ff991f5ed5f1b17ca7cba")
    );
    let three_chunks = seal(&plaintext(2 * CHUNK_BYTES + 1));
    assert_eq!(three_chunks.len(), 131_165);
    assert_eq!(
        HEXLOWER.encode(digest(&SHA256, &three_chunks).as_ref()),
        "07e0513cf0a3aa2a4e4f0253f6b7686960eee2d9638b2066b0d847487483cf8a"
    );
}

#[test]
fn what_was_sealed_opens_at_every_size_around_a_chunk() {
    for chunks in 0..3 {
        for offset in [-1_isize, 0, 1] {
            let Some(length) = (chunks * CHUNK_BYTES).checked_add_signed(offset) else {
                continue;
            };
            let plaintext = plaintext(length);
            let sealed = seal(&plaintext);
            let chunks = length.div_ceil(CHUNK_BYTES).max(1);
            assert_eq!(sealed.len(), header_bytes() + length + chunks * TAG_BYTES);
            let (opened, outcome) = open(&sealed);
            assert_eq!(outcome.unwrap(), length as u64);
            assert!(opened == plaintext, "{length} bytes");
        }
    }
}

#[test]
fn an_end_that_is_missing_is_noticed_wherever_it_was_cut() {
    let plaintext = plaintext(2 * CHUNK_BYTES + 10);
    let sealed = seal(&plaintext);
    let first_chunk_ends = header_bytes() + SEALED_CHUNK_BYTES;
    for length in [header_bytes(), first_chunk_ends, first_chunk_ends + SEALED_CHUNK_BYTES] {
        let fault = refused(&sealed[..length], &plaintext);
        assert!(matches!(fault, StreamFault::CutOff), "{length}: {fault}");
        assert_eq!(
            fault.to_string(),
            "the sealed data are cut off; get them whole from where they came"
        );
    }
    for length in (8..header_bytes()).chain([first_chunk_ends + 1, first_chunk_ends + TAG_BYTES - 1]) {
        assert!(
            matches!(refused(&sealed[..length], &plaintext), StreamFault::CutOff),
            "{length}"
        );
    }
    for length in [header_bytes() + TAG_BYTES, first_chunk_ends - 1, sealed.len() - 1] {
        assert!(
            matches!(refused(&sealed[..length], &plaintext), StreamFault::Altered { .. }),
            "{length}"
        );
    }
}

#[test]
fn appended_data_are_refused() {
    for length in [10, CHUNK_BYTES] {
        let plaintext = plaintext(length);
        let mut sealed = seal(&plaintext);
        sealed.push(0);
        let fault = refused(&sealed, &plaintext);
        assert!(
            matches!(fault, StreamFault::Appended | StreamFault::Altered { chunk: 0 }),
            "{length}: {fault}"
        );
    }
    // A whole sealed stream after another one.
    let plaintext = plaintext(CHUNK_BYTES);
    let doubled = [seal(&plaintext), seal(&plaintext)].concat();
    let fault = refused(&doubled, &plaintext);
    assert_eq!(
        fault.to_string(),
        "something was appended to the sealed data; get them whole from where they came"
    );
}

#[test]
fn chunks_cannot_change_places_or_repeat() {
    let plaintext = plaintext(3 * CHUNK_BYTES);
    let sealed = seal(&plaintext);
    let (head, body) = sealed.split_at(header_bytes());
    let chunks: Vec<&[u8]> = body.chunks(SEALED_CHUNK_BYTES).collect();
    for order in [[1, 0, 2], [0, 0, 2], [0, 2, 1], [2, 1, 0], [1, 1, 2]] {
        let body: Vec<u8> = order.iter().flat_map(|index| chunks[*index]).copied().collect();
        let fault = refused(&[head, &body].concat(), &plaintext);
        assert!(matches!(fault, StreamFault::Altered { .. }), "{order:?}: {fault}");
    }
    let without_the_middle = [head, chunks[0], chunks[2]].concat();
    assert_eq!(
        refused(&without_the_middle, &plaintext).to_string(),
        "the sealed data were altered at chunk 1 (counted from 0); get them whole from where they came"
    );
}

#[test]
fn an_empty_last_chunk_is_refused_unless_the_stream_is_empty() {
    // Made with the right key: one stream must have one encoding only.
    let encoded = header().encode().unwrap();
    let mut cipher = super::ChunkCipher::new(&data_key(), header().nonce_prefix, &encoded).unwrap();
    let plaintext = plaintext(CHUNK_BYTES);
    let mut chunk = plaintext.clone();
    let first_tag = cipher.seal(&mut chunk, false).unwrap();
    let last_tag = cipher.seal(&mut [], true).unwrap();
    let forged = [encoded.as_slice(), &chunk, &first_tag, &last_tag].concat();
    assert!(matches!(
        refused(&forged, &plaintext),
        StreamFault::Altered { chunk: 1 }
    ));
}

#[test]
fn what_is_not_sealed_data_is_named() {
    let text = |bytes: &[u8]| refused(bytes, b"").to_string();
    let not_sealed =
        "these are not sealed data: they do not begin with Strongroom's mark; was this file made by `encrypt`?";
    assert_eq!(text(b""), not_sealed);
    assert_eq!(text(b"-----BEGIN PGP MESSAGE-----"), not_sealed);
    let with = |index: usize, byte: u8| {
        let mut sealed = seal(b"x");
        sealed[index] = byte;
        text(&sealed)
    };
    assert_eq!(
        with(8, 2),
        "these data are sealed in format 2; this client knows format 1: use a newer client"
    );
    assert_eq!(
        with(9, 9),
        "these data are sealed with suite 9; this client knows suite 1: use a newer client"
    );
    assert_eq!(
        with(10, 0x40),
        "these data are sealed in chunks of 1073807360 bytes; this client knows 65536: use a newer client"
    );
    assert_eq!(
        with(21, 0xff),
        "the header is damaged: its encrypted data key has 65301 bytes, not 1 to 6144"
    );
}

#[test]
fn a_data_key_of_another_length_is_refused() {
    let short = Material::<DataKey>::take(vec![0; 16]);
    let fault = block_on(seal_under(&short, &header(), &b"x"[..], &mut Vec::new())).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the data key has 16 bytes, not 32: the header belongs to something else"
    );
}

#[test]
fn another_key_opens_nothing() {
    let sealed = seal(b"Strongroom");
    let mut written = Vec::new();
    let outcome = block_on(open_under(
        &Material::take(vec![7; 32]),
        &header(),
        &sealed[header_bytes()..],
        &mut written,
    ));
    assert!(matches!(outcome, Err(StreamFault::Altered { chunk: 0 })));
    assert!(written.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_size_opens(length in 0..3 * CHUNK_BYTES) {
        let plaintext = plaintext(length);
        let (opened, outcome) = open(&seal(&plaintext));
        prop_assert_eq!(outcome.unwrap(), length as u64);
        prop_assert!(opened == plaintext);
    }

    #[test]
    fn any_flipped_bit_is_noticed(length in 0..2 * CHUNK_BYTES, place in any::<prop::sample::Index>(), bit in 0..8) {
        let plaintext = plaintext(length);
        let mut sealed = seal(&plaintext);
        let index = place.index(sealed.len());
        sealed[index] ^= 1_u8 << bit;
        refused(&sealed, &plaintext);
    }

    #[test]
    fn any_cut_is_noticed(length in 0..2 * CHUNK_BYTES, place in any::<prop::sample::Index>()) {
        let plaintext = plaintext(length);
        let sealed = seal(&plaintext);
        refused(&sealed[..place.index(sealed.len())], &plaintext);
    }

    #[test]
    fn arbitrary_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), valid in 0..30_usize) {
        // Begin with a valid part of a header, so that every step of the reader is reached.
        let mut input = seal(b"")[..valid].to_vec();
        input.extend_from_slice(&bytes);
        refused(&input, b"");
    }
}
