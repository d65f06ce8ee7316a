//! Material that its owner brings along: prepared by an implementation that is not the token's, unwrapped in the token.

use std::sync::Arc;

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepPublicEncryptingKey, PublicEncryptingKey};
use strongroom_base::{Code, InstallationId, KeyMaterialId, KeySpec, WrappingAlgorithm};
use strongroom_token::{
    Capability, Destroyed, Hallmark, KeyKind, Provenance, Token, TokenFault, TokenKey, WrappedMaterial,
};

use super::{KEY_UNUSABLE, Stand, assert_fault, connected, label, new_key, opened, run, sealed, soon};

pub(super) const ALGORITHMS: [WrappingAlgorithm; 4] = [
    WrappingAlgorithm::RsaesOaepSha1,
    WrappingAlgorithm::RsaesOaepSha256,
    WrappingAlgorithm::RsaAesKeyWrapSha1,
    WrappingAlgorithm::RsaAesKeyWrapSha256,
];
pub(crate) const MATERIAL: [u8; 32] = [0x5a; 32];

/// A wrapping key, and what wraps under it.
pub(crate) struct Wrapping {
    pub(super) id: KeyMaterialId,
    spec: KeySpec,
    public_key: Vec<u8>,
}

impl Wrapping {
    pub(crate) async fn new(token: &Token, installation: InstallationId, spec: KeySpec) -> Self {
        let id = KeyMaterialId::random().unwrap();
        let name = label(installation, "a");
        let public_key = token.create_wrapping_key(id, &name, spec, soon()).await.unwrap();
        Self { id, spec, public_key }
    }

    pub(crate) fn wrap(&self, algorithm: WrappingAlgorithm, material: &[u8]) -> WrappedMaterial {
        self.wrap_as(KeyKind::SYMMETRIC, algorithm, material)
    }

    pub(crate) fn wrap_as(&self, kind: KeyKind, algorithm: WrappingAlgorithm, material: &[u8]) -> WrappedMaterial {
        let encrypted = match algorithm {
            WrappingAlgorithm::RsaesOaepSha1 | WrappingAlgorithm::RsaesOaepSha256 => self.oaep(algorithm, material),
            _ => {
                let key = [0x17; 32];
                let mut space = vec![0; material.len() + 32];
                let kek = AesKek::new(&AES_256, &key).unwrap();
                let wrapped = kek.wrap_with_padding(material, &mut space).unwrap();
                [self.oaep(algorithm, &key), wrapped.to_vec()].concat()
            }
        };
        WrappedMaterial {
            wrapping: self.id,
            spec: self.spec,
            kind,
            algorithm,
            encrypted: encrypted.into(),
        }
    }

    fn oaep(&self, algorithm: WrappingAlgorithm, plaintext: &[u8]) -> Vec<u8> {
        let key = PublicEncryptingKey::from_der(&self.public_key).unwrap();
        let key = OaepPublicEncryptingKey::new(key).unwrap();
        let hash = match algorithm {
            WrappingAlgorithm::RsaesOaepSha1 | WrappingAlgorithm::RsaAesKeyWrapSha1 => &OAEP_SHA1_MGF1SHA1,
            _ => &OAEP_SHA256_MGF1SHA256,
        };
        let mut space = vec![0; key.ciphertext_size()];
        key.encrypt(hash, plaintext, &mut space, None).unwrap().to_vec()
    }
}

/// An imported secret; what the token says of it is as it must be.
pub(crate) async fn import(
    token: &Token,
    installation: InstallationId,
    material: &WrappedMaterial,
    id: KeyMaterialId,
    expected: Option<Hallmark>,
) -> Result<TokenKey, TokenFault> {
    let name = label(installation, "a");
    let created = token.import_key(id, &name, material, expected, soon()).await?;
    let told = &created.provenance;
    let all = Provenance::of_imported(material.kind, told.copyable);
    assert!(told.value_len.is_none() || told.value_len == all.value_len);
    let value_len = told.value_len;
    assert_eq!(
        *told,
        Provenance { value_len, ..all },
        "not every token tells the length"
    );
    assert_eq!(created.public_key, None);
    Ok(TokenKey {
        id,
        kind: material.kind,
        witness: created.witness.map(Arc::new),
    })
}

pub(crate) fn witness(key: &TokenKey) -> (KeyMaterialId, Hallmark) {
    (key.id, hallmark(key))
}

pub(super) fn hallmark(key: &TokenKey) -> Hallmark {
    Hallmark::Witness(key.witness.clone().unwrap())
}

pub(super) fn material_is_imported_by_every_algorithm(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let installation = settings.installation;
        for (algorithm, spec) in
            ALGORITHMS
                .into_iter()
                .zip([KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa2048, KeySpec::Rsa3072])
        {
            let wrapping = Wrapping::new(&token, installation, spec).await;
            let wrapped = wrapping.wrap(algorithm, &MATERIAL);
            if let Err(missing) = token.supports(Capability::Import(KeyKind::SYMMETRIC, algorithm)) {
                let text = format!("{missing}");
                assert!(text.contains("CKM_") && text.contains(algorithm.as_str()), "{text}");
                assert_eq!(token.recognise(&wrapped, vec![], soon()).await.unwrap_err(), missing);
                continue;
            }
            let other = new_key(&token, installation, "other").await;
            let known = |key: &TokenKey| vec![witness(&other), witness(key)];
            assert_eq!(
                token.recognise(&wrapped, vec![witness(&other)], soon()).await.unwrap(),
                None
            );
            let id = KeyMaterialId::random().unwrap();
            let key = import(&token, installation, &wrapped, id, None).await.unwrap();
            let encrypted = sealed(&token, &key, b"value").await;
            assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
            assert_eq!(token.recognise(&wrapped, known(&key), soon()).await.unwrap(), Some(id));

            let name = label(installation, "a");
            assert_eq!(token.destroy_key(id, &name, soon()).await.unwrap(), Destroyed::Done);
            let again = import(&token, installation, &wrapped, id, Some(hallmark(&key)))
                .await
                .unwrap();
            assert_eq!(again.witness, key.witness);
            assert_eq!(
                opened(&token, &again, &encrypted).await.unwrap(),
                b"value",
                "{algorithm}"
            );
        }
        token.stop().await;
    });
}

pub(super) fn material_of_another_length_is_refused(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let wrapping = Wrapping::new(&token, settings.installation, KeySpec::Rsa2048).await;
        for length in [16, 24, 31, 33, 64] {
            let wrapped = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &vec![7; length]);
            let id = KeyMaterialId::random().unwrap();
            for fault in [
                token.recognise(&wrapped, vec![], soon()).await.unwrap_err(),
                import(&token, settings.installation, &wrapped, id, None)
                    .await
                    .unwrap_err(),
            ] {
                // Some tokens refuse such an AES key themselves.
                match fault {
                    TokenFault::MaterialLength { expected: 32 } => assert_fault(
                        fault,
                        Code::IncorrectKeyMaterial,
                        "The key material does not have the length that the key spec requires.",
                    ),
                    other => assert_fault(
                        other,
                        Code::InvalidCiphertext,
                        "The encrypted key material could not be decrypted.",
                    ),
                }
            }
        }
        assert_eq!(token.objects(soon()).await.unwrap().len(), 1, "the wrapping key");
        token.stop().await;
    });
}

pub(super) fn what_does_not_unwrap_is_refused(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let wrapping = Wrapping::new(&token, settings.installation, KeySpec::Rsa2048).await;
        let other = Wrapping::new(&token, settings.installation, KeySpec::Rsa2048).await;
        for algorithm in [WrappingAlgorithm::RsaesOaepSha1, WrappingAlgorithm::RsaAesKeyWrapSha1] {
            if token
                .supports(Capability::Import(KeyKind::SYMMETRIC, algorithm))
                .is_err()
            {
                continue;
            }
            let good = wrapping.wrap(algorithm, &MATERIAL);
            let mut flipped = good.encrypted.to_vec();
            *flipped.last_mut().unwrap() ^= 1;
            let under_other = other.wrap(algorithm, &MATERIAL).encrypted;
            let short = good.encrypted[..good.encrypted.len() - 1].to_vec();
            for encrypted in [flipped.into(), under_other, short.into(), Box::from([1_u8; 8])] {
                let wrapped = WrappedMaterial {
                    encrypted,
                    ..good.clone()
                };
                assert_fault(
                    token.recognise(&wrapped, vec![], soon()).await.unwrap_err(),
                    Code::InvalidCiphertext,
                    "The encrypted key material could not be decrypted.",
                );
            }
        }
        assert_eq!(token.objects(soon()).await.unwrap().len(), 2, "the wrapping keys");
        assert_eq!(token.status().counts.alarms, 0);
        token.stop().await;
    });
}

pub(super) fn other_material_does_not_take_a_materials_place(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let wrapping = Wrapping::new(&token, settings.installation, KeySpec::Rsa2048).await;
        let key = new_key(&token, settings.installation, "b").await;
        let wrapped = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &MATERIAL);
        let id = KeyMaterialId::random().unwrap();
        let fault = import(&token, settings.installation, &wrapped, id, Some(hallmark(&key))).await;
        assert_fault(
            fault.unwrap_err(),
            Code::IncorrectKeyMaterial,
            "The key material is not the same as the key material that was imported before.",
        );
        let left: Vec<_> = token.objects(soon()).await.unwrap();
        assert!(left.iter().all(|object| object.id != id) && left.len() == 2);
        // The id is free again.
        import(&token, settings.installation, &wrapped, id, None).await.unwrap();
        token.stop().await;
    });
}

pub(super) fn wrapping_keys_and_imported_keys_survive_a_restart(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let wrapping = Wrapping::new(&token, settings.installation, KeySpec::Rsa2048).await;
        let wrapped = wrapping.wrap(WrappingAlgorithm::RsaesOaepSha1, &MATERIAL);
        let id = KeyMaterialId::random().unwrap();
        let key = import(&token, settings.installation, &wrapped, id, None).await.unwrap();
        let encrypted = sealed(&token, &key, b"value").await;
        token.stop().await;

        let token = connected(stand, settings.clone()).await;
        assert_fault(
            opened(&token, &key, &encrypted).await.unwrap_err(),
            Code::KeyUnavailable,
            KEY_UNUSABLE,
        );
        token.expect_imported([id]);
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        let found = token.recognise(&wrapped, vec![witness(&key)], soon()).await;
        assert_eq!(found.unwrap(), Some(id));

        let objects = token.objects(soon()).await.unwrap();
        let of = |id| {
            objects
                .iter()
                .find(|object| object.id == id)
                .unwrap()
                .provenance
                .clone()
        };
        assert_eq!(of(wrapping.id), Err("it is a wrapping key".to_owned()));
        assert!(!of(id).unwrap().local);
        let not_a_key = TokenKey {
            id: wrapping.id,
            ..key.clone()
        };
        assert_fault(
            opened(&token, &not_a_key, &encrypted).await.unwrap_err(),
            Code::KeyUnavailable,
            KEY_UNUSABLE,
        );
        let name = label(settings.installation, "a");
        assert_eq!(
            token.destroy_key(wrapping.id, &name, soon()).await.unwrap(),
            Destroyed::Done
        );
        let gone = token.recognise(&wrapped, vec![], soon()).await.unwrap_err();
        assert_eq!(gone, TokenFault::KeyMissing { id: wrapping.id });
        token.stop().await;
    });
}
