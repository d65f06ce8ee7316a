//! What every real module must show, beside the suite that the fake passes too.

use std::time::Instant;

use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeInfo, AttributeType, KeyType, ObjectClass};
use strongroom_base::{Code, KeyMaterialId, KeySpec, KeyUsage, WrappingAlgorithm};
use strongroom_token::{KeyKind, Provenance, TokenFault, Verdict, doctor};

use super::{OwnCase, RealStand, behind_the_back, find, wycheproof};
use crate::conformance::attest::OTHER_KEY;
use crate::conformance::import::{MATERIAL, Wrapping, import};
use crate::conformance::pairs::new_pair;
use crate::conformance::{
    CONFIGURED, KEY_UNUSABLE, PATIENCE, assert_fault, connected, label, message, new_key, opened, run, sealed, soon,
    write_pin,
};

pub(crate) fn all<S: RealStand>() -> [OwnCase<S>; 9] {
    [
        ("no_key_can_be_read", no_key_can_be_read),
        ("a_missing_module_is_named", a_missing_module_is_named),
        (
            "a_module_serves_one_token_at_a_time",
            a_module_serves_one_token_at_a_time,
        ),
        (
            "a_key_that_was_changed_is_withdrawn",
            a_key_that_was_changed_is_withdrawn,
        ),
        (
            "another_key_in_the_place_of_an_imported_one_is_found",
            another_key_in_the_place_of_an_imported_one_is_found,
        ),
        ("the_doctor_sees_what_is_wrong", the_doctor_sees_what_is_wrong),
        ("no_private_key_can_be_read", no_private_key_can_be_read),
        ("wycheproof_vectors", wycheproof::all_vectors),
        ("codes_are_those_of_their_mechanism", codes_are_those_of_their_mechanism),
    ]
}

/// Reads CKA_VALUE of every key object through cryptoki and trusts nothing else.
fn no_key_can_be_read<S: RealStand>(stand: &S) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        for name in ["a", "b", "c"] {
            let key = new_key(&token, settings.installation, name).await;
            sealed(&token, &key, b"used, so that there is a session copy").await;
        }
        let session = behind_the_back::<S>();
        let objects = session.find_objects(&[Attribute::Token(true)]).unwrap();
        assert_eq!(objects.len(), 3);
        for object in objects {
            let value = session.get_attribute_info(object, &[AttributeType::Value]).unwrap();
            assert!(
                matches!(value.as_slice(), [AttributeInfo::Sensitive]),
                "CKA_VALUE of {object}: {value:?}"
            );
            let flags = [
                AttributeType::Extractable,
                AttributeType::Sensitive,
                AttributeType::NeverExtractable,
            ];
            let expected = [
                Attribute::Extractable(false),
                Attribute::Sensitive(true),
                Attribute::NeverExtractable(true),
            ];
            assert_eq!(session.get_attributes(object, &flags).unwrap(), expected);
        }
        drop(session);
        token.stop().await;
    });
}

/// The same for what is secret of keys of other kinds; and nothing is left on the token of a public half or of a shared
/// secret.
fn no_private_key_can_be_read<S: RealStand>(stand: &S) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let kinds = [
            (
                KeySpec::Rsa2048,
                KeyUsage::EncryptDecrypt,
                AttributeType::PrivateExponent,
            ),
            (KeySpec::Rsa2048, KeyUsage::SignVerify, AttributeType::Prime1),
            (KeySpec::EccNistP256, KeyUsage::SignVerify, AttributeType::Value),
            (KeySpec::EccNistEdwards25519, KeyUsage::SignVerify, AttributeType::Value),
            (KeySpec::EccNistP384, KeyUsage::KeyAgreement, AttributeType::Value),
            (KeySpec::Hmac384, KeyUsage::GenerateVerifyMac, AttributeType::Value),
        ];
        let session = behind_the_back::<S>();
        for (spec, usage, secret) in kinds {
            let kind = KeyKind::new(spec, usage).unwrap();
            let pair = new_pair(&token, settings.installation, kind).await;
            if usage == KeyUsage::KeyAgreement {
                let peer = &pair.public_key;
                token.derive_shared_secret(&pair.key, peer, soon()).await.unwrap();
            }
            let object = find(&session, &pair.key.id);
            let value = session.get_attribute_info(object, &[secret]).unwrap();
            assert!(
                matches!(value.as_slice(), [AttributeInfo::Sensitive]),
                "{secret} of {spec}: {value:?}"
            );
            let flags = [AttributeType::Extractable, AttributeType::Sensitive];
            let expected = [Attribute::Extractable(false), Attribute::Sensitive(true)];
            assert_eq!(session.get_attributes(object, &flags).unwrap(), expected);
        }
        let objects = session.find_objects(&[Attribute::Token(true)]).unwrap();
        assert_eq!(objects.len(), kinds.len());
        drop(session);
        token.stop().await;
    });
}

/// Nobody else has the key to make the code with, so the module itself says by which mechanism it verifies, and by which not.
fn codes_are_those_of_their_mechanism<S: RealStand>(stand: &S) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let session = behind_the_back::<S>();
        let kinds = [
            (KeySpec::Hmac224, Mechanism::Sha224Hmac),
            (KeySpec::Hmac256, Mechanism::Sha256Hmac),
            (KeySpec::Hmac384, Mechanism::Sha384Hmac),
            (KeySpec::Hmac512, Mechanism::Sha512Hmac),
        ];
        for (spec, mechanism) in kinds {
            let kind = KeyKind::new(spec, KeyUsage::GenerateVerifyMac).unwrap();
            let key = new_pair(&token, settings.installation, kind).await.key;
            let algorithm = spec.mac_algorithm().unwrap();
            let code = token.mac(&key, algorithm, message(b"message"), soon()).await.unwrap();
            let code = code.reveal_to_wire(<[u8]>::to_vec);
            let object = find(&session, &key.id);
            session.verify(&mechanism, object, b"message", &code).unwrap();
            session.verify(&mechanism, object, b"massage", &code).unwrap_err();
        }
        drop(session);
        token.stop().await;
    });
}

fn a_missing_module_is_named<S: RealStand>(stand: &S) {
    let mut settings = stand.settings();
    for library in ["/no/such/library.so", "/etc/passwd"] {
        settings.library = library.into();
        let fault = stand.start(settings.clone()).err().unwrap();
        let text = fault.to_string();
        assert!(matches!(fault, TokenFault::ModuleMissing { .. }), "{text}");
        assert!(
            text.contains(library) && text.contains("correct `library` in [token]"),
            "{text}"
        );
        assert_fault(fault, Code::Unavailable, CONFIGURED);
    }
}

/// A second user of the module in this process would log the first one out.
fn a_module_serves_one_token_at_a_time<S: RealStand>(stand: &S) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let second = stand.start(settings.clone()).unwrap();
        let fault = second.first_contact().await.unwrap_err();
        assert!(
            fault
                .to_string()
                .contains("C_Initialize answered CKR_CRYPTOKI_ALREADY_INITIALIZED"),
            "{fault}"
        );
        second.stop().await;
        let encrypted = sealed(&token, &key, b"value").await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        token.stop().await;
    });
}

/// A modifiable object can gain usages; whoever gives it one makes it unusable.
fn a_key_that_was_changed_is_withdrawn<S: RealStand>(stand: &S) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        let session = behind_the_back::<S>();
        let object = find(&session, &key.id);
        session.update_attributes(object, &[Attribute::Wrap(true)]).unwrap();
        drop(session);
        let begin = Instant::now();
        while token.status().counts.alarms == 0 {
            assert!(begin.elapsed() < PATIENCE, "nobody has noticed");
            tokio::time::sleep(settings.profile.probe_interval()).await;
        }
        let fault = opened(&token, &key, &encrypted).await.unwrap_err();
        let what = "CKA_WRAP is not as a key made by this service has it".to_owned();
        assert_eq!(fault, TokenFault::KeyDamaged { id: key.id, what });
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        assert_eq!(token.status().counts.alarms, 1);
        token.stop().await;
    });
}

/// Whoever has the PIN makes a key that he knows, with the id, the label and all attributes of an imported one.
fn another_key_in_the_place_of_an_imported_one_is_found<S: RealStand>(stand: &S) {
    run(async {
        let settings = stand.settings();
        let (token, installation) = (connected(stand, settings.clone()).await, settings.installation);
        let wrapping = Wrapping::new(&token, installation, KeySpec::Rsa2048).await;
        let wrapped = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &MATERIAL);
        let id = KeyMaterialId::random().unwrap();
        let key = import(&token, installation, &wrapped, id, None).await.unwrap();
        let recorded = token.inspect(id, soon()).await.unwrap();
        assert_eq!(token.attest(std::slice::from_ref(&key), soon()).await.unwrap(), []);

        let session = behind_the_back::<S>();
        session.destroy_object(find(&session, &id)).unwrap();
        let copyable = settings.profile.session_copies;
        let planted = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::AES),
            Attribute::Value(vec![0x11; 32]),
            Attribute::Id(id.as_bytes().to_vec()),
            Attribute::Label(label(installation, "a").as_str().into()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Sign(false),
            Attribute::Verify(false),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
            Attribute::Derive(false),
            Attribute::Modifiable(copyable),
            Attribute::Copyable(copyable),
        ];
        session.create_object(&planted).unwrap();
        drop(session);
        let told = token.inspect(id, soon()).await.unwrap();
        let length = Some(32);
        assert_eq!(
            Provenance {
                value_len: length,
                ..told
            },
            Provenance {
                value_len: length,
                ..recorded
            },
            "its attributes do not give it away"
        );
        let wrong = token.attest(std::slice::from_ref(&key), soon()).await.unwrap();
        let what = OTHER_KEY.to_owned();
        assert_eq!(wrong, [(id, TokenFault::KeyDamaged { id, what })]);
        assert!(token.status().counts.alarms > 0);
        token.stop().await;
    });
}

fn the_doctor_sees_what_is_wrong<S: RealStand>(stand: &S) {
    let settings = stand.settings();
    let report = doctor(&settings, false);
    assert!(report.is_good(), "{report}");
    let text = report.to_string();
    let mechanisms: Vec<_> = settings.profile.mechanisms.iter().map(|name| name.as_str()).collect();
    assert!(
        text.contains(&format!("ok  mechanisms  {}", mechanisms.join(", "))),
        "{text}"
    );
    let specs = "ok  key specs   SYMMETRIC_DEFAULT, RSA_2048, RSA_3072, RSA_4096, ECC_NIST_P256, ";
    assert!(text.contains(specs), "{text}");
    let variable = settings.profile.configuration_variable.unwrap();
    assert!(text.contains(&format!("ok  environment {variable} is /")), "{text}");
    let settings = stand.settings();
    assert!(
        text.contains("-   objects     not looked at: that needs a login"),
        "{text}"
    );
    let report = doctor(&settings, true);
    let text = "logged in; 0 keys of this installation, 0 of them damaged";
    assert!(report.is_good() && report.to_string().contains(text), "{report}");

    write_pin(&settings, "0000", 0o640);
    let mut wrong = settings.clone();
    wrong.label = "elsewhere".to_owned();
    let report = doctor(&wrong, true);
    let bad: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.verdict == Verdict::Bad)
        .map(|check| check.name)
        .collect();
    assert_eq!(bad, ["PIN file", "token"], "{report}");
    wrong.library = "/no/such/library.so".into();
    assert!(
        doctor(&wrong, true)
            .to_string()
            .starts_with("BAD module      the PKCS#11 library /no/such/library.so")
    );
}
