use aws_lc_rs::digest::{SHA256, digest};

use super::{is, padding};

fn sha_256(parts: &[&[u8]]) -> Vec<u8> {
    digest(&SHA256, &parts.concat()).as_ref().to_vec()
}

/// Of every length around those that keys have, over both ends of a block, and of no other.
#[test]
fn a_length_is_told_exactly() {
    for bytes in 0..200_usize {
        let key: Vec<u8> = (0..bytes).map(|byte| byte as u8).collect();
        for claimed in [bytes.saturating_sub(1), bytes, bytes + 1, bytes + 64] {
            let padded = sha_256(&[&key, &padding(claimed as u64)]);
            let told = is(claimed as u64, &sha_256(&[&key]), &padded);
            assert_eq!(told, claimed == bytes, "{bytes} bytes, as {claimed}");
        }
    }
}

/// A longer key that only has zeros behind is another key, though HMAC does not tell them apart.
#[test]
fn zeros_count() {
    let key = [vec![7; 28], vec![0; 4]].concat();
    let padded = sha_256(&[&key, &padding(28)]);
    assert!(!is(28, &sha_256(&[&key]), &padded));
}

#[test]
fn what_is_no_digest_proves_nothing() {
    let padded = sha_256(&[&[7; 32], &padding(32)]);
    assert!(!is(32, &[], &padded) && !is(32, &[0; 33], &padded) && !is(32, &sha_256(&[&[7; 32]]), &[]));
}
