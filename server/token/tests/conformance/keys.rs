//! Making, finding and destroying keys.

use std::sync::Arc;

use strongroom_base::{Code, KeyMaterialId};
use strongroom_token::{Destroyed, KeyKind, ObjectSummary, Provenance, TokenFault, TokenKey};

use super::{AWAY, KEY_UNUSABLE, Stand, assert_fault, connected, label, new_key, opened, run, sealed, soon};

pub(super) fn creation_is_idempotent(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let id = KeyMaterialId::random().unwrap();
        let name = label(settings.installation, "a");
        let first = token.create_key(id, &name, KeyKind::SYMMETRIC, soon()).await.unwrap();
        let second = token.create_key(id, &name, KeyKind::SYMMETRIC, soon()).await.unwrap();
        assert_eq!(first.provenance, second.provenance);
        assert_eq!(token.objects(soon()).await.unwrap().len(), 1);

        // Either witness is the same key's.
        let key = TokenKey {
            id,
            kind: KeyKind::SYMMETRIC,
            witness: first.witness.map(Arc::new),
        };
        let again = TokenKey {
            id,
            kind: KeyKind::SYMMETRIC,
            witness: second.witness.map(Arc::new),
        };
        let encrypted = sealed(&token, &key, b"value").await;
        assert_eq!(opened(&token, &again, &encrypted).await.unwrap(), b"value");

        let other = label(settings.installation, "b");
        let fault = token
            .create_key(id, &other, KeyKind::SYMMETRIC, soon())
            .await
            .unwrap_err();
        assert!(matches!(&fault, TokenFault::LabelDiffers { expected, .. } if *expected == other.to_string()));
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        token.stop().await;
    });
}

pub(super) fn destruction_is_idempotent(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let kept = new_key(&token, settings.installation, "b").await;
        let encrypted = sealed(&token, &key, b"value").await;
        let name = label(settings.installation, "a");

        let fault = token
            .destroy_key(key.id, &label(settings.installation, "b"), soon())
            .await
            .unwrap_err();
        assert!(matches!(fault, TokenFault::LabelDiffers { .. }), "{fault}");
        assert_eq!(
            opened(&token, &key, &encrypted).await.unwrap(),
            b"value",
            "a refusal leaves the key alone"
        );

        assert_eq!(token.destroy_key(key.id, &name, soon()).await.unwrap(), Destroyed::Done);
        assert_fault(
            opened(&token, &key, &encrypted).await.unwrap_err(),
            Code::KeyUnavailable,
            KEY_UNUSABLE,
        );
        assert_eq!(
            token.destroy_key(key.id, &name, soon()).await.unwrap(),
            Destroyed::WasAbsent
        );
        let left: Vec<_> = token
            .objects(soon())
            .await
            .unwrap()
            .into_iter()
            .map(|object| object.id)
            .collect();
        assert_eq!(left, [kept.id]);
        assert_eq!(token.status().keys, 1);
        token.stop().await;
    });
}

pub(super) fn keys_survive_a_restart(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        token.stop().await;
        assert_fault(
            opened(&token, &key, &encrypted).await.unwrap_err(),
            Code::Unavailable,
            AWAY,
        );

        let token = connected(stand, settings).await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        assert_eq!(token.status().counts.logins, 1);
        token.stop().await;
    });
}

pub(super) fn provenance_is_as_expected(stand: &dyn Stand) {
    run(async {
        for copies in [true, false] {
            let mut settings = stand.settings();
            settings.profile.session_copies = copies;
            let token = connected(stand, settings.clone()).await;
            let id = KeyMaterialId::random().unwrap();
            let name = label(settings.installation, "a");
            let kind = KeyKind::symmetric(token.suite().unwrap());
            let created = token.create_key(id, &name, kind, soon()).await.unwrap();
            assert_eq!(created.provenance, Provenance::of_generated(kind, copies));
            assert_eq!(token.inspect(id, soon()).await.unwrap(), created.provenance);
            let expected = ObjectSummary {
                id,
                label: name.clone(),
                provenance: Ok(created.provenance),
            };
            assert_eq!(token.objects(soon()).await.unwrap(), [expected]);

            let key = TokenKey {
                id,
                kind,
                witness: created.witness.map(Arc::new),
            };
            let encrypted = sealed(&token, &key, b"value").await;
            assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
            assert_eq!(token.status().counts.copies, u64::from(copies));
            token.destroy_key(id, &name, soon()).await.unwrap();
            token.stop().await;
        }
    });
}

pub(super) fn an_unknown_key_is_unavailable(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        let id = KeyMaterialId::random().unwrap();
        let nobody = TokenKey { id, ..key.clone() };
        let fault = opened(&token, &nobody, &encrypted).await.unwrap_err();
        assert_eq!(fault, TokenFault::KeyMissing { id });
        assert_fault(fault, Code::KeyUnavailable, KEY_UNUSABLE);
        assert_fault(
            token.inspect(id, soon()).await.unwrap_err(),
            Code::KeyUnavailable,
            KEY_UNUSABLE,
        );
        assert_eq!(token.status().counts.alarms, 1);
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        token.stop().await;
    });
}
