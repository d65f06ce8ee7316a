//! What only SoftHSM shows: its files, and that it ignores a parameter.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use strongroom_base::{KeySpec, KeyUsage, SigningAlgorithm};
use strongroom_token::{Capability, KeyKind, TokenSettings, doctor};

use crate::conformance::{Stand, connected, new_key, new_key_of, run};
use crate::real::{OwnCase, behind_the_back, find};
use crate::stand::SoftHsm;

pub(crate) const OWN_CASES: &[OwnCase<SoftHsm>] = &[
    (
        "what_a_kill_left_is_swept_and_the_token_is_copied",
        what_a_kill_left_is_swept_and_the_token_is_copied,
    ),
    ("the_doctor_sees_wrong_files", the_doctor_sees_wrong_files),
    ("the_flag_of_ed25519ph_is_ignored", the_flag_of_ed25519ph_is_ignored),
];

fn what_a_kill_left_is_swept_and_the_token_is_copied(stand: &SoftHsm) {
    run(async {
        let directory = stand.token();
        let (old, young) = (directory.join("old.object"), directory.join("young.object"));
        let long_ago = SystemTime::now() - Duration::from_secs(60);
        File::create(&old).unwrap().set_modified(long_ago).unwrap();
        File::create(&young).unwrap();
        let before = fs::read(directory.join("token.object")).unwrap();

        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        assert!(!old.exists() && young.exists());
        let name = format!("{}.token.object", directory.file_name().unwrap().to_str().unwrap());
        let copy = settings.state_directory.join("token-objects").join(name);
        assert_eq!(fs::read(copy).unwrap(), before, "the copy is from before the login");
        new_key(&token, settings.installation, "a").await;
        token.stop().await;
    });
}

/// The same settings with another directory to sync.
fn elsewhere(settings: &TokenSettings, sync_directory: PathBuf) -> TokenSettings {
    TokenSettings {
        sync_directory: Some(sync_directory),
        ..settings.clone()
    }
}

fn the_doctor_sees_wrong_files(stand: &SoftHsm) {
    let settings = stand.settings();
    let report = doctor(&elsewhere(&settings, "/nope".into()), true).to_string();
    let text =
        "BAD files       `sync-directory` in [token] is /nope, and the files of the token are not there: looked for *-";
    assert!(
        report.contains(text) && report.contains("-   objects     not looked at"),
        "{report}"
    );
}

/// Why its profile says that it has no Ed25519ph: it would sign what nobody verifies.
fn the_flag_of_ed25519ph_is_ignored(stand: &SoftHsm) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        let kind = KeyKind::new(KeySpec::EccNistEdwards25519, KeyUsage::SignVerify).unwrap();
        let key = new_key_of(&token, settings.installation, "a", kind).await;
        let session = behind_the_back::<SoftHsm>();
        let key = find(&session, &key.id);
        let sign = |scheme| session.sign(&Mechanism::Eddsa(EddsaParams::new(scheme)), key, b"abc");
        let pure = sign(EddsaSignatureScheme::Pure).unwrap();
        assert_eq!(sign(EddsaSignatureScheme::Ed25519ph(&[])).unwrap(), pure);
        let refused = token.supports(Capability::Sign(SigningAlgorithm::Ed25519PhSha512));
        let text = "the token does not offer CKM_EDDSA with phFlag, which ED25519_PH_SHA_512 needs";
        assert_eq!(refused.unwrap_err().to_string(), text);
        drop(session);
        token.stop().await;
    });
}
