//! What only a token that derives can show: that message keys are what the documentation says.

use std::num::NonZeroUsize;

use aws_lc_rs::hmac;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::mechanism::kbkdf::{
    Endianness, KbkdfCounterFormat, KbkdfDkmLengthFormat, KbkdfDkmLengthMethod, KbkdfParams, PrfDataParam,
    PrfDataParamType,
};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use strongroom_token::Suite;

use crate::conformance::{AAD, Stand, connected, new_key, run, sealed};
use crate::real::{OwnCase, behind_the_back, find};
use crate::stand::Kryoptic;

pub(crate) const OWN_CASES: &[OwnCase<Kryoptic>] = &[
    ("message_keys_are_sp_800_108", message_keys_are_sp_800_108),
    ("a_base_key_does_nothing_but_derive", a_base_key_does_nothing_but_derive),
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
