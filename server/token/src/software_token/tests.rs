use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use strongroom_base::InstallationId;
use strongroom_hsm_config::Profile;

use super::SoftwareToken;
use crate::fake::FakeToken;
use crate::fault::TokenFault;
use crate::settings::TokenSettings;

fn settings(directory: &Path) -> (TokenSettings, PathBuf) {
    let token = directory.join("tokens/one");
    fs::create_dir_all(&token).unwrap();
    let settings = FakeToken::new().settings(directory, InstallationId::random()).unwrap();
    let profile = Profile::named("softhsm2").unwrap();
    (
        TokenSettings {
            profile,
            sync_directory: Some(directory.join("tokens")),
            ..settings
        },
        token,
    )
}

fn write(path: &Path, content: &str, age: Duration) {
    fs::write(path, content).unwrap();
    File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(SystemTime::now() - age)
        .unwrap();
}

#[test]
fn only_old_empty_objects_are_swept() {
    let directory = tempfile::tempdir().unwrap();
    let (settings, token) = settings(directory.path());
    let minute = Duration::from_secs(60);
    let kept = [
        ("full.object", "x", minute),
        ("young.object", "", Duration::ZERO),
        ("empty.lock", "", minute),
    ];
    for (name, content, age) in kept {
        write(&token.join(name), content, age);
    }
    write(&token.join("token.object"), "", minute);
    write(&token.join("left.object"), "", minute);
    assert_eq!(SoftwareToken::of(&settings).sweep().unwrap(), 1);
    assert!(!token.join("left.object").exists());
    for name in ["full.object", "young.object", "empty.lock", "token.object"] {
        assert!(token.join(name).exists(), "{name}");
    }
}

#[test]
fn the_tokens_own_file_is_kept_and_an_empty_one_does_not_replace_the_copy() {
    let directory = tempfile::tempdir().unwrap();
    let (settings, token) = settings(directory.path());
    let original = token.join("token.object");
    let copy = settings.state_directory.join("token-objects/one.token.object");
    let software = SoftwareToken::of(&settings);
    software.keep_token_objects().unwrap();
    assert!(!copy.exists());
    for content in ["first", "second", "second"] {
        fs::write(&original, content).unwrap();
        software.keep_token_objects().unwrap();
        assert_eq!(fs::read_to_string(&copy).unwrap(), content);
    }
    fs::write(&original, "").unwrap();
    software.keep_token_objects().unwrap();
    assert_eq!(fs::read_to_string(&copy).unwrap(), "second");
}

#[test]
fn a_directory_that_is_away_is_nothing_to_sweep_and_cannot_be_synced() {
    let directory = tempfile::tempdir().unwrap();
    let (settings, _) = settings(directory.path());
    let software = SoftwareToken::of(&settings);
    software.sync().unwrap();
    fs::rename(directory.path().join("tokens"), directory.path().join("aside")).unwrap();
    assert_eq!(software.sweep().unwrap(), 0);
    software.keep_token_objects().unwrap();
    assert!(matches!(software.sync(), Err(TokenFault::Unavailable { .. })));
}

#[test]
fn a_token_in_files_needs_its_directory() {
    let directory = tempfile::tempdir().unwrap();
    let (settings, _) = settings(directory.path());
    SoftwareToken::of(&settings).check().unwrap();
    let without = TokenSettings {
        sync_directory: None,
        ..settings
    };
    let fault = SoftwareToken::of(&without).check().unwrap_err();
    assert!(
        fault
            .to_string()
            .starts_with("the configuration lacks `sync-directory` in [token]"),
        "{fault}"
    );
}

#[test]
fn the_directory_must_hold_the_files_of_this_token() {
    const SERIAL: &str = "bef3cc77ccc3d9b4";
    let directory = tempfile::tempdir().unwrap();
    let (settings, _) = settings(directory.path());
    let tokens = directory.path().join("tokens");
    let refusal = |settings: &TokenSettings| SoftwareToken::of(settings).check_holds(SERIAL).unwrap_err().to_string();
    let text = |directory: &Path, found: &str| {
        format!(
            "`sync-directory` in [token] is {}, and the files of the token are not there: looked for \
             *-bef3-cc77ccc3d9b4/token.object in it, and {found}; correct it to the directory that the module keeps its \
             tokens in (`directories.tokendir` in softhsm2.conf), where they must be files (`objectstore.backend = file`)",
            directory.display()
        )
    };
    assert_eq!(refusal(&settings), text(&tokens, "there is no token"));

    let other = tokens.join("6e2ba6f1-3fd0-4a53-11f6-aa21cb0ab8c1");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("token.object"), "x").unwrap();
    let found = "there is: 6e2ba6f1-3fd0-4a53-11f6-aa21cb0ab8c1";
    assert_eq!(refusal(&settings), text(&tokens, found));

    let ours = tokens.join("0b93ae69-4f2f-5ec6-bef3-cc77ccc3d9b4");
    fs::create_dir(&ours).unwrap();
    assert_eq!(
        refusal(&settings),
        text(&tokens, found),
        "a directory alone is no token"
    );
    fs::write(ours.join("token.object"), "x").unwrap();
    SoftwareToken::of(&settings).check_holds(SERIAL).unwrap();

    let nowhere = TokenSettings {
        sync_directory: Some("/nope".into()),
        ..settings.clone()
    };
    assert_eq!(
        refusal(&nowhere),
        text(Path::new("/nope"), "there is no such directory")
    );
    let hardware = FakeToken::new()
        .settings(directory.path(), InstallationId::random())
        .unwrap();
    SoftwareToken::of(&hardware).check_holds(SERIAL).unwrap();
}

/// A name that is too long stands for a disk that fails: no mistake in the configuration gives such an error by itself.
#[test]
fn a_directory_that_cannot_be_read_for_now_is_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let long = directory.path().join("x".repeat(300));
    let (settings, _) = settings(directory.path());
    let settings = TokenSettings {
        sync_directory: Some(long.clone()),
        ..settings
    };
    let fault = SoftwareToken::of(&settings)
        .check_holds("bef3cc77ccc3d9b4")
        .unwrap_err();
    let cause = format!("{} cannot be read: File name too long (os error 36)", long.display());
    assert!(
        matches!(&fault, TokenFault::Unavailable { cause: said } if *said == cause),
        "{fault:?}"
    );
}

#[test]
fn only_files_that_stay_away_while_the_token_answers_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (settings, _) = settings(directory.path());
    let software = SoftwareToken::of(&settings);
    let check = |answers: &dyn Fn() -> Result<(), TokenFault>| software.check_files("bef3cc77ccc3d9b4", answers);
    let elsewhere = check(&|| Ok(())).unwrap_err();
    assert!(matches!(elsewhere, TokenFault::FilesElsewhere { .. }), "{elsewhere:?}");

    let cause = "C_GetTokenInfo: CKR_TOKEN_NOT_PRESENT";
    let away = check(&|| {
        Err(TokenFault::Unavailable {
            cause: cause.to_owned(),
        })
    })
    .unwrap_err();
    assert!(
        matches!(&away, TokenFault::Unavailable { cause: said } if said == cause),
        "{away:?}"
    );

    let back = directory.path().join("tokens/0b93ae69-4f2f-5ec6-bef3-cc77ccc3d9b4");
    check(&|| {
        fs::create_dir(&back).unwrap();
        fs::write(back.join("token.object"), "x").unwrap();
        Ok(())
    })
    .unwrap();
}

#[test]
fn nothing_is_swept_from_directories_that_are_no_tokens() {
    let directory = tempfile::tempdir().unwrap();
    let (settings, other) = settings(directory.path());
    write(&other.join("somebodys.object"), "", Duration::from_secs(60));
    assert_eq!(SoftwareToken::of(&settings).sweep().unwrap(), 0);
    assert!(other.join("somebodys.object").exists());
}
