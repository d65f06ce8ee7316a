//! `strongroom data-key decrypt`: what `generate` made is opened again.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::answers::{DATA_KEY, KEY_ARN};
use crate::program::{command, fail, run, succeed};
use crate::service::Fake;

const IN_BASE64: &str = "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=";

#[test]
fn the_data_key_comes_back_from_its_file() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let [blob, key] = ["key.encrypted", "key"].map(|name| folder.path().join(name));
    let [blob, key] = [blob.to_str().unwrap(), key.to_str().unwrap()];
    let context = ["--context", "a=b"];
    let generate = ["data-key", "generate", "--key", "alias/demo", "--blob-out", blob];
    succeed(&fake, &[&generate[..], &context].concat(), b"");
    let decrypt = [&["data-key", "decrypt", "--in", blob][..], &context].concat();
    assert_eq!(run(command(&fake, &decrypt), b"").stdout, DATA_KEY);

    assert_eq!(succeed(&fake, &[&decrypt[..], &["--out", key]].concat(), b""), "");
    assert_eq!(fs::read(key).unwrap(), DATA_KEY);
    assert_eq!(fs::metadata(key).unwrap().permissions().mode() & 0o777, 0o600);

    let text = succeed(&fake, &[&decrypt[..], &["--output", "json"]].concat(), b"");
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!({ "key_id": KEY_ARN, "key_material_id": "", "plaintext": IN_BASE64 })
    );
}

#[test]
fn an_encrypted_data_key_can_be_pasted_as_it_was_printed() {
    let fake = Fake::start();
    let generated = succeed(&fake, &["data-key", "generate", "--key", "k", "--output", "json"], b"");
    let generated: Value = serde_json::from_str(&generated).unwrap();
    let printed = format!("{}\n", generated["ciphertext_blob"].as_str().unwrap());
    let decrypt = ["data-key", "decrypt", "--encoding", "base64"];
    assert_eq!(run(command(&fake, &decrypt), printed.as_bytes()).stdout, DATA_KEY);
}

#[test]
fn what_does_not_open_is_explained() {
    let fake = Fake::start();
    assert_eq!(
        fail(
            &fake,
            &["data-key", "decrypt", "--context", "a=c"],
            b"{\"a\": \"b\"}|x",
            1
        ),
        "error: InvalidCiphertextException: InvalidCiphertextException for a test; give the encryption context that it \
         was made with, and the ciphertext unaltered (request request-1)\n\
         hint: give the same --context NAME=VALUE options as when encrypting\n"
    );
    assert_eq!(
        fail(&fake, &["data-key", "decrypt"], &vec![0; 12_291], 1),
        "error: stdin has more than 12290 bytes, the most that an encrypted data key may have\n"
    );
}
