use std::path::Path;
use std::time::Duration;

use super::{ClientConfig, ConfigFault, TlsFiles};

fn parse(text: &str) -> (tempfile::TempDir, Result<ClientConfig, ConfigFault>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("client.toml");
    std::fs::write(&path, text).unwrap();
    let config = ClientConfig::from_file(&path);
    (folder, config)
}

fn refusal(text: &str) -> String {
    let (folder, config) = parse(text);
    config
        .unwrap_err()
        .to_string()
        .replace(folder.path().to_str().unwrap(), "FOLDER")
}

const WHOLE: &str =
    "version = 1\nendpoint = \"https://127.0.0.1:7443\"\nca = \"ca.pem\"\ncertificate = \"/etc/client.pem\"
private-key = \"client.key\"\nserver-name = \"localhost\"\n";

#[test]
fn paths_are_relative_to_the_file() {
    let (folder, config) = parse(WHOLE);
    let config = config.unwrap();
    assert_eq!(config.endpoint.as_str(), "https://127.0.0.1:7443");
    assert_eq!(config.server_name.as_deref(), Some("localhost"));
    assert_eq!(config.call_deadline, Duration::from_secs(10));
    let files = TlsFiles {
        certificate_authority: folder.path().join("ca.pem"),
        certificate: "/etc/client.pem".into(),
        private_key: folder.path().join("client.key"),
    };
    assert_eq!(config.tls, Some(files));
}

#[test]
fn an_unknown_field_is_refused_and_named() {
    assert_eq!(
        refusal(&format!("{WHOLE}pin = \"1234\"\n")),
        "FOLDER/client.toml is not a client configuration: line 7, column 1: unknown field `pin`, expected one of \
         `version`, `endpoint`, `ca`, `certificate`, `private-key`, `server-name`"
    );
}

#[test]
fn what_is_not_toml_is_refused_in_one_line() {
    assert_eq!(
        refusal("version = 1\nendpoint https\n"),
        "FOLDER/client.toml is not a client configuration: line 2, column 10: key with no value, expected `=`"
    );
    assert_eq!(
        refusal("version = 1\n"),
        "FOLDER/client.toml is not a client configuration: line 1, column 1: missing field `endpoint`"
    );
}

#[test]
fn a_missing_file_and_another_version_are_named() {
    let fault = ClientConfig::from_file(Path::new("/does/not/exist.toml"))
        .unwrap_err()
        .to_string();
    assert_eq!(
        fault,
        "cannot read /does/not/exist.toml: No such file or directory (os error 2)"
    );
    assert_eq!(
        refusal("version = 2\nendpoint = \"https://localhost\"\n"),
        "FOLDER/client.toml has version = 2; this client reads version = 1"
    );
}

#[test]
fn an_endpoint_with_credentials_is_refused() {
    let text = refusal("version = 1\nendpoint = \"https://ada:hunter2@localhost\"\n");
    assert!(
        text.starts_with("the endpoint carries a user name or password"),
        "{text}"
    );
    assert!(!text.contains("hunter2"), "{text}");
}
