use std::fs;
use std::path::Path;

use super::security;
use crate::config::{ClientConfig, TlsFiles};

fn config(folder: &Path) -> ClientConfig {
    let tls = TlsFiles {
        certificate_authority: folder.join("ca.pem"),
        certificate: folder.join("client.pem"),
        private_key: folder.join("client.key"),
    };
    ClientConfig {
        tls: Some(tls),
        ..ClientConfig::new("https://localhost:7443").unwrap()
    }
}

fn refusal(config: &ClientConfig) -> String {
    security(config).err().unwrap().to_string()
}

/// A self-signed certificate and its key in PEM.
fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

#[test]
fn http_needs_no_files() {
    assert!(
        security(&ClientConfig::new("http://127.0.0.1:1").unwrap())
            .unwrap()
            .is_none()
    );
}

#[test]
fn https_needs_all_three_files() {
    let without = ClientConfig::new("https://localhost").unwrap();
    assert_eq!(
        refusal(&without),
        "an https endpoint needs ca, certificate and private-key in the client's configuration"
    );
}

#[test]
fn each_file_is_named_when_it_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let config = config(folder.path());
    let missing = format!(
        "cannot read {}: No such file or directory (os error 2)",
        path("ca.pem").display()
    );
    assert_eq!(refusal(&config), missing);

    let (certificate, key) = certificate();
    fs::write(path("ca.pem"), "not PEM").unwrap();
    assert_eq!(
        refusal(&config),
        format!("{} has no certificate in PEM", path("ca.pem").display())
    );
    fs::write(path("ca.pem"), &certificate).unwrap();
    fs::write(path("client.pem"), &key).unwrap();
    assert_eq!(
        refusal(&config),
        format!("{} has no certificate in PEM", path("client.pem").display())
    );
    fs::write(path("client.pem"), &certificate).unwrap();
    fs::write(path("client.key"), &certificate).unwrap();
    assert_eq!(
        refusal(&config),
        format!("{} has no private key in PEM", path("client.key").display())
    );
    fs::write(path("client.key"), key).unwrap();
    assert!(security(&config).unwrap().is_some());
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, _) = certificate();
    fs::write(folder.path().join("ca.pem"), &certificate).unwrap();
    fs::write(folder.path().join("client.pem"), &certificate).unwrap();
    fs::write(folder.path().join("client.key"), self::certificate().1).unwrap();
    let text = refusal(&config(folder.path()));
    assert!(
        text.starts_with("the certificates cannot be used: keys may not be consistent: "),
        "{text}"
    );
    assert!(
        text.ends_with("; check that certificate and private-key belong together"),
        "{text}"
    );
}

#[test]
fn a_server_name_that_no_certificate_can_have_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let config = ClientConfig {
        server_name: Some("no name!".to_owned()),
        ..config(folder.path())
    };
    assert_eq!(
        refusal(&config),
        "\"no name!\" is not a server's name; set server-name to a name in the server's certificate"
    );
}
