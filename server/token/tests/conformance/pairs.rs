//! Keys of every kind: their life.

use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom_base::{Code, InstallationId, KeyMaterialId, KeySpec, KeyUsage, MacAlgorithm, SigningAlgorithm};
use strongroom_token::{Capability, Destroyed, Health, KeyKind, Provenance, SigningInput, Token, TokenFault, TokenKey};

use super::{
    AWAY, KEY_UNUSABLE, PATIENCE, Stand, assert_fault, becomes, becomes_usable, connected, label, message, new_key,
    run, soon,
};

/// A key of any kind, with the public half of a pair.
pub(crate) struct Pair {
    pub(crate) key: TokenKey,
    pub(crate) public_key: Box<[u8]>,
}

pub(crate) async fn new_pair(token: &Token, installation: InstallationId, kind: KeyKind) -> Pair {
    let id = KeyMaterialId::random().unwrap();
    let name = label(installation, kind.spec().as_str());
    let created = token.create_key(id, &name, kind, soon()).await.unwrap();
    assert_eq!(created.public_key.is_some(), kind.spec().is_asymmetric());
    let has_witness = matches!(kind.usage(), KeyUsage::EncryptDecrypt | KeyUsage::GenerateVerifyMac);
    assert_eq!(created.witness.is_some(), has_witness);
    Pair {
        key: TokenKey {
            id,
            kind,
            witness: created.witness.map(Arc::new),
        },
        public_key: created.public_key.unwrap_or_default(),
    }
}

/// What the token has of keys for `usage`, key pairs only; the longest RSA keys take a test too long to make.
pub(super) fn kinds(token: &Token, usage: KeyUsage) -> Vec<KeyKind> {
    let wanted = |kind: &KeyKind| {
        kind.usage() == usage && kind.spec().is_asymmetric() && kind.spec() != KeySpec::Rsa4096 && has(token, *kind)
    };
    KeyKind::all().filter(wanted).collect()
}

/// Whether to try this kind. The fake makes long RSA keys as slowly as anybody, and they show nothing there.
fn has(token: &Token, kind: KeyKind) -> bool {
    let is_long = matches!(kind.spec(), KeySpec::Rsa3072 | KeySpec::Rsa4096);
    let is_fake = token.status().profile.starts_with("fake");
    token.supports(Capability::Key(kind)).is_ok() && !(is_long && is_fake)
}

async fn signs(token: &Token, key: &TokenKey) -> Result<Box<[u8]>, TokenFault> {
    let algorithm = SigningAlgorithm::EcdsaSha256;
    token
        .sign(key, algorithm, SigningInput::Message(message(b"message")), soon())
        .await
}

fn signer() -> KeyKind {
    KeyKind::new(KeySpec::EccNistP256, KeyUsage::SignVerify).unwrap()
}

/// Every kind, read back attribute for attribute, with and without session copies.
pub(super) fn keys_of_every_kind_are_as_expected(stand: &dyn Stand) {
    run(async {
        for copies in [true, false] {
            let mut settings = stand.settings();
            settings.profile.session_copies = copies;
            let token = connected(stand, settings.clone()).await;
            let mut ids = Vec::new();
            for kind in KeyKind::all().filter(|kind| has(&token, *kind)) {
                if matches!(kind.spec(), KeySpec::Rsa3072 | KeySpec::Rsa4096) && copies {
                    continue;
                }
                let key = new_pair(&token, settings.installation, kind).await.key;
                let found = token.inspect(key.id, soon()).await.unwrap();
                assert_eq!(found, Provenance::of_generated(kind, copies), "{kind:?}");
                ids.push((key.id, kind));
            }
            token.stop().await;

            // Another connection finds each of them, once, and as it was.
            let token = connected(stand, settings.clone()).await;
            let objects = token.objects(soon()).await.unwrap();
            assert_eq!((objects.len(), token.status().keys), (ids.len(), ids.len()));
            for (id, kind) in ids {
                let object = objects.iter().find(|object| object.id == id).unwrap();
                assert_eq!(object.provenance, Ok(Provenance::of_generated(kind, copies)));
                let name = label(settings.installation, kind.spec().as_str());
                assert_eq!(token.destroy_key(id, &name, soon()).await.unwrap(), Destroyed::Done);
            }
            assert!(token.objects(soon()).await.unwrap().is_empty());
            token.stop().await;
        }
    });
}

/// The public half is told once; whoever asks again is refused, and the key goes on working.
pub(super) fn a_key_pair_is_made_once(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_pair(&token, settings.installation, signer()).await.key;
        let name = label(settings.installation, signer().spec().as_str());
        let fault = token.create_key(key.id, &name, signer(), soon()).await.unwrap_err();
        assert!(
            matches!(&fault, TokenFault::KeyDamaged { what, .. } if what.contains("public half")),
            "{fault}"
        );
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        let fault = token
            .create_key(key.id, &name, KeyKind::SYMMETRIC, soon())
            .await
            .unwrap_err();
        assert!(
            matches!(&fault, TokenFault::KeyDamaged { what, .. } if what.contains("another kind")),
            "{fault}"
        );
        signs(&token, &key).await.unwrap();
        token.stop().await;
    });
}

pub(super) fn a_key_pair_survives_a_restart_and_is_destroyed(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_pair(&token, settings.installation, signer()).await.key;
        signs(&token, &key).await.unwrap();
        token.stop().await;
        assert_fault(signs(&token, &key).await.unwrap_err(), Code::Unavailable, AWAY);

        let token = connected(stand, settings.clone()).await;
        signs(&token, &key).await.unwrap();
        let copies = token.status().counts.copies;
        token.forget(key.id);
        signs(&token, &key).await.unwrap();
        assert_eq!(
            token.status().counts.copies,
            copies + u64::from(settings.profile.session_copies)
        );
        let name = label(settings.installation, signer().spec().as_str());
        assert_eq!(token.destroy_key(key.id, &name, soon()).await.unwrap(), Destroyed::Done);
        assert_fault(
            signs(&token, &key).await.unwrap_err(),
            Code::KeyUnavailable,
            KEY_UNUSABLE,
        );
        assert_eq!(
            token.destroy_key(key.id, &name, soon()).await.unwrap(),
            Destroyed::WasAbsent
        );
        token.stop().await;
    });
}

/// Nobody else has the key to make the code with: codes of one key and message agree, and no others do.
pub(super) fn message_authentication_codes_hold(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        for algorithm in MacAlgorithm::ALL {
            let of_algorithm = |kind: &KeyKind| kind.spec().mac_algorithm() == Some(*algorithm);
            let kind = KeyKind::all().find(of_algorithm).unwrap();
            let key = new_pair(&token, settings.installation, kind).await.key;
            let other = new_pair(&token, settings.installation, kind).await.key;
            let made = async |key: &TokenKey, text: &[u8]| {
                let mac = token.mac(key, *algorithm, message(text), soon()).await.unwrap();
                mac.reveal_to_wire(<[u8]>::to_vec)
            };
            let first = made(&key, b"message").await;
            assert_eq!(first.len(), algorithm.bytes());
            assert_eq!(made(&key, b"message").await, first);
            assert_ne!(made(&key, b"massage").await, first);
            assert_ne!(made(&other, b"message").await, first);
            assert_eq!(made(&key, &[7; 4_096]).await.len(), algorithm.bytes());
        }
        let kind = KeyKind::new(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac).unwrap();
        let key = new_pair(&token, settings.installation, kind).await.key;
        let fault = token
            .mac(&key, MacAlgorithm::HmacSha512, message(b"message"), soon())
            .await;
        let text = "The service asked the HSM for something that it must not.";
        assert_fault(fault.err().unwrap(), Code::Internal, text);
        token.stop().await;
    });
}

/// As for symmetric keys: a session copy does not notice, the look at the keys in turn does.
pub(super) fn a_private_key_that_somebody_destroyed(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let root = new_key(&token, settings.installation, "root").await;
        token.set_sentinel(root);
        let key = new_pair(&token, settings.installation, signer()).await.key;
        signs(&token, &key).await.unwrap();
        stand.delete_object(&key.id);
        let begin = Instant::now();
        let fault = loop {
            match signs(&token, &key).await {
                Ok(_) => assert!(begin.elapsed() < PATIENCE, "nobody notices"),
                Err(fault) => break fault,
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        assert_eq!(fault, TokenFault::KeyMissing { id: key.id });
        assert_eq!(*token.health().borrow(), Health::Usable);
        token.stop().await;
    });
}

pub(super) fn private_keys_go_and_come_back_with_the_token(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let root = new_key(&token, settings.installation, "root").await;
        token.set_sentinel(root);
        let key = new_pair(&token, settings.installation, signer()).await.key;
        signs(&token, &key).await.unwrap();
        stand.take_away();
        becomes(&token, |health| *health != Health::Usable).await;
        assert_fault(signs(&token, &key).await.unwrap_err(), Code::Unavailable, AWAY);
        stand.bring_back();
        becomes_usable(&token).await;
        signs(&token, &key).await.unwrap();
        token.stop().await;
    });
}
