use cryptoki::object::{Attribute, AttributeType};
use strongroom_base::{InstallationId, KeyMaterialId, KeySpec, KeyUsage};

use super::{derived, message_key, pair, secret, session_base_key};
use crate::kind::KeyKind;
use crate::label::ObjectLabel;
use crate::module::{KeyTemplate, Lifetime, MessageKeyUse, Purpose, UnwrapTemplate, WrappingTemplate};
use crate::pkcs11::import::{private_template, public_template, unwrap_template};
use crate::suite::Suite;

/// What PKCS#11 lets an object of a class be used for, and what it says of every object.
const OF_ALL: [AttributeType; 4] = [
    AttributeType::Token,
    AttributeType::Private,
    AttributeType::Modifiable,
    AttributeType::Copyable,
];
const OF_SECRET_KEYS: [AttributeType; 9] = [
    AttributeType::Sensitive,
    AttributeType::Extractable,
    AttributeType::Encrypt,
    AttributeType::Decrypt,
    AttributeType::Sign,
    AttributeType::Verify,
    AttributeType::Wrap,
    AttributeType::Unwrap,
    AttributeType::Derive,
];
const OF_PRIVATE_KEYS: [AttributeType; 7] = [
    AttributeType::Sensitive,
    AttributeType::Extractable,
    AttributeType::Decrypt,
    AttributeType::Sign,
    AttributeType::SignRecover,
    AttributeType::Unwrap,
    AttributeType::Derive,
];
const OF_PUBLIC_KEYS: [AttributeType; 5] = [
    AttributeType::Encrypt,
    AttributeType::Verify,
    AttributeType::VerifyRecover,
    AttributeType::Wrap,
    AttributeType::Derive,
];

/// Every flag is there, once.
fn assert_told(name: &str, template: &[Attribute], flags: &[AttributeType]) {
    for flag in OF_ALL.iter().chain(flags) {
        let told = template
            .iter()
            .filter(|attribute| attribute.attribute_type() == *flag)
            .count();
        assert_eq!(told, 1, "{flag} of {name}");
    }
}

fn with_label<R>(work: impl FnOnce(KeyMaterialId, &ObjectLabel) -> R) -> R {
    let label = ObjectLabel::new(InstallationId::from_bytes([7; 16]), "a", "b").unwrap();
    work(KeyMaterialId::from_bytes([1; KeyMaterialId::BYTES]), &label)
}

#[test]
fn secret_keys_leave_nothing_to_the_module() {
    let mac = KeyKind::new(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac).unwrap();
    for kind in [KeyKind::SYMMETRIC, KeyKind::symmetric(Suite::Derived), mac] {
        let (_, template) = with_label(|id, label| {
            secret(&KeyTemplate {
                id,
                label,
                kind,
                copyable: true,
            })
        })
        .unwrap();
        assert_told("a secret key", &template, &OF_SECRET_KEYS);
    }
    assert_told("a base key", &session_base_key(), &OF_SECRET_KEYS);
    for usage in [MessageKeyUse::Encrypt, MessageKeyUse::Decrypt] {
        assert_told("a message key", &message_key(usage), &OF_SECRET_KEYS);
    }
    assert_told("a shared secret", &derived(32), &OF_SECRET_KEYS);
}

#[test]
fn key_pairs_leave_nothing_to_the_module() {
    for (spec, usage) in [
        (KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
        (KeySpec::Rsa2048, KeyUsage::SignVerify),
        (KeySpec::EccNistP256, KeyUsage::KeyAgreement),
        (KeySpec::EccNistEdwards25519, KeyUsage::SignVerify),
        (KeySpec::MlDsa44, KeyUsage::SignVerify),
        (KeySpec::MlKem512, KeyUsage::EncapsulateDecapsulate),
    ] {
        let kind = KeyKind::new(spec, usage).unwrap();
        let (_, public, private) = with_label(|id, label| {
            pair(&KeyTemplate {
                id,
                label,
                kind,
                copyable: false,
            })
        })
        .unwrap();
        assert_told("a public key", &public, &OF_PUBLIC_KEYS);
        assert_told("a private key", &private, &OF_PRIVATE_KEYS);
    }
}

#[test]
fn a_wrapping_key_unwraps_and_does_nothing_else() {
    let private = with_label(|id, label| {
        private_template(&WrappingTemplate {
            id,
            label,
            spec: KeySpec::Rsa2048,
        })
    });
    assert_told("a wrapping key", &private, &OF_PRIVATE_KEYS);
    assert_told("its public half", &public_template(2_048), &OF_PUBLIC_KEYS);
    assert!(private.contains(&Attribute::Unwrap(true)));
    for flag in [
        Attribute::Decrypt(false),
        Attribute::Sign(false),
        Attribute::SignRecover(false),
        Attribute::Derive(false),
        Attribute::Copyable(false),
    ] {
        assert!(private.contains(&flag), "{flag:?}");
    }
}

#[test]
fn what_is_unwrapped_leaves_nothing_to_the_module() {
    let of = |spec, usage| KeyKind::new(spec, usage).unwrap();
    let secrets = [KeyKind::SYMMETRIC, of(KeySpec::Hmac384, KeyUsage::GenerateVerifyMac)];
    let private = [
        of(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
        of(KeySpec::Rsa3072, KeyUsage::SignVerify),
        of(KeySpec::EccNistP256, KeyUsage::KeyAgreement),
        of(KeySpec::EccSecgP256K1, KeyUsage::SignVerify),
    ];
    with_label(|id, label| {
        let kept = |kind| Lifetime::Token {
            id,
            label,
            kind,
            copyable: false,
        };
        let told = |lifetime, expected: &[AttributeType]| {
            let template = unwrap_template(&UnwrapTemplate { lifetime });
            assert_told("an unwrapped key", &template, expected);
            template
        };
        for purpose in [Purpose::Unwrap, Purpose::Open] {
            told(Lifetime::Session(purpose), &OF_SECRET_KEYS);
        }
        for kind in secrets {
            told(Lifetime::Session(Purpose::Try(kind)), &OF_SECRET_KEYS);
            told(kept(kind), &OF_SECRET_KEYS);
        }
        for kind in private {
            let tried = told(Lifetime::Session(Purpose::Try(kind)), &OF_PRIVATE_KEYS);
            assert!(tried.contains(&Attribute::Sign(true)) && tried.contains(&Attribute::Decrypt(false)));
            let kept = told(kept(kind), &OF_PRIVATE_KEYS);
            assert!(kept.contains(&Attribute::Sign(kind.usage() == KeyUsage::SignVerify)));
            assert!(kept.contains(&Attribute::Decrypt(kind.usage() == KeyUsage::EncryptDecrypt)));
            assert!(kept.contains(&Attribute::Derive(kind.usage() == KeyUsage::KeyAgreement)));
        }
    });
}
