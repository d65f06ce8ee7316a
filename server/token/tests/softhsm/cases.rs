//! What only SoftHSM shows: its files.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use strongroom_token::{TokenSettings, doctor};

use crate::conformance::{Stand, connected, new_key, run};
use crate::real::OwnCase;
use crate::stand::SoftHsm;

pub(crate) const OWN_CASES: &[OwnCase<SoftHsm>] = &[
    (
        "what_a_kill_left_is_swept_and_the_token_is_copied",
        what_a_kill_left_is_swept_and_the_token_is_copied,
    ),
    ("the_doctor_sees_wrong_files", the_doctor_sees_wrong_files),
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
