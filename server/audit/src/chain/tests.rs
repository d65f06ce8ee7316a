use aws_lc_rs::digest::{SHA256, digest};
use serde_json::Value;

use super::{Digest, Head, LINK_BYTES_MAX};

#[test]
fn a_line_carries_its_number_and_the_digest_of_the_line_before() {
    let mut head = Head::EMPTY;
    let mut buffer = Vec::new();
    head.link(br#"{"a":1}"#, &mut buffer);
    head.link(br#"{"b":2}"#, &mut buffer);
    let text = String::from_utf8(buffer).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let first = format!(r#"{{"sequence":1,"previousDigest":"{}","a":1}}"#, "0".repeat(64));
    assert_eq!(lines[0], first);
    let digest_of_first = data_encoding::HEXLOWER.encode(digest(&SHA256, first.as_bytes()).as_ref());
    assert_eq!(
        lines[1],
        format!(r#"{{"sequence":2,"previousDigest":"{digest_of_first}","b":2}}"#)
    );
    assert_eq!(
        head,
        Head {
            sequence: 2,
            digest: Digest::of(lines[1].as_bytes())
        }
    );
    assert!(text.ends_with("}\n"));
}

#[test]
fn the_link_is_never_longer_than_its_bound() {
    let mut head = Head {
        sequence: u64::MAX - 1,
        digest: Digest::ZERO,
    };
    let (body, mut buffer) = (br#"{"a":1}"#, Vec::new());
    head.link(body, &mut buffer);
    assert!(buffer.len() - body.len() <= LINK_BYTES_MAX);
    let record: Value = serde_json::from_slice(&buffer).unwrap();
    assert_eq!(record["sequence"], u64::MAX);
}

#[test]
fn digests_are_lower_case_hexadecimal() {
    let digest = Digest::of(b"");
    assert_eq!(
        digest.to_string(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
    assert_eq!(Digest::parse(&digest.to_string().to_uppercase()), None);
    assert_eq!(Digest::parse("e3b0"), None);
}
