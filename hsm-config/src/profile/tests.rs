use super::{MechanismName, PROFILES, Profile, ProfileFault, SuiteName};

#[test]
fn every_profile_parses_and_has_its_own_name() {
    for name in Profile::names() {
        let profile = Profile::named(name).unwrap();
        assert_eq!(profile.name, name);
        assert!(
            profile.mechanisms.contains(&MechanismName::AesGcm),
            "{name} cannot serve suite 1"
        );
        assert!(!profile.library_paths.is_empty());
    }
}

#[test]
fn softhsm2_is_as_measured() {
    let profile = Profile::named("softhsm2").unwrap();
    assert_eq!(profile.data_lanes, 1);
    assert!(
        profile.session_copies && profile.sync_directory && profile.sweep_empty_objects && profile.keep_token_object
    );
    assert_eq!(profile.probe_interval().as_millis(), 1_000);
    assert_eq!(profile.suite, SuiteName::Aes256Gcm);
}

#[test]
fn an_unknown_profile_is_refused_with_the_names_that_exist() {
    let fault = Profile::named("luna").unwrap_err();
    assert_eq!(
        fault.to_string(),
        "there is no token profile \"luna\"; there is: kryoptic, softhsm2"
    );
}

#[test]
fn an_unknown_field_a_missing_field_and_a_senseless_number_are_refused() {
    let (_, text) = PROFILES.iter().find(|(name, _)| *name == "softhsm2").unwrap();
    let cases = [
        (format!("{text}\nsurprise = 1\n"), "unknown field `surprise`"),
        (text.replace("data-lanes = 1\n", ""), "missing field `data-lanes`"),
        (
            text.replace("data-lanes = 1", "data-lanes = 0"),
            "data-lanes must be at least 1",
        ),
        (
            text.replace("probe-interval-ms = 1000", "probe-interval-ms = 0"),
            "probe-interval-ms must be at least 1",
        ),
        (
            text.replace("\"CKM_AES_GCM\"", "\"CKM_AES_XTS\""),
            "unknown variant `CKM_AES_XTS`",
        ),
    ];
    for (text, expected) in cases {
        let Err(ProfileFault::Malformed { cause, .. }) = Profile::parse("softhsm2", &text) else {
            panic!("{expected}")
        };
        assert!(cause.contains(expected), "{cause}");
    }
}
