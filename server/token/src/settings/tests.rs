use strongroom_hsm_config::Profile;

use super::TokenSettings;

#[test]
fn the_first_library_that_exists_is_taken() {
    let directory = tempfile::tempdir().unwrap();
    let there = directory.path().join("there.so");
    std::fs::write(&there, "").unwrap();
    let library_paths = vec![directory.path().join("none.so"), there.clone()];
    let mut profile = Profile {
        library_paths,
        ..Profile::named("softhsm2").unwrap()
    };
    assert_eq!(TokenSettings::default_library(&profile).unwrap(), there);
    profile.library_paths.truncate(1);
    let text = TokenSettings::default_library(&profile).unwrap_err().to_string();
    assert!(
        text.contains("none.so cannot be loaded: it is at none of the 1 places that the profile"),
        "{text}"
    );
    assert!(text.contains("install it, or correct `library` in [token]"), "{text}");
}
