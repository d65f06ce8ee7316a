//! Mutual TLS: with certificates that fit it works, without them it says what is wrong.

use std::fs;
use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use strongroom::{Client, ClientConfig, ClientFault};
use tonic::transport::{Certificate, Identity, ServerTlsConfig};

use crate::service::Fake;

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate and its key in PEM.
fn signed(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()])
        .unwrap()
        .signed_by(&key, authority)
        .unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn start(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> Fake {
    let (certificate, key) = signed(authority, name);
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(certificate, key))
        .client_ca_root(Certificate::from_pem(authority.pem()));
    Fake::start_with(Some(tls))
}

/// A configuration file with certificates of one authority for a server of another.
fn configure(folder: &Path, fake: &Fake, trusted: &str, client: (String, String), more: &str) -> Client {
    fs::write(folder.join("ca.pem"), trusted).unwrap();
    fs::write(folder.join("client.pem"), client.0).unwrap();
    fs::write(folder.join("client.key"), client.1).unwrap();
    let text = format!(
        "version = 1\nendpoint = \"{}\"\nca = \"ca.pem\"\ncertificate = \"client.pem\"\nprivate-key = \"client.key\"\n{more}",
        fake.endpoint
    );
    fs::write(folder.join("client.toml"), text).unwrap();
    Client::connect(&ClientConfig::from_file(&folder.join("client.toml")).unwrap()).unwrap()
}

#[tokio::test]
async fn certificates_that_fit_are_accepted() {
    let (authority, folder) = (authority(), tempfile::tempdir().unwrap());
    let fake = start(&authority, "127.0.0.1");
    let client = configure(
        folder.path(),
        &fake,
        &authority.pem(),
        signed(&authority, "developer"),
        "",
    );
    assert_eq!(client.caller_identity().await.unwrap().user_id, "developer");
}

#[tokio::test]
async fn an_http_endpoint_of_a_service_with_tls_is_named() {
    let fake = start(&authority(), "127.0.0.1");
    let plain = fake.endpoint.replace("https://", "http://");
    for _ in 0..20 {
        let client = Client::connect(&ClientConfig::new(&plain).unwrap()).unwrap();
        assert_eq!(
            client.caller_identity().await.unwrap_err().to_string(),
            format!(
                "the service at {plain} expects TLS; write the endpoint as {}, and give ca, certificate and private-key \
                 in the client's configuration",
                fake.endpoint
            )
        );
    }
    assert_eq!(fake.methods(), [""; 0]);
}

#[tokio::test]
async fn the_servers_name_can_be_another() {
    let (authority, folder) = (authority(), tempfile::tempdir().unwrap());
    let fake = start(&authority, "kms.example");
    let developer = || signed(&authority, "developer");
    let refused = configure(folder.path(), &fake, &authority.pem(), developer(), "")
        .caller_identity()
        .await;
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("certificate not valid for name"), "{message}");
    let named = configure(
        folder.path(),
        &fake,
        &authority.pem(),
        developer(),
        "server-name = \"kms.example\"\n",
    );
    named.caller_identity().await.unwrap();
}

#[tokio::test]
async fn strangers_are_refused_on_both_sides() {
    let (authority, stranger, folder) = (authority(), authority(), tempfile::tempdir().unwrap());
    let fake = start(&authority, "127.0.0.1");
    let client = configure(
        folder.path(),
        &fake,
        &stranger.pem(),
        signed(&authority, "developer"),
        "",
    );
    let fault = client.caller_identity().await.unwrap_err();
    assert!(matches!(fault, ClientFault::Unreachable { .. }));
    assert!(fault.to_string().contains("invalid peer certificate: "), "{fault}");

    let client = configure(
        folder.path(),
        &fake,
        &authority.pem(),
        signed(&stranger, "developer"),
        "",
    );
    let fault = client.caller_identity().await.unwrap_err();
    assert!(matches!(fault, ClientFault::Unreachable { .. }), "{fault}");
    assert!(
        fault
            .to_string()
            .ends_with("check that it runs there and trusts this certificate"),
        "{fault}"
    );
    assert_eq!(fake.methods(), [""; 0]);
}
