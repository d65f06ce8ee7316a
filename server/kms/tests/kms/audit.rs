//! What each operation leaves on the trail, and what never gets there.

use serde_json::{Value, json};
use strongroom_base::limits::{
    ENCRYPTION_CONTEXT_LENGTH_MAX, KEY_DESCRIPTION_LENGTH_MAX, KEY_POLICY_BYTES_MAX, TAGS_MAX,
};
use strongroom_base::{Code, KeyId, KeySpec, KeyUsage, MacAlgorithm, MessageType, SigningAlgorithm};
use strongroom_gate::{OpContext, Operation};
use strongroom_kms::op::{
    CancelKeyDeletion, CreateAlias, CreateGrant, CreateKey, CreateManagedKey, DataKeyLength, Decrypt, DeleteAlias,
    DeleteKey, DescribeKey, DisableKey, EnableKey, Encrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext,
    GenerateMac, GenerateRandom, GetKeyPolicy, ListAliases, ListGrants, ListKeyPolicies, ListKeys, ListRetirableGrants,
    NewKey, PutKeyPolicy, ReEncrypt, RetireGrant, RevokeGrant, ScheduleKeyDeletion, Sign, UpdateAlias,
    UpdateKeyDescription, VerifyMac,
};
use strongroom_kms::{GrantOperation, KeyReference, Kms, Message, NewGrant};

use crate::bench::{
    Bench, alias, bytes, context, create, default_policy, fault, material, new_grant, principal, scope, system,
    user_arn,
};
use crate::uses::{self, message};

/// Runs an operation and answers the records that it left.
pub(crate) async fn left_by<O: Operation<Domain = Kms>>(bench: &Bench, who: &OpContext, operation: O) -> Vec<Value> {
    let before = bench.trail().len();
    let _ = bench.run(who, operation).await;
    bench.trail().split_off(before)
}

/// A change leaves an intent and an outcome of the same request; a read or a use leaves an outcome.
#[track_caller]
pub(crate) fn assert_records(records: &[Value], name: &str, changes: bool, resources: &[String]) {
    let phases: &[&str] = if changes { &["intent", "outcome"] } else { &["outcome"] };
    let found: Vec<_> = records
        .iter()
        .map(|record| record["additionalEventData"]["phase"].as_str().unwrap())
        .collect();
    assert_eq!(found, phases, "{name}");
    for record in records {
        assert_eq!(record["eventName"], name);
        assert_eq!(record["eventSource"], "kms.amazonaws.com");
        assert_eq!(record["readOnly"], !changes, "{name}");
        assert_eq!(record["requestID"], records[0]["requestID"]);
        assert!(record["errorCode"].is_null(), "{name}: {record}");
        let none = Vec::new();
        let listed = record["resources"].as_array().unwrap_or(&none);
        assert_eq!(
            listed
                .iter()
                .map(|entry| entry["ARN"].as_str().unwrap())
                .collect::<Vec<_>>(),
            resources,
            "{name}"
        );
    }
}

/// Runs a change and checks the two records that it leaves.
pub(crate) async fn change<O: Operation<Domain = Kms>>(
    bench: &Bench,
    operation: O,
    name: &str,
    resources: &[String],
) -> [Value; 2] {
    let records = left_by(bench, &principal("administrator"), operation).await;
    assert_records(&records, name, true, resources);
    records.try_into().unwrap()
}

/// Runs a read or a use and checks the one record that it leaves.
async fn outcome<O: Operation<Domain = Kms>>(bench: &Bench, operation: O, name: &str, resources: &[String]) -> Value {
    let records = left_by(bench, &principal("administrator"), operation).await;
    assert_records(&records, name, false, resources);
    records[0].clone()
}

pub(crate) fn arn(key: KeyId) -> String {
    scope().key_arn(&key).to_string()
}

#[tokio::test]
async fn creation_leaves_intent_and_outcome() {
    let bench = Bench::new().await;
    let [intent, outcome] = change(&bench, create("words"), "CreateKey", &[]).await;
    let asked = json!({
        "description": "words",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
    });
    assert_eq!(intent["requestParameters"], asked);
    assert!(intent["responseElements"].is_null());
    assert_eq!(
        outcome["responseElements"],
        json!({"arn": arn(bench.stored("key")[0].parse().unwrap())})
    );
    assert_eq!(outcome["userIdentity"]["arn"], user_arn("administrator"));
    let records = left_by(&bench, &system(), CreateManagedKey::for_secrets()).await;
    assert_records(&records, "CreateKey", true, &[]);
    assert_eq!(records[1]["userIdentity"]["type"], "AWSService");
}

#[tokio::test]
async fn alias_changes_leave_intent_and_outcome() {
    let bench = Bench::new().await;
    let (one, other) = (bench.key().await, bench.key().await);
    let name = || alias("alias/a");
    let alias_arn = scope().arn("kms", "alias/a").to_string();
    let make = CreateAlias::new(name(), one).unwrap();
    change(&bench, make, "CreateAlias", &[alias_arn.clone(), arn(one)]).await;
    let update = UpdateAlias::new(name(), other).unwrap();
    let [intent, _] = change(
        &bench,
        update,
        "UpdateAlias",
        &[alias_arn.clone(), arn(one), arn(other)],
    )
    .await;
    let parameters = json!({"aliasName": "alias/a", "targetKeyId": other.to_string()});
    assert_eq!(intent["requestParameters"], parameters);
    let delete = DeleteAlias::new(name()).unwrap();
    change(&bench, delete, "DeleteAlias", &[alias_arn, arn(other)]).await;
}

#[tokio::test]
async fn key_changes_leave_intent_and_outcome() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let on = [arn(key)];
    let words = UpdateKeyDescription::new(key, "x".to_owned()).unwrap();
    change(&bench, words, "UpdateKeyDescription", &on).await;
    change(&bench, DisableKey { key }, "DisableKey", &on).await;
    change(&bench, EnableKey { key }, "EnableKey", &on).await;
    let schedule = || ScheduleKeyDeletion::new(key, Some(7)).unwrap();
    let [_, outcome] = change(&bench, schedule(), "ScheduleKeyDeletion", &on).await;
    let date = bench.now() + 7 * 86_400_000;
    assert_eq!(
        outcome["responseElements"],
        json!({"keyId": arn(key), "deletionDate": date})
    );
    change(&bench, CancelKeyDeletion { key }, "CancelKeyDeletion", &on).await;
    bench.admin(schedule()).await.unwrap();
    bench.advance_days(7);
    let records = left_by(&bench, &system(), DeleteKey { key }).await;
    assert_records(&records, "DeleteKey", true, &on);
    assert_eq!(records[1]["eventType"], "AwsServiceEvent");
}

#[tokio::test]
async fn changes_of_who_may_use_a_key_leave_intent_and_outcome() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let on = [arn(key)];
    let put = PutKeyPolicy::new(key, None, &default_policy(), false).unwrap();
    let [intent, _] = change(&bench, put, "PutKeyPolicy", &on).await;
    assert_eq!(
        intent["requestParameters"],
        json!({
            "keyId": key.to_string(), "policyName": "default", "policy": default_policy(),
            "bypassPolicyLockoutSafetyCheck": false,
        })
    );
    let pairs = |value: &str| [("tenant".to_owned(), value.to_owned())].into();
    let new = NewGrant {
        retiring_principal: Some(user_arn("retiring")),
        name: Some("once".to_owned()),
        encryption_context_subset: pairs("7"),
        encryption_context_equals: pairs("8"),
        ..new_grant("clerk", &[GrantOperation::Encrypt, GrantOperation::Decrypt])
    };
    let create = CreateGrant::new(key, new).unwrap();
    let [intent, outcome] = change(&bench, create, "CreateGrant", &on).await;
    assert_eq!(
        intent["requestParameters"],
        json!({
            "keyId": key.to_string(), "granteePrincipal": user_arn("clerk"), "operations": ["Decrypt", "Encrypt"],
            "retiringPrincipal": user_arn("retiring"), "name": "once", "constraints": {
                "encryptionContextSubset": {"tenant": "7"}, "encryptionContextEquals": {"tenant": "8"},
            },
        })
    );
    let [first] = bench.stored("grant").try_into().unwrap();
    let id = first.split_once('/').unwrap().1.to_owned();
    assert_eq!(
        outcome["responseElements"],
        json!({"grantId": id, "keyId": key.to_string()})
    );
    assert!(!bench.trail_text().contains("grantToken"), "tokens are on no trail");
    let shown = json!({"keyId": key.to_string(), "grantId": id});
    let retire = RetireGrant::new(&bench.kms, None, Some(&key.to_string()), Some(&id)).unwrap();
    let [intent, _] = change(&bench, retire, "RetireGrant", &on).await;
    assert_eq!(intent["requestParameters"], shown);
    let made = bench.grant(key, "clerk", &[GrantOperation::Encrypt]).await;
    let revoke = RevokeGrant::new(key, &made.id.to_string()).unwrap();
    let [intent, _] = change(&bench, revoke, "RevokeGrant", &on).await;
    assert_eq!(intent["requestParameters"]["grantId"], made.id.to_string());
}

#[tokio::test]
async fn reads_of_who_may_use_a_key_leave_their_outcome() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    let on = [arn(key)];
    let get = GetKeyPolicy::new(key, None).unwrap();
    let record = outcome(&bench, get, "GetKeyPolicy", &on).await;
    let parameters = json!({"keyId": key.to_string(), "policyName": "default"});
    assert_eq!(record["requestParameters"], parameters);
    outcome(
        &bench,
        ListKeyPolicies::new(key, None, None).unwrap(),
        "ListKeyPolicies",
        &on,
    )
    .await;
    let grants = ListGrants::new(key, None, None).unwrap().of(Some(&user_arn("clerk")));
    let record = outcome(&bench, grants.unwrap(), "ListGrants", &on).await;
    let parameters = json!({"keyId": key.to_string(), "granteePrincipal": user_arn("clerk")});
    assert_eq!(record["requestParameters"], parameters);
    let retirable = ListRetirableGrants::new(&user_arn("retiring"), None, None).unwrap();
    let record = outcome(&bench, retirable, "ListRetirableGrants", &[user_arn("retiring")]).await;
    let parameters = json!({"retiringPrincipal": user_arn("retiring")});
    assert_eq!(record["requestParameters"], parameters);
}

#[tokio::test]
async fn uses_leave_their_outcome() {
    let bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    let (on, both) = ([arn(key)], [arn(key), arn(other)]);
    let (by_id, length) = (KeyReference::Key(key), DataKeyLength::AES_256);
    let (pairs, shown) = (context(&[("tenant", "7")]), json!({"tenant": "7"}));
    let encrypt = || Encrypt::new(by_id.clone(), pairs.clone(), material(b"x")).unwrap();
    let blob = bench.admin(encrypt()).await.unwrap().blob;
    let record = outcome(&bench, encrypt(), "Encrypt", &on).await;
    let parameters = json!({
        "keyId": key.to_string(),
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "encryptionContext": shown,
    });
    assert_eq!(
        (&record["requestParameters"], &record["responseElements"]),
        (&parameters, &Value::Null)
    );
    let decrypt = Decrypt::new(None, pairs.clone(), &blob).unwrap();
    let record = outcome(&bench, decrypt, "Decrypt", &on).await;
    assert_eq!(
        record["requestParameters"],
        json!({"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": shown})
    );
    let (key, context) = (by_id.clone(), pairs.clone());
    outcome(&bench, GenerateDataKey { key, context, length }, "GenerateDataKey", &on).await;
    let (key, context) = (by_id, crate::bench::context(&[]));
    let without = GenerateDataKeyWithoutPlaintext {
        key,
        context: context.clone(),
        length,
    };
    let record = outcome(&bench, without, "GenerateDataKeyWithoutPlaintext", &on).await;
    assert_eq!(record["requestParameters"]["numberOfBytes"], 32);
    let moving = ReEncrypt::new(None, pairs, &blob, KeyReference::Key(other), context).unwrap();
    let record = outcome(&bench, moving, "ReEncrypt", &both).await;
    assert_eq!(record["requestParameters"]["sourceEncryptionContext"], shown);
    outcome(&bench, GenerateRandom::new(Some(8)).unwrap(), "GenerateRandom", &[]).await;
}

#[tokio::test]
async fn reads_leave_their_outcome() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    outcome(
        &bench,
        DescribeKey {
            key: KeyReference::Key(key),
        },
        "DescribeKey",
        &[arn(key)],
    )
    .await;
    outcome(&bench, ListKeys::new(None, None).unwrap(), "ListKeys", &[]).await;
    outcome(
        &bench,
        ListAliases::new(Some(key), None, None).unwrap(),
        "ListAliases",
        &[],
    )
    .await;
}

/// The longest requests, with characters that take the most room on the trail.
#[tokio::test]
async fn nobody_hides_what_he_asks_for_by_its_length() {
    let bench = Bench::new().await;
    let (wide, control) = ("\u{20000}", "\u{1}");
    let tag = |number: usize| (format!("{number:02}{}", wide.repeat(126)), wide.repeat(256));
    let own = default_policy();
    let policy = format!("{own}{}", "\n".repeat(KEY_POLICY_BYTES_MAX - own.len()));
    let new = NewKey {
        description: control.repeat(KEY_DESCRIPTION_LENGTH_MAX),
        tags: (0..TAGS_MAX).map(tag).collect(),
        policy: Some(policy.clone()),
        ..NewKey::default()
    };
    let made = bench.admin(CreateKey::new(new).unwrap()).await.unwrap();
    let record = bench.trail().pop().unwrap();
    assert_eq!(record["requestParameters"]["policy"], policy.as_str());
    assert_eq!(record["requestParameters"]["tags"].as_array().unwrap().len(), TAGS_MAX);
    let key = made.record.id;
    let put = PutKeyPolicy::new(key, None, &policy, false).unwrap();
    bench.admin(put).await.unwrap();
    assert_eq!(
        bench.trail().pop().unwrap()["requestParameters"]["policy"],
        policy.as_str()
    );
    let text = control.repeat(ENCRYPTION_CONTEXT_LENGTH_MAX - 1);
    let blob = bench.encrypt(key, b"x").await.unwrap().blob;
    let by_id = KeyReference::Key;
    let pairs = || context(&[("k", &text)]);
    let re_encrypt = ReEncrypt::new(Some(by_id(key)), pairs(), &blob, by_id(key), pairs()).unwrap();
    let _does_not_open = bench.admin(re_encrypt).await;
    let record = bench.trail().pop().unwrap();
    for side in ["sourceEncryptionContext", "destinationEncryptionContext"] {
        assert_eq!(record["requestParameters"][side]["k"], text.as_str(), "{side}");
    }
}

#[tokio::test]
async fn refusals_are_recorded_and_what_was_denied_has_no_intent() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench.name("alias/a", key).await.unwrap();
    let records = left_by(&bench, &principal("stranger"), DisableKey { key }).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["errorCode"], "AccessDeniedException");
    assert!(
        records[0]["errorMessage"]
            .as_str()
            .unwrap()
            .contains("no identity-based policy allows the kms:DisableKey action")
    );
    assert_eq!(records[0]["userIdentity"]["arn"], user_arn("stranger"));
    assert_eq!(records[0]["resources"][0]["ARN"], scope().key_arn(&key).as_str());
    let admin = principal("administrator");
    let again = CreateAlias::new(alias("alias/a"), key).unwrap();
    let records = left_by(&bench, &admin, again).await;
    assert_eq!(records.len(), 2);
    assert!(records[0]["errorCode"].is_null());
    assert_eq!(records[1]["errorCode"], "AlreadyExistsException");
    let absent = KeyId::random();
    let records = left_by(&bench, &admin, EnableKey { key: absent }).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["errorCode"], "NotFoundException");
    let records = left_by(&bench, &admin, Decrypt::new(None, context(&[]), b"garbage").unwrap()).await;
    assert_eq!(records[0]["errorCode"], "InvalidCiphertextException");
    assert_eq!(records[0]["errorMessage"], crate::bench::INVALID);
}

/// The forms in which bytes get into text by mistake.
fn forms(secret: &[u8]) -> Vec<String> {
    let numbers: Vec<_> = secret.iter().map(ToString::to_string).collect();
    let mut forms = vec![
        data_encoding::HEXLOWER.encode(secret),
        data_encoding::HEXUPPER.encode(secret),
        data_encoding::BASE64_NOPAD.encode(secret),
        data_encoding::BASE64URL_NOPAD.encode(secret),
        numbers.join(","),
        numbers.join(", "),
    ];
    forms.extend(String::from_utf8(secret.to_vec()));
    forms
}

#[tokio::test]
async fn nothing_secret_gets_onto_the_trail() {
    let bench = Bench::new().await;
    let (key, other) = (bench.key().await, bench.key().await);
    let (by_id, none, length) = (KeyReference::Key(key), context(&[]), DataKeyLength::AES_256);
    let plaintext = b"correct horse battery staple";
    let blob = bench.encrypt(key, plaintext).await.unwrap().blob;
    let opened = bench.decrypt(&blob).await.unwrap();
    let generated = bench
        .admin(GenerateDataKey {
            key: by_id.clone(),
            context: none.clone(),
            length,
        })
        .await
        .unwrap();
    let data_key = bytes(&bench.decrypt(&generated.encryption.blob).await.unwrap().plaintext);
    let random = bench.admin(GenerateRandom::new(Some(32)).unwrap()).await.unwrap();
    let moving = ReEncrypt::new(None, none.clone(), &blob, KeyReference::Key(other), none).unwrap();
    let moved = bench.admin(moving).await.unwrap().blob;
    // Refused and failed requests carry the same bytes.
    let denied = Encrypt::new(by_id, context(&[]), material(plaintext)).unwrap();
    assert_eq!(
        fault(bench.run(&principal("stranger"), denied).await).code(),
        Code::AccessDenied
    );
    bench.admin(DisableKey { key }).await.unwrap();
    assert_eq!(fault(bench.encrypt(key, plaintext).await).code(), Code::Disabled);
    assert_eq!(fault(bench.decrypt(&blob).await).code(), Code::Disabled);

    let trail = bench.trail_text();
    let blobs = [&blob[50..], &moved[50..], &generated.encryption.blob[50..]];
    for secret in [bytes(&opened.plaintext), data_key, bytes(&random)]
        .iter()
        .map(Vec::as_slice)
        .chain(blobs)
    {
        for form in forms(secret) {
            assert!(!trail.contains(&form), "{form} is on the trail");
        }
    }
    assert!(trail.contains(&key.to_string()), "the search finds what is there");
    assert!(strongroom_audit::verify(&bench.trail_directory()).is_ok());
}

/// Whatever becomes of the request: a code that does not verify is one that somebody tries, and a digest stands for a
/// message that may be guessed.
#[tokio::test]
async fn neither_messages_nor_codes_get_onto_the_trail() {
    let bench = Bench::new().await;
    let text = b"pay 100 to Mallory";
    let signer = KeyReference::Key(uses::create(&bench, KeySpec::EccNistP256, KeyUsage::SignVerify).await);
    let sign = |message| Sign {
        key: signer.clone(),
        algorithm: SigningAlgorithm::EcdsaSha256,
        message,
    };
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text);
    let digested = Message::new(material(digest.as_ref()), Some(MessageType::Digest)).unwrap();
    bench.admin(sign(message(text))).await.unwrap();
    bench.admin(sign(digested)).await.unwrap();
    let denied = bench.run(&principal("stranger"), sign(message(text))).await;
    assert_eq!(fault(denied).code(), Code::AccessDenied);

    let algorithm = MacAlgorithm::HmacSha256;
    let key = KeyReference::Key(uses::create(&bench, KeySpec::Hmac256, KeyUsage::GenerateVerifyMac).await);
    let generate = GenerateMac {
        key: key.clone(),
        algorithm,
        message: message(text),
    };
    let mac = bytes(&bench.admin(generate).await.unwrap().mac);
    let verify = |mac: &[u8]| VerifyMac::new(key.clone(), algorithm, message(text), material(mac)).unwrap();
    bench.admin(verify(&mac)).await.unwrap();
    let tried = [7; 32];
    assert_eq!(fault(bench.admin(verify(&tried)).await).code(), Code::KmsInvalidMac);

    let trail = bench.trail_text();
    for secret in [text.as_slice(), digest.as_ref(), &mac, &tried] {
        for form in forms(secret) {
            assert!(!trail.contains(&form), "{form} is on the trail");
        }
    }
    assert!(
        trail.contains("KMSInvalidMacException"),
        "the search finds what is there"
    );
}

/// Two contexts of the largest size in one request still leave a record.
#[tokio::test]
async fn the_largest_request_is_recorded() {
    let bench = Bench::new().await;
    let key = KeyReference::Key(bench.key().await);
    let longest = |filler: &str| context(&[("", &filler.repeat(8_192))]);
    for filler in ["x", "\u{1}", "\u{1f511}"] {
        let (source, destination) = (longest(filler), longest(filler));
        let seal = Encrypt::new(key.clone(), source.clone(), material(b"x")).unwrap();
        let blob = bench.admin(seal).await.unwrap().blob;
        let moving = ReEncrypt::new(None, source, &blob, key.clone(), destination).unwrap();
        bench.admin(moving).await.unwrap();
        assert_eq!(bench.trail().last().unwrap()["eventName"], "ReEncrypt");
    }
}
