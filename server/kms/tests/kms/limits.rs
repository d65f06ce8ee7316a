//! Lengths, numbers and names at their bounds and one beyond.

use strongroom_base::{Code, KeyId};
use strongroom_kms::op::{
    CreateKey, DataKeyLength, Decrypt, Encrypt, GenerateRandom, ListAliases, ListKeys, NewKey, ScheduleKeyDeletion,
    UpdateKeyDescription,
};
use strongroom_kms::{EncryptionContext, KeyReference};

use crate::bench::{Bench, bytes, context, material, refused};

fn constraint(field: &str, rule: &str) -> String {
    format!("1 validation error detected: Value at '{field}' failed to satisfy constraint: {rule}")
}

fn value_constraint(value: &str, field: &str, rule: &str) -> String {
    format!("1 validation error detected: Value '{value}' at '{field}' failed to satisfy constraint: {rule}")
}

#[tokio::test]
async fn plaintexts_have_1_to_4096_bytes() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    for length in [1, 4_096] {
        let plaintext = vec![0xa5; length];
        let blob = bench.encrypt(key, &plaintext).await.unwrap().blob;
        assert_eq!(bytes(&bench.decrypt(&blob).await.unwrap().plaintext), plaintext);
    }
    let message = constraint("plaintext", "Member must have length between 1 and 4096");
    for length in [0, 4_097] {
        let operation = Encrypt::new(KeyReference::Key(key), context(&[]), material(&vec![0; length]));
        refused(operation, Code::Validation, &message);
    }
}

#[tokio::test]
async fn contexts_have_up_to_8192_characters() {
    let bench = Bench::new().await;
    let key = KeyReference::Key(bench.key().await);
    let pairs = |value: String| [("é".to_owned(), value)];
    let longest = EncryptionContext::new(pairs("ü".repeat(8_191))).unwrap();
    let operation = Encrypt::new(key, longest.clone(), material(b"x")).unwrap();
    let blob = bench.admin(operation).await.unwrap().blob;
    let opened = bench.admin(Decrypt::new(None, longest, &blob).unwrap()).await.unwrap();
    assert_eq!(bytes(&opened.plaintext), b"x");
    let message = constraint(
        "encryptionContext",
        "Keys and values together must have length less than or equal to 8192",
    );
    refused(
        EncryptionContext::new(pairs("ü".repeat(8_192))),
        Code::Validation,
        &message,
    );
}

#[test]
fn random_bytes_are_1_to_1024() {
    let rule = "Member must have value between 1 and 1024";
    for number in [0, 1_025] {
        let message = value_constraint(&number.to_string(), "numberOfBytes", rule);
        refused(GenerateRandom::new(Some(number)), Code::Validation, &message);
        refused(DataKeyLength::parse("", Some(number)), Code::Validation, &message);
    }
    for number in [1, 1_024] {
        assert!(GenerateRandom::new(Some(number)).is_ok() && DataKeyLength::parse("", Some(number)).is_ok());
    }
    refused(
        GenerateRandom::new(None),
        Code::Validation,
        "NumberOfBytes is required.",
    );
}

#[test]
fn a_data_key_is_asked_for_by_spec_or_by_number() {
    let either = "Please specify either number of bytes or key spec.";
    refused(DataKeyLength::parse("", None), Code::Validation, either);
    refused(DataKeyLength::parse("AES_256", Some(32)), Code::Validation, either);
    refused(DataKeyLength::parse("AES_128", Some(0)), Code::Validation, either);
    for number in [None, Some(32)] {
        let message = value_constraint(
            "AES_512",
            "keySpec",
            "Member must satisfy enum value set: [AES_256, AES_128]",
        );
        refused(DataKeyLength::parse("AES_512", number), Code::Validation, &message);
    }
    assert_eq!(DataKeyLength::parse("AES_256", None).unwrap(), DataKeyLength::AES_256);
    assert_eq!(DataKeyLength::parse("", Some(32)).unwrap(), DataKeyLength::AES_256);
}

#[test]
fn waiting_periods_are_7_to_30_days() {
    let key = KeyId::random();
    for days in [0, 6, 31, u32::MAX] {
        let message = format!("PendingWindowInDays must be between 7 and 30, not {days}");
        refused(ScheduleKeyDeletion::new(key, Some(days)), Code::Validation, &message);
    }
    assert!(ScheduleKeyDeletion::new(key, Some(7)).is_ok() && ScheduleKeyDeletion::new(key, Some(30)).is_ok());
}

#[tokio::test]
async fn the_waiting_period_is_30_days_unless_said_otherwise() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let scheduled = bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
    assert_eq!(scheduled.pending_window_days, 30);
    assert_eq!(scheduled.delete_at.as_millis(), bench.now() + 30 * 86_400_000);
}

#[tokio::test]
async fn descriptions_have_up_to_8192_characters() {
    let bench = Bench::new().await;
    let (longest, too_long) = ("ß".repeat(8_192), "ß".repeat(8_193));
    let made = bench
        .admin(CreateKey::new(described(longest.clone())).unwrap())
        .await
        .unwrap();
    assert_eq!(made.record.description, longest);
    let key = made.record.id;
    bench
        .admin(UpdateKeyDescription::new(key, String::new()).unwrap())
        .await
        .unwrap();
    bench
        .admin(UpdateKeyDescription::new(key, longest.clone()).unwrap())
        .await
        .unwrap();
    assert_eq!(bench.describe(key).await.record.description, longest);
    let message = constraint("description", "Member must have length less than or equal to 8192");
    refused(CreateKey::new(described(too_long.clone())), Code::Validation, &message);
    refused(UpdateKeyDescription::new(key, too_long), Code::Validation, &message);
}

#[test]
fn pages_have_1_to_1000_rows() {
    for limit in [0, 1_001] {
        let rule = "Member must have value between 1 and 1000";
        let message = value_constraint(&limit.to_string(), "limit", rule);
        refused(ListKeys::new(Some(limit), None), Code::Validation, &message);
        refused(ListAliases::new(None, Some(limit), None), Code::Validation, &message);
    }
    for limit in [1, 1_000] {
        assert!(ListKeys::new(Some(limit), None).is_ok() && ListAliases::new(None, Some(limit), None).is_ok());
    }
}

#[test]
fn markers_are_those_that_were_given() {
    let long = "x".repeat(2_000);
    for marker in ["", "nonsense", "alias/a", long.as_str()] {
        let message = "The marker is not one that ListKeys gave.";
        refused(ListKeys::new(None, Some(marker)), Code::InvalidMarker, message);
    }
    let id = KeyId::random().to_string();
    for marker in ["", "nonsense", id.as_str(), "alias/", "alias/ä", long.as_str()] {
        let message = "The marker is not one that ListAliases gave.";
        refused(ListAliases::new(None, None, Some(marker)), Code::InvalidMarker, message);
    }
}

#[test]
fn keys_of_other_origins_are_not_made() {
    let table = [
        (
            ["ML_DSA_44", "SIGN_VERIFY", "EXTERNAL"],
            "Origin EXTERNAL is not supported with KeySpec ML_DSA_44; this service imports material for symmetric \
             encryption keys, HMAC keys, RSA keys, and ECC keys on NIST's curves and secp256k1.",
        ),
        (
            ["", "", "AWS_CLOUDHSM"],
            "Origin AWS_CLOUDHSM is not supported; this service makes keys with Origin AWS_KMS and EXTERNAL.",
        ),
    ];
    for ([spec, usage, origin], message) in table {
        refused(
            CreateKey::new(of(spec, usage, origin)),
            Code::UnsupportedOperation,
            message,
        );
    }
    assert!(CreateKey::new(of("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "AWS_KMS")).is_ok());
}

fn described(description: String) -> NewKey {
    NewKey {
        description,
        ..NewKey::default()
    }
}

fn of(spec: &str, usage: &str, origin: &str) -> NewKey {
    NewKey {
        spec: spec.parse().ok(),
        usage: usage.parse().ok(),
        origin: origin.parse().ok(),
        ..NewKey::default()
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let bench = Bench::new().await;
    let absent = KeyId::random();
    let message = format!("Key 'arn:aws:kms:local-1:000000000000:key/{absent}' does not exist");
    refused(bench.encrypt(absent, b"x").await, Code::NotFound, &message);
    let rename = UpdateKeyDescription::new(absent, "x".to_owned()).unwrap();
    refused(bench.admin(rename).await, Code::NotFound, &message);
    let schedule = ScheduleKeyDeletion::new(absent, None).unwrap();
    refused(bench.admin(schedule).await, Code::NotFound, &message);
    let list = ListAliases::new(Some(absent), None, None).unwrap();
    refused(bench.admin(list).await, Code::NotFound, &message);
}
