//! No file of an installation holds a secret that callers were given: not the store, not the audit trail, not the log.

use std::fs;
use std::path::Path;

use data_encoding::{BASE64, HEXLOWER};
use strongroom_proto::v1;
use strongroom_tests::installation::EVERYTHING;

use crate::world::{World, create_key, create_secret, keys, secrets};

/// What somebody would look for: the bytes, and the two ways in which bytes become text.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    // Base64 without the last characters, which depend on what follows.
    let base64 = BASE64.encode(secret);
    let base64 = base64.as_bytes()[..base64.len() - 4].to_vec();
    vec![secret.to_vec(), HEXLOWER.encode(secret).into_bytes(), base64]
}

fn files_with(directory: &Path, wanted: &[Vec<u8>], found: &mut Vec<String>) -> usize {
    let mut read = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read += files_with(&path, wanted, found);
            continue;
        }
        let content = fs::read(&path).unwrap();
        read += content.len();
        let holds = |form: &&Vec<u8>| content.windows(form.len()).any(|window| window == form.as_slice());
        if wanted.iter().any(|form| holds(&form)) {
            found.push(path.display().to_string());
        }
    }
    read
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_in_no_file() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let key_id = create_key(&channel).await;
    let request = v1::GenerateDataKeyRequest {
        key_id: key_id.clone(),
        number_of_bytes: Some(32),
        ..Default::default()
    };
    let data_key = keys(&channel)
        .generate_data_key(request)
        .await
        .unwrap()
        .into_inner()
        .plaintext;
    let plaintext = b"the plaintext that Encrypt was given".to_vec();
    let request = v1::EncryptRequest {
        key_id,
        plaintext: plaintext.clone(),
        ..Default::default()
    };
    let blob = keys(&channel)
        .encrypt(request)
        .await
        .unwrap()
        .into_inner()
        .ciphertext_blob;
    let request = v1::DecryptRequest {
        ciphertext_blob: blob,
        ..Default::default()
    };
    keys(&channel).decrypt(request).await.unwrap();
    let value = "the value that nobody may find in a file";
    create_secret(&channel, "hidden", value).await;
    let request = v1::GetSecretValueRequest {
        secret_id: "hidden".to_owned(),
        ..Default::default()
    };
    secrets(&channel).get_secret_value(request).await.unwrap();
    let pin = fs::read(world.installation.token().pin_file()).unwrap();
    world.daemon.stop().unwrap();

    let mut wanted: Vec<Vec<u8>> = [&data_key[..], &plaintext, value.as_bytes()]
        .iter()
        .flat_map(|it| forms(it))
        .collect();
    let mut found = Vec::new();
    let read = files_with(world.installation.root(), &wanted, &mut found);
    assert!(found.is_empty(), "secrets are in {found:#?}");
    assert!(read > 10_000, "only {read} bytes were looked at");

    // The PIN is in its own file alone; that it is found there shows that the search works.
    wanted = vec![pin];
    files_with(world.installation.root(), &wanted, &mut found);
    assert_eq!(found, [world.installation.token().pin_file().display().to_string()]);
}
