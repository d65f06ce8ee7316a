//! What keys and requests for them answer to the conditions of policies.

use strongroom_base::{Code, KeyId};
use strongroom_gate::Operation;
use strongroom_kms::op::{
    CreateKey, DataKeyLength, Decrypt, DescribeKey, EnableKeyRotation, Encrypt, GenerateDataKey,
    GenerateDataKeyWithoutPlaintext, NewKey, ReEncrypt, ScheduleKeyDeletion, TagResource, UntagResource, UpdateAlias,
};
use strongroom_kms::{EncryptionContext, KeyReference, Kms};

use crate::bench::{Bench, alias, context, material, principal};

/// Whether somebody whom a policy allows everything under this condition is let through.
pub(crate) async fn passes<O: Operation<Domain = Kms>>(bench: &mut Bench, condition: &str, operation: O) -> bool {
    let name = format!("user{}", condition.len() * 1_000 + bench.trail().len());
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"kms:*","Resource":"*","Condition":{condition}}}}}"#
    );
    bench.attach(&name, &policy);
    let answer = bench.run(&principal(&name), operation).await;
    !matches!(answer, Err(fault) if fault.code() == Code::AccessDenied)
}

pub(crate) fn equals(key: &str, value: &str) -> String {
    format!(r#"{{"StringEquals":{{"{key}":"{value}"}}}}"#)
}

fn by_alias() -> KeyReference {
    KeyReference::Alias(alias("alias/a"))
}

fn encrypt(key: KeyReference) -> Encrypt {
    Encrypt::new(key, context(&[("Dept", "hr")]), material(b"x")).unwrap()
}

fn generate(key: KeyId) -> GenerateDataKey {
    GenerateDataKey {
        key: KeyReference::Key(key),
        context: context(&[("Dept", "hr")]),
        length: DataKeyLength::AES_256,
    }
}

async fn key(bench: &Bench) -> KeyId {
    let key = bench.key().await;
    bench.name("alias/a", key).await.unwrap();
    let tags = vec![("Team".to_owned(), "red".to_owned())];
    bench.admin(TagResource::new(key, tags).unwrap()).await.unwrap();
    key
}

#[tokio::test]
async fn a_key_answers_what_it_is() {
    let mut bench = Bench::new().await;
    let key = key(&bench).await;
    for (condition, expected) in [
        (equals("kms:KeySpec", "SYMMETRIC_DEFAULT"), true),
        (equals("kms:KeySpec", "RSA_2048"), false),
        (equals("kms:CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"), true),
        (equals("kms:KeyUsage", "ENCRYPT_DECRYPT"), true),
        (equals("kms:KeyOrigin", "AWS_KMS"), true),
        (r#"{"Bool":{"kms:MultiRegion":"false"}}"#.to_owned(), true),
        (equals("aws:ResourceTag/team", "red"), true),
        (equals("aws:ResourceTag/team", "blue"), false),
        (
            r#"{"ForAnyValue:StringLike":{"kms:ResourceAliases":"alias/*"}}"#.to_owned(),
            true,
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/b"}}"#.to_owned(),
            false,
        ),
    ] {
        assert_eq!(
            passes(&mut bench, &condition, generate(key)).await,
            expected,
            "{condition}"
        );
    }
}

#[tokio::test]
async fn a_request_answers_how_it_names_its_key_and_what_it_binds() {
    let mut bench = Bench::new().await;
    let key = key(&bench).await;
    let alias = equals("kms:RequestAlias", "alias/a");
    let algorithm = equals("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
    let bound = equals("kms:EncryptionContext:dept", "hr");
    assert!(passes(&mut bench, &alias, encrypt(by_alias())).await);
    assert!(!passes(&mut bench, &alias, encrypt(KeyReference::Key(key))).await);
    assert!(passes(&mut bench, &alias, DescribeKey { key: by_alias() }).await);
    assert!(passes(&mut bench, &algorithm, encrypt(by_alias())).await);
    assert!(passes(&mut bench, &algorithm, generate(key)).await);
    assert!(passes(&mut bench, &bound, encrypt(by_alias())).await);
    assert!(passes(&mut bench, &bound, generate(key)).await);
    let without_plaintext = |context| GenerateDataKeyWithoutPlaintext {
        key: by_alias(),
        context,
        length: DataKeyLength::AES_256,
    };
    assert!(passes(&mut bench, &bound, without_plaintext(context(&[("Dept", "hr")]))).await);
    assert!(!passes(&mut bench, &bound, without_plaintext(context(&[("Dept", "it")]))).await);
    assert!(!passes(&mut bench, &bound, without_plaintext(EncryptionContext::default())).await);
    let blob = bench.admin(encrypt(by_alias())).await.unwrap().blob;
    let decrypt = |named| Decrypt::new(named, context(&[("Dept", "hr")]), &blob).unwrap();
    assert!(passes(&mut bench, &bound, decrypt(None)).await);
    assert!(passes(&mut bench, &algorithm, decrypt(None)).await);
    assert!(passes(&mut bench, &alias, decrypt(Some(by_alias()))).await);
    assert!(!passes(&mut bench, &alias, decrypt(None)).await);
}

#[tokio::test]
async fn a_re_encryption_answers_for_each_of_its_keys() {
    let mut bench = Bench::new().await;
    let (source, other) = (key(&bench).await, bench.key().await);
    let blob = bench.admin(encrypt(by_alias())).await.unwrap().blob;
    let to = |key, dept| {
        let (from, into) = (context(&[("Dept", "hr")]), context(&[("Dept", dept)]));
        ReEncrypt::new(None, from, &blob, KeyReference::Key(key), into).unwrap()
    };
    let same = r#"{"Bool":{"kms:ReEncryptOnSameKey":"true"}}"#;
    assert!(passes(&mut bench, same, to(source, "hr")).await);
    assert!(!passes(&mut bench, same, to(other, "hr")).await);
    // Both permissions are asked for, each with its own context and key.
    let bound = equals("kms:EncryptionContext:Dept", "hr");
    assert!(passes(&mut bench, &bound, to(other, "hr")).await);
    assert!(!passes(&mut bench, &bound, to(other, "it")).await);
    let red = equals("aws:ResourceTag/Team", "red");
    assert!(passes(&mut bench, &red, to(source, "it")).await);
    assert!(!passes(&mut bench, &red, to(other, "it")).await);
}

#[tokio::test]
async fn requests_for_changes_answer_what_they_ask_for() {
    let mut bench = Bench::new().await;
    let key = key(&bench).await;
    let tagged = || {
        let tags = vec![("Size".to_owned(), "large".to_owned())];
        let new = NewKey {
            tags,
            ..NewKey::default()
        };
        CreateKey::new(new).unwrap()
    };
    let only_size = r#"{"ForAllValues:StringEquals":{"aws:TagKeys":"Size"}}"#;
    assert!(passes(&mut bench, &equals("kms:KeySpec", "SYMMETRIC_DEFAULT"), tagged()).await);
    assert!(passes(&mut bench, &equals("aws:RequestTag/size", "large"), tagged()).await);
    assert!(!passes(&mut bench, &equals("aws:RequestTag/size", "small"), tagged()).await);
    assert!(passes(&mut bench, only_size, tagged()).await);
    let bypass = r#"{"Bool":{"kms:BypassPolicyLockoutSafetyCheck":"false"}}"#;
    assert!(passes(&mut bench, bypass, tagged()).await);
    let untag = |name: &str| UntagResource::new(key, vec![name.to_owned()]).unwrap();
    assert!(passes(&mut bench, only_size, untag("Size")).await);
    assert!(!passes(&mut bench, only_size, untag("Team")).await);
    let tag = || TagResource::new(key, vec![("a".to_owned(), "1".to_owned())]).unwrap();
    assert!(passes(&mut bench, &equals("aws:RequestTag/A", "1"), tag()).await);
    let often = r#"{"NumericLessThanEquals":{"kms:RotationPeriodInDays":"365"}}"#;
    assert!(passes(&mut bench, often, EnableKeyRotation::new(key, Some(180)).unwrap()).await);
    assert!(!passes(&mut bench, often, EnableKeyRotation::new(key, Some(366)).unwrap()).await);
    let slowly = r#"{"NumericGreaterThanEquals":{"kms:ScheduleKeyDeletionPendingWindowInDays":30}}"#;
    assert!(!passes(&mut bench, slowly, ScheduleKeyDeletion::new(key, Some(7)).unwrap()).await);
    assert!(passes(&mut bench, slowly, ScheduleKeyDeletion::new(key, None).unwrap()).await);
}

/// The alias may be moved from red keys to red keys alone.
#[tokio::test]
async fn an_alias_answers_for_the_keys_it_leaves_and_goes_to() {
    let mut bench = Bench::new().await;
    let (_, other) = (key(&bench).await, bench.key().await);
    let condition =
        r#"{"StringEqualsIfExists":{"aws:ResourceTag/Team":"red"},"StringNotEquals":{"aws:ResourceTag/Team":"blue"}}"#;
    let move_to = |key| UpdateAlias::new(alias("alias/a"), key).unwrap();
    let tags = vec![("Team".to_owned(), "blue".to_owned())];
    bench.admin(TagResource::new(other, tags).unwrap()).await.unwrap();
    assert!(!passes(&mut bench, condition, move_to(other)).await);
    let tags = vec![("Team".to_owned(), "red".to_owned())];
    bench.admin(TagResource::new(other, tags).unwrap()).await.unwrap();
    assert!(passes(&mut bench, condition, move_to(other)).await);
}
