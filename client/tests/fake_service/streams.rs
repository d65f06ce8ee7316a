//! Typed calls that carry plaintext, and sealing and opening through the service.

use strongroom::{Client, ClientConfig, EncryptionContext, Material, Plain, v1};

use crate::answers::{DATA_KEY, KEY_ARN, PASSWORD};
use crate::service::Fake;

fn client(fake: &Fake) -> Client {
    Client::connect(&ClientConfig::new(&fake.endpoint).unwrap()).unwrap()
}

fn context(value: &str) -> EncryptionContext {
    [("purpose".to_owned(), value.to_owned())].into()
}

#[tokio::test]
async fn what_seal_made_opens_with_the_same_context_only() {
    let fake = Fake::start();
    let client = client(&fake);
    let plaintext = b"attack at dawn ".repeat(10_000);
    let mut sealed = Vec::new();
    let count = client
        .seal("alias/demo", &context("test"), plaintext.as_slice(), &mut sealed)
        .await
        .unwrap();
    assert_eq!(count, plaintext.len() as u64);
    assert!(!sealed.windows(14).any(|window| window == b"attack at dawn"));

    let mut opened = Vec::new();
    let count = client
        .open(None, &context("test"), sealed.as_slice(), &mut opened)
        .await
        .unwrap();
    assert_eq!(count, plaintext.len() as u64);
    assert!(opened == plaintext);

    let mut nothing = Vec::new();
    let fault = client
        .open(None, &context("other"), sealed.as_slice(), &mut nothing)
        .await
        .unwrap_err();
    assert_eq!(fault.refusal().unwrap().exception, "InvalidCiphertextException");
    assert!(nothing.is_empty());
    assert_eq!(fake.methods(), ["generate_data_key", "decrypt", "decrypt"]);
}

#[tokio::test]
async fn two_streams_of_the_same_bytes_differ() {
    let client = client(&Fake::start());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    client
        .seal("alias/demo", &context("test"), &b"same"[..], &mut first)
        .await
        .unwrap();
    client
        .seal("alias/demo", &context("test"), &b"same"[..], &mut second)
        .await
        .unwrap();
    assert_ne!(first, second, "the nonce prefix is random");
}

#[tokio::test]
async fn secrets_come_back_as_material() {
    let client = client(&Fake::start());
    let plaintext = Material::take(b"plain".to_vec());
    let context = context("test");
    let plain = Plain {
        key_id: "alias/demo",
        plaintext: &plaintext,
        encryption_context: &context,
        grant_tokens: &[],
        dry_run: false,
    };
    let encrypted = client.encrypt(plain).await.unwrap();
    let request = v1::DecryptRequest {
        ciphertext_blob: encrypted.ciphertext_blob,
        encryption_context: context,
        ..v1::DecryptRequest::default()
    };
    let decrypted = client.decrypt(request).await.unwrap();
    assert!(bool::from(decrypted.plaintext.ct_eq(&plaintext)));
    assert_eq!(decrypted.key_id, KEY_ARN);

    let data_key = client
        .generate_data_key(v1::GenerateDataKeyRequest::default())
        .await
        .unwrap();
    assert!(bool::from(data_key.plaintext.ct_eq(&Material::take(DATA_KEY.to_vec()))));
    assert_eq!(client.generate_random(48).await.unwrap().len(), 48);
    let password = client
        .random_password(v1::GetRandomPasswordRequest::default())
        .await
        .unwrap();
    assert!(bool::from(password.ct_eq(&Material::take(PASSWORD.into()))));
}

#[tokio::test]
async fn a_batch_tells_what_could_not_be_read() {
    let fake = Fake::start();
    let value = v1::SecretValue {
        value: Some(v1::secret_value::Value::Binary(vec![0, 255])),
    };
    fake.state.secrets.lock().unwrap().insert("there".to_owned(), value);
    let request = v1::BatchGetSecretValueRequest {
        secret_id_list: vec!["there".to_owned(), "missing".to_owned()],
        ..v1::BatchGetSecretValueRequest::default()
    };
    let batch = client(&fake).secret_values(request).await.unwrap();
    assert_eq!(batch.values.len(), 1);
    assert!(!batch.values[0].value.is_text());
    assert!(bool::from(
        batch.values[0].value.material().ct_eq(&Material::take(vec![0, 255]))
    ));
    assert_eq!(batch.errors[0].secret_id, "missing");
    assert_eq!(batch.errors[0].error_code, "ResourceNotFoundException");
}
