//! What only this token can show: that message keys are what the documentation says, and signatures those of Ed25519ph.

use std::num::NonZeroUsize;

use aws_lc_rs::hmac;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::mechanism::kbkdf::{
    Endianness, KbkdfCounterFormat, KbkdfDkmLengthFormat, KbkdfDkmLengthMethod, KbkdfParams, PrfDataParam,
    PrfDataParamType,
};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use data_encoding::HEXLOWER;
use strongroom_base::{KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_material::Material;
use strongroom_token::{KeyKind, SigningInput, Suite};

use crate::conformance::{AAD, Stand, connected, new_key, new_key_of, run, sealed, soon};
use crate::real::{OwnCase, behind_the_back, find};
use crate::stand::Kryoptic;

pub(crate) const OWN_CASES: &[OwnCase<Kryoptic>] = &[
    ("message_keys_are_sp_800_108", message_keys_are_sp_800_108),
    ("a_base_key_does_nothing_but_derive", a_base_key_does_nothing_but_derive),
    ("ed25519ph_is_rfc_8032", ed25519ph_is_rfc_8032),
];

/// The fixed input of `docs/formats.md`, between counter and length.
fn fixed_input(salt: &[u8], material: &[u8]) -> Vec<u8> {
    [b"strongroom/message-key/1\0".as_slice(), salt, material].concat()
}

/// C_DeriveKey as `docs/formats.md` says, without a line of the crate under test.
fn derive(session: &Session, base: ObjectHandle, input: &[u8], more: &[Attribute]) -> ObjectHandle {
    let bits = NonZeroUsize::new(32).unwrap();
    let counter = KbkdfCounterFormat::new(Endianness::Big, bits);
    let length = KbkdfDkmLengthFormat::new(KbkdfDkmLengthMethod::SumOfKeys, Endianness::Big, bits);
    let parts = [
        PrfDataParam::new(PrfDataParamType::IterationVariable(Some(&counter))),
        PrfDataParam::new(PrfDataParamType::ByteArray(input)),
        PrfDataParam::new(PrfDataParamType::DkmLength(&length)),
    ];
    let mechanism = Mechanism::KbkdfCounter(KbkdfParams::new(MechanismType::SHA256_HMAC, &parts, None));
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::ValueLen(32.into()),
        Attribute::Token(false),
    ];
    session
        .derive_key(&mechanism, base, &[template.as_slice(), more].concat())
        .unwrap()
}

/// From a known key the token derives what HMAC-SHA-256 outside gives; and what the service encrypted opens under a key
/// that was derived by the documentation alone.
fn message_keys_are_sp_800_108(stand: &Kryoptic) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        assert_eq!(token.suite().unwrap(), Suite::Derived);
        let session = behind_the_back::<Kryoptic>();

        let known = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Token(false),
            Attribute::Derive(true),
            Attribute::Value(vec![7; 32]),
        ];
        let base = session.create_object(&known).unwrap();
        let input = fixed_input(&[1; 16], &[9; 32]);
        let open = [Attribute::Sensitive(false), Attribute::Extractable(true)];
        let key = derive(&session, base, &input, &open);
        let value = session.get_attributes(key, &[AttributeType::Value]).unwrap();
        let message = [&1_u32.to_be_bytes(), input.as_slice(), &256_u32.to_be_bytes()].concat();
        let expected = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]), &message);
        assert_eq!(value, [Attribute::Value(expected.as_ref().to_vec())]);

        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        let (salt, ciphertext) = encrypted.ciphertext.split_at(16);
        let input = fixed_input(salt, key.id.as_bytes());
        let derived = derive(&session, find(&session, &key.id), &input, &[Attribute::Decrypt(true)]);
        let mut nonce = *encrypted.nonce.as_bytes();
        let gcm = Mechanism::AesGcm(GcmParams::new(&mut nonce, AAD, 128.into()).unwrap());
        assert_eq!(session.decrypt(&gcm, derived, ciphertext).unwrap(), b"value");
        drop(session);
        token.stop().await;
    });
}

fn a_base_key_does_nothing_but_derive(stand: &Kryoptic) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let session = behind_the_back::<Kryoptic>();
        let base = find(&session, &key.id);
        let mut nonce = [0; 12];
        let gcm = Mechanism::AesGcm(GcmParams::new(&mut nonce, AAD, 128.into()).unwrap());
        session.encrypt(&gcm, base, b"x").unwrap_err();
        session.sign(&Mechanism::Sha256Hmac, base, b"x").unwrap_err();
        drop(session);
        token.stop().await;
    });
}

/// The vector of RFC 8032 section 7.3: private key and signature; the message is "abc".
const RFC_8032: [&str; 2] = [
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
    "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a\
     26083406",
];

/// The module makes the printed signature; and what the service signs is what the same mechanism makes of it.
fn ed25519ph_is_rfc_8032(stand: &Kryoptic) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let session = behind_the_back::<Kryoptic>();
        let prehashed = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519ph(&[])));
        let [private, printed] = RFC_8032.map(|text| HEXLOWER.decode(text.as_bytes()).unwrap());
        let known = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::KeyType(KeyType::EC_EDWARDS),
            Attribute::Token(false),
            Attribute::Sign(true),
            Attribute::EcParams(b"\x13\x0cedwards25519".to_vec()),
            Attribute::Value(private),
        ];
        let known = session.create_object(&known).unwrap();
        assert_eq!(session.sign(&prehashed, known, b"abc").unwrap(), printed);

        let kind = KeyKind::new(KeySpec::EccNistEdwards25519, KeyUsage::SignVerify).unwrap();
        let key = new_key_of(&token, settings.installation, "a", kind).await;
        let (algorithm, digest) = (SigningAlgorithm::Ed25519PhSha512, [7; 64]);
        let signed = token
            .sign(
                &key,
                algorithm,
                SigningInput::Digest(Material::take(digest.to_vec())),
                soon(),
            )
            .await
            .unwrap();
        let again = session.sign(&prehashed, find(&session, &key.id), &digest).unwrap();
        assert_eq!(*signed, *again);
        drop(session);
        token.stop().await;
    });
}
