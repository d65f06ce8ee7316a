//! `strongroom key import` with stdout redirected.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::answers::import::{PUBLIC_KEY, TOKEN};
use crate::answers::{KEY_ARN, KEY_ID};
use crate::program::{fail, succeed};
use crate::service::Fake;

fn import(fake: &Fake, arguments: &[&str]) -> Value {
    let text = succeed(
        fake,
        &[&["key", "import"], arguments, &["--output", "json"]].concat(),
        b"",
    );
    serde_json::from_str(&text).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn parameters_are_written_to_files() {
    let (fake, folder) = (Fake::start(), tempfile::tempdir().unwrap());
    let (key, token) = (folder.path().join("key.der"), folder.path().join("token"));
    let files = ["--public-key-out", text(&key), "--import-token-out", text(&token)];
    let answer = import(&fake, &[&["parameters", KEY_ID], &files[..]].concat());
    assert_eq!(
        answer,
        json!({
            "import_token_file": token, "key_id": KEY_ARN, "parameters_valid_to": "2023-11-14T22:13:20Z",
            "public_key_file": key,
        })
    );
    assert_eq!(std::fs::read(&key).unwrap(), PUBLIC_KEY);
    assert_eq!(std::fs::read(&token).unwrap(), TOKEN);
    assert_eq!(token.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let chosen = [
        "--wrapping-algorithm",
        "rsaes_oaep_sha_1",
        "--wrapping-key-spec",
        "RSA_2048",
    ];
    import(&fake, &[&["parameters", KEY_ID], &files[..], &chosen[..]].concat());
    assert_eq!(
        *fake.state.imports.lock().unwrap(),
        [
            "WRAPPING_ALGORITHM_RSAES_OAEP_SHA_256 WRAPPING_KEY_SPEC_RSA_4096",
            "WRAPPING_ALGORITHM_RSAES_OAEP_SHA_1 WRAPPING_KEY_SPEC_RSA_2048",
        ]
    );
}

/// A folder that is not there is found out before a wrapping key is made.
#[test]
fn files_are_opened_before_the_service_is_asked() {
    let (fake, folder) = (Fake::start(), tempfile::tempdir().unwrap());
    let (key, token) = (folder.path().join("key.der"), folder.path().join("missing/token"));
    let files = ["--public-key-out", text(&key), "--import-token-out", text(&token)];
    fail(
        &fake,
        &[&["key", "import", "parameters", KEY_ID], &files[..]].concat(),
        b"",
        1,
    );
    assert_eq!(fake.methods(), [""; 0]);
    assert!(!key.exists());
}

#[test]
fn material_is_imported_with_and_without_expiry() {
    let (fake, folder) = (Fake::start(), tempfile::tempdir().unwrap());
    let (material, token) = (folder.path().join("material"), folder.path().join("token"));
    std::fs::write(&material, [7; 512]).unwrap();
    std::fs::write(&token, TOKEN).unwrap();
    let files = [
        "--encrypted-key-material",
        text(&material),
        "--import-token",
        text(&token),
    ];
    let with = |more: &[&str]| import(&fake, &[&["material", KEY_ID], &files[..], more].concat());
    let expected = json!({ "key_id": KEY_ARN, "key_material_id": "ab".repeat(32) });
    assert_eq!(
        with(&["--does-not-expire", "--new", "--description", "vault"]),
        expected
    );
    assert_eq!(with(&["--valid-to", "2027-01-31T00:00:00Z"]), expected);
    assert_eq!(
        *fake.state.imports.lock().unwrap(),
        [
            "512 bytes, EXPIRATION_MODEL_KEY_MATERIAL_DOES_NOT_EXPIRE, , IMPORT_TYPE_NEW_KEY_MATERIAL, vault",
            "512 bytes, EXPIRATION_MODEL_KEY_MATERIAL_EXPIRES, 2027-01-31T00:00:00Z, IMPORT_TYPE_UNSPECIFIED, ",
        ]
    );
    std::fs::write(&token, b"another").unwrap();
    let arguments = [&["key", "import", "material", KEY_ID, "--does-not-expire"], &files[..]].concat();
    assert_eq!(
        fail(&fake, &arguments, b"", 1),
        "error: InvalidImportTokenException: InvalidImportTokenException for a test (request request-1)\n"
    );
}

#[test]
fn whether_it_expires_must_be_said() {
    let fake = Fake::start();
    let files = ["--encrypted-key-material", "x", "--import-token", "y"];
    let arguments = [&["key", "import", "material", KEY_ID], &files[..]].concat();
    let refused = fail(&fake, &arguments, b"", 2);
    assert!(
        refused.starts_with("error: the following required arguments were not provided:\n  --valid-to <TIME>\n"),
        "{refused}"
    );
    assert_eq!(fake.methods(), [""; 0]);
}

#[test]
fn material_is_deleted_by_its_id_or_the_current_one() {
    let fake = Fake::start();
    let answer = |id: &str| json!({ "key_id": KEY_ARN, "key_material_id": id });
    assert_eq!(import(&fake, &["delete-material", KEY_ID]), answer(&"cd".repeat(32)));
    let id = "ef".repeat(32);
    assert_eq!(
        import(&fake, &["delete-material", KEY_ID, "--key-material-id", &id]),
        answer(&id)
    );
}

#[test]
fn a_key_is_made_for_imported_material() {
    let fake = Fake::start();
    succeed(&fake, &["key", "create", "--origin", "EXTERNAL"], b"");
    assert_eq!(*fake.state.imports.lock().unwrap(), ["ORIGIN_EXTERNAL"]);
}
