use std::fs;

use super::{Configuration, Security};

const GOOD: &str = r#"
version = 1
data-directory = "data"
[scope]
region = "local-1"
account = "000000000000"
[token]
profile = "softhsm2"
library = "module.so"
label = "development"
pin-file = "pin"
sync-directory = "tokens"
[grpc]
listen = "127.0.0.1:0"
certificate = "server.pem"
private-key = "server.key"
client-ca = "ca.pem"
[[principal]]
arn = "arn:aws:iam::000000000000:user/ada"
names = ["uri:spiffe://local/ada"]
policy = "ada.json"
"#;

fn read(text: &str) -> Result<Configuration, String> {
    let directory = tempfile::tempdir().unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    fs::write(directory.path().join("ada.json"), policy).unwrap();
    fs::write(directory.path().join("broken.json"), r#"{"Version":"2012-10-17"}"#).unwrap();
    let file = directory.path().join("strongroomd.toml");
    fs::write(&file, text).unwrap();
    Configuration::read(&file).map_err(|fault| fault.to_string())
}

#[test]
fn a_good_file_is_read_and_paths_are_relative_to_it() {
    let configuration = read(GOOD).unwrap();
    assert!(configuration.data_directory.is_absolute());
    assert!(configuration.data_directory.ends_with("data"));
    assert!(configuration.token.pin_file.ends_with("pin"));
    assert_eq!(configuration.scope.partition(), "aws");
    assert!(matches!(configuration.grpc.security, Security::MutualTls { .. }));
    assert_eq!(configuration.rotate_after, 1 << 31);
    let early = read(&GOOD.replace("[grpc]", "[keys]\nrotate-after-invocations = 16777216\n[grpc]"));
    assert_eq!(early.unwrap().rotate_after, 16_777_216);
}

#[test]
fn what_is_wrong_is_named() {
    let table = [
        (
            "version = 1",
            "version = 2",
            "version 2 is not one that this program understands",
        ),
        (
            "label = \"development\"",
            "lable = \"development\"",
            "unknown field `lable`",
        ),
        ("[scope]", "surprise = 1\n[scope]", "unknown field `surprise`"),
        (
            "\"000000000000\"\n[token]",
            "\"12\"\n[token]",
            "[scope]: the account must be 12 digits, not \"12\"",
        ),
        (
            "local-1",
            "Local 1",
            "[scope]: the region may have a-z, 0-9 and '-' only",
        ),
        ("\"softhsm2\"", "\"nonesuch\"", "[token]: "),
        (
            "client-ca = \"ca.pem\"\n",
            "",
            "[grpc]: give certificate, private-key and client-ca, or plaintext-loopback-principal",
        ),
        ("127.0.0.1:0", "somewhere", "invalid socket address"),
        ("ada.json", "missing.json", "cannot read"),
        ("ada.json", "broken.json", "broken.json"),
        ("arn:aws:iam::000000000000:user/ada", "ada", "not a well-formed ARN"),
        (
            "[grpc]",
            "[keys]\nrotate-after-invocations = 16777215\n[grpc]",
            "[keys]: rotate-after-invocations is 16777215; it must be at least 16777216 and less than 4294967296, the most that a \
             key material may make",
        ),
        (
            "[grpc]",
            "[quotas]\n\"kms:Enrypt\" = 5\n[grpc]",
            "[quotas]: \"kms:Enrypt\" is no class of operations; they are: symmetric-cryptography, rsa-cryptography, ",
        ),
        (
            "[grpc]",
            "[quotas]\nothers = -1\n[grpc]",
            "[quotas]: \"others\" is -1; give requests a second from 0.001 to 1000000000, or 0 for no limit",
        ),
        ("[grpc]", "[quotas]\nothers = \"many\"\n[grpc]", "expected f64"),
        (
            "[grpc]",
            "[keys]\nrotate-after-invocations = 4294967296\n[grpc]",
            "[keys]: rotate-after-invocations is 4294967296; it must be",
        ),
    ];
    for (from, to, text) in table {
        assert!(GOOD.contains(from), "{from}");
        let fault = read(&GOOD.replace(from, to)).err().unwrap();
        assert!(fault.contains(text), "{fault}");
        assert!(
            fault.contains("strongroomd.toml") || fault.contains(".json"),
            "no file is named: {fault}"
        );
    }
}

#[test]
fn plaintext_is_for_loopback_alone_and_for_a_known_principal() {
    let files = "certificate = \"server.pem\"\nprivate-key = \"server.key\"\nclient-ca = \"ca.pem\"\n";
    let plaintext = "plaintext-loopback-principal = \"arn:aws:iam::000000000000:user/ada\"\n";
    let good = GOOD.replace(files, plaintext);
    assert!(matches!(
        read(&good).unwrap().grpc.security,
        Security::PlaintextLoopback(_)
    ));
    let fault = read(&good.replace("127.0.0.1", "0.0.0.0")).err().unwrap();
    assert!(
        fault.contains("plaintext-loopback-principal is for loopback addresses alone, and 0.0.0.0:0 is not one"),
        "{fault}"
    );
    let fault = read(&good.replace("user/ada\"\n[[", "user/eve\"\n[[")).err().unwrap();
    assert!(
        fault.contains("user/eve is not the arn of any [[principal]]"),
        "{fault}"
    );
}
