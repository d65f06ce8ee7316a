//! Whether objects are the keys that were made under their ids: their witnesses say so, to the token's own handles.

use strongroom_base::{KeyMaterialId, KeySpec, KeyUsage, WrappingAlgorithm};
use strongroom_token::{KeyKind, TokenFault, TokenKey};

use super::import::{MATERIAL, Wrapping, import};
use super::pairs::new_pair;
use super::{Stand, connected, new_key, run, soon};

pub(crate) const OTHER_KEY: &str = "it does not open the witness of the key that was made under this id: another object may have been put in its place";

const OTHER_PAIR: &str = "it is not the private key to the public key of the pair that was made under this id: another object may have been put in its place";

pub(super) fn keys_open_their_own_witnesses_and_no_others(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let (token, installation) = (connected(stand, settings.clone()).await, settings.installation);
        let wrapping = Wrapping::new(&token, installation, KeySpec::Rsa2048).await;
        let wrapped = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &MATERIAL);
        let id = KeyMaterialId::random().unwrap();
        let imported = import(&token, installation, &wrapped, id, None).await.unwrap();
        let (made, other) = (
            new_key(&token, installation, "a").await,
            new_key(&token, installation, "b").await,
        );
        token.set_sentinel(other.clone());
        let keys = [made.clone(), imported.clone(), other.clone()];
        assert_eq!(token.attest(&keys, soon()).await.unwrap(), []);

        // Another key's witness does not open, and is nothing that a token that is away would do.
        let crossed = |key: &TokenKey| TokenKey {
            witness: other.witness.clone(),
            ..key.clone()
        };
        let damaged = |id| {
            let what = OTHER_KEY.to_owned();
            (id, TokenFault::KeyDamaged { id, what })
        };
        let wrong = token
            .attest(&[crossed(&made), other.clone(), crossed(&imported)], soon())
            .await;
        assert_eq!(wrong.unwrap(), [damaged(made.id), damaged(imported.id)]);
        assert_eq!(token.status().counts.alarms, 2);

        // What has no witness is left out.
        let without = TokenKey {
            witness: None,
            ..made.clone()
        };
        assert_eq!(token.attest(&[without, made.clone()], soon()).await.unwrap(), []);

        // It is asked of the token and not of a copy: what is gone is missing, whether the map knows it or not.
        stand.delete_object(&made.id);
        let unknown = TokenKey {
            id: KeyMaterialId::random().unwrap(),
            ..made.clone()
        };
        let missing = |id| (id, TokenFault::KeyMissing { id });
        let wrong = token
            .attest(&[made.clone(), unknown.clone(), other.clone()], soon())
            .await;
        assert_eq!(wrong.unwrap(), [missing(made.id), missing(unknown.id)]);
        token.stop().await;

        let token = connected(stand, settings).await;
        let wrong = token.attest(&[made.clone(), imported, other], soon()).await;
        assert_eq!(wrong.unwrap(), [missing(made.id)]);
        token.stop().await;
    });
}

/// A key for codes is known by one of its codes, and a pair by its public half, whatever it is for.
pub(super) fn keys_of_every_kind_are_told_from_others(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let (token, installation) = (connected(stand, settings.clone()).await, settings.installation);
        token.set_sentinel(new_key(&token, installation, "root").await);
        let mac = KeyKind::new(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac).unwrap();
        let (made, other) = (
            new_pair(&token, installation, mac).await.key,
            new_pair(&token, installation, mac).await.key,
        );
        let keys = [made.clone(), other.clone()];
        assert_eq!(token.attest(&keys, soon()).await.unwrap(), []);
        let crossed = TokenKey {
            witness: other.witness,
            ..made.clone()
        };
        let wrong = token.attest(&[crossed], soon()).await.unwrap();
        let what = OTHER_KEY.to_owned();
        assert_eq!(wrong, [(made.id, TokenFault::KeyDamaged { id: made.id, what })]);

        for (spec, usage) in [
            (KeySpec::Rsa2048, KeyUsage::SignVerify),
            (KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
            (KeySpec::EccNistP256, KeyUsage::SignVerify),
            (KeySpec::EccNistP256, KeyUsage::KeyAgreement),
        ] {
            let kind = KeyKind::new(spec, usage).unwrap();
            let (made, other) = (
                new_pair(&token, installation, kind).await,
                new_pair(&token, installation, kind).await,
            );
            let id = made.key.id;
            let own = token.attest_pair(&made.key, &made.public_key, soon()).await;
            assert_eq!(own.unwrap(), [], "{spec} {usage}");
            let crossed = token.attest_pair(&made.key, &other.public_key, soon()).await;
            let what = OTHER_PAIR.to_owned();
            assert_eq!(
                crossed.unwrap(),
                [(id, TokenFault::KeyDamaged { id, what })],
                "{spec} {usage}"
            );
            stand.delete_object(&id);
            let gone = token.attest_pair(&made.key, &made.public_key, soon()).await;
            assert_eq!(gone.unwrap(), [(id, TokenFault::KeyMissing { id })], "{spec} {usage}");
        }
        token.stop().await;
    });
}
