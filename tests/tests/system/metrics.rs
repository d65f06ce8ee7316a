//! The metrics listener: what a scraper gets.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use strongroom_proto::v1;
use strongroom_tests::installation::{EVERYTHING, Installation};

use crate::world::{create_key, helper, keys, told};

/// Status line and headers, and body.
pub(crate) fn get(address: SocketAddr, path: &str) -> (String, String) {
    let mut connection = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_counts_what_callers_did() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let configuration = &installation.command().configuration;
    let mut file = OpenOptions::new().append(true).open(configuration).unwrap();
    write!(file, "\n[metrics]\nlisten = \"{address}\"\n").unwrap();
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let key_id = create_key(&channel).await;
    let encrypt = |plaintext: Vec<u8>| v1::EncryptRequest {
        key_id: key_id.clone(),
        plaintext,
        ..Default::default()
    };
    keys(&channel).encrypt(encrypt(vec![1])).await.unwrap();
    let malformed = told(keys(&channel).encrypt(encrypt(Vec::new())).await);
    assert!(malformed.contains("ValidationException"), "{malformed}");

    let (head, body) = get(address, "/metrics");
    assert!(head.starts_with("http/1.1 200 ok"), "{head}");
    assert!(
        head.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{head}"
    );
    for line in [
        r#"strongroom_requests_total{action="kms:CreateKey",outcome="succeeded"} 1"#,
        r#"strongroom_requests_total{action="kms:Encrypt",outcome="succeeded"} 1"#,
        r#"strongroom_turned_away_total{why="malformed"} 1"#,
        "strongroom_token_usable 1",
        "strongroom_store_usable 1",
        "strongroom_audit_writable 1",
        "strongroom_open 1",
    ] {
        assert!(body.lines().any(|found| found == line), "{line} is missing in:\n{body}");
    }
    assert!(body.ends_with("# EOF\n"), "{body}");
    let (elsewhere, _) = get(address, "/");
    assert!(elsewhere.starts_with("http/1.1 404 not found"), "{elsewhere}");
}
