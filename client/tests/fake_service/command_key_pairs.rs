//! Commands of key pairs and message authentication codes.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::answers::KEY_ARN;
use crate::answers::key_pairs::{PRIVATE_KEY, SHARED};
use crate::program::{command, fail, run, succeed};
use crate::service::Fake;

const PEM: &str = "-----BEGIN PUBLIC KEY-----\ndGhlIHB1YmxpYyBrZXk=\n-----END PUBLIC KEY-----\n";

struct Bench {
    fake: Fake,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            fake: Fake::start(),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What it writes to stdout.
    fn bytes(&self, arguments: &str, input: &[u8]) -> Vec<u8> {
        let output = run(self.command(arguments), input);
        assert!(output.status.success(), "{arguments}: {output:?}");
        output.stdout
    }

    fn json(&self, arguments: &str, input: &[u8]) -> Value {
        serde_json::from_slice(&self.bytes(&format!("--output json {arguments}"), input)).unwrap()
    }

    fn command(&self, arguments: &str) -> std::process::Command {
        let mut command = command(&self.fake, &arguments.split(' ').collect::<Vec<_>>());
        command.current_dir(self.folder.path());
        command
    }
}

#[test]
fn what_was_signed_verifies_and_nothing_else_does() {
    let bench = Bench::new();
    let with = "--key alias/demo --algorithm ecdsa_sha_256";
    let signature = bench.bytes(&format!("sign {with}"), b"hello");
    assert_eq!(signature, b"SIGNING_ALGORITHM_ECDSA_SHA_256 MESSAGE_TYPE_RAW|hello");
    fs::write(bench.path("signature"), &signature).unwrap();
    let verified = bench.bytes(&format!("verify {with} --signature signature"), b"hello");
    assert_eq!(verified, format!("verified with {KEY_ARN}\n").as_bytes());
    let path = bench.path("signature");
    let arguments = [
        "verify",
        "--key",
        "k",
        "--algorithm",
        "ECDSA_SHA_256",
        "--signature",
        path.to_str().unwrap(),
    ];
    let told = fail(&bench.fake, &arguments, b"other", 1);
    assert!(told.starts_with("error: KMSInvalidSignatureException"), "{told}");

    let digest = bench.json(&format!("sign {with} --message-type digest"), b"hello");
    assert_eq!(
        digest,
        json!({
            "key_id": KEY_ARN,
            "signature": "U0lHTklOR19BTEdPUklUSE1fRUNEU0FfU0hBXzI1NiBNRVNTQUdFX1RZUEVfRElHRVNUfGhlbGxv",
            "signing_algorithm": "ECDSA_SHA_256",
        })
    );
    let hex = bench.bytes(&format!("sign {with} --encoding hex --out signature.hex"), b"x");
    assert_eq!(hex, b"");
    let hex = fs::read(bench.path("signature.hex")).unwrap();
    bench.bytes(&format!("verify {with} --signature signature.hex --encoding hex"), b"x");
    assert!(hex.ends_with(b"7c78\n"));
    let out = bench.bytes(&format!("--output json sign {with} --out signature.json"), b"hello");
    assert_eq!(out, b"");
    let written: Value = serde_json::from_slice(&fs::read(bench.path("signature.json")).unwrap()).unwrap();
    assert_eq!(written["signing_algorithm"], "ECDSA_SHA_256");
}

#[test]
fn algorithms_that_there_are_not_are_refused_with_those_that_there_are() {
    let bench = Bench::new();
    let told = fail(&bench.fake, &["sign", "--key", "k", "--algorithm", "MD5"], b"", 2);
    assert!(told.contains("RSASSA_PSS_SHA_256"), "{told}");
    assert!(!told.contains("UNSPECIFIED,"), "{told}");
    let told = fail(
        &bench.fake,
        &["sign", "--key", "k", "--algorithm", "ecdsa_sha_256"],
        &[0; 4_097],
        1,
    );
    assert_eq!(
        told,
        "error: stdin has more than 4096 bytes, the most that a message to sign may have\n\
         hint: sign its digest: --message-type DIGEST\n"
    );
}

#[test]
fn codes_are_made_and_verified() {
    let bench = Bench::new();
    let with = "--key alias/demo --algorithm HMAC_SHA_384";
    let mac = bench.bytes(&format!("mac {with}"), b"hello");
    assert_eq!(mac, b"MAC_ALGORITHM_HMAC_SHA_384|hello");
    fs::write(bench.path("mac"), &mac).unwrap();
    let verified = bench.json(&format!("verify-mac {with} --mac mac"), b"hello");
    assert_eq!(
        verified,
        json!({ "key_id": KEY_ARN, "mac_algorithm": "HMAC_SHA_384", "mac_valid": true })
    );
    let output = run(bench.command(&format!("verify-mac {with} --mac mac")), b"other");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("error: KMSInvalidMacException"), "{told}");
    assert_eq!(
        bench.json(&format!("mac {with}"), b"hello"),
        json!({
            "key_id": KEY_ARN,
            "mac": "TUFDX0FMR09SSVRITV9ITUFDX1NIQV8zODR8aGVsbG8=",
            "mac_algorithm": "HMAC_SHA_384",
        })
    );
}

/// Whoever reads a code can pass it on as his own, and some make keys of codes.
#[test]
fn a_file_with_a_code_is_its_owners_alone() {
    let bench = Bench::new();
    let with = "--key alias/demo --algorithm HMAC_SHA_256";
    let out = bench.bytes(&format!("mac {with} --encoding base64 --out code"), b"hello");
    assert_eq!(out, b"");
    let mode = fs::metadata(bench.path("code")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let verify = format!("verify-mac {with} --mac code --encoding base64");
    assert_eq!(
        bench.bytes(&verify, b"hello"),
        format!("verified with {KEY_ARN}\n").as_bytes()
    );
    fs::write(bench.path("code"), "no base64!").unwrap();
    let told = String::from_utf8(run(bench.command(&verify), b"hello").stderr).unwrap();
    assert!(told.starts_with("error: the input is not base64: "), "{told}");
}

#[test]
fn json_has_one_encoding() {
    let bench = Bench::new();
    for command in [
        "sign --key k --algorithm ecdsa_sha_256",
        "mac --key k --algorithm hmac_sha_256",
        "encapsulate --key k --blob-out blob",
    ] {
        let output = run(bench.command(&format!("--output json {command} --encoding hex")), b"x");
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            "error: --output json writes bytes in base64, as AWS does; leave out --encoding\n",
            "{command}"
        );
    }
    assert_eq!(bench.fake.methods().len(), 0, "nothing was made in vain");
}

#[test]
fn a_public_key_is_for_other_programs() {
    let bench = Bench::new();
    assert_eq!(succeed(&bench.fake, &["public-key", "--key", "k"], b""), PEM);
    assert_eq!(bench.bytes("public-key --key k --form der", b""), b"the public key");
    assert_eq!(
        bench.json("public-key --key k", b""),
        json!({
            "key_id": KEY_ARN,
            "key_spec": "ECC_NIST_P256",
            "key_usage": "SIGN_VERIFY",
            "public_key": "dGhlIHB1YmxpYyBrZXk=",
            "signing_algorithms": ["ECDSA_SHA_256"],
        })
    );
}

#[test]
fn secrets_are_agreed_on() {
    let bench = Bench::new();
    for peer in [PEM.as_bytes(), b"the public key"] {
        assert_eq!(
            bench.bytes("derive-shared-secret --key k", peer),
            b"with|the public key"
        );
    }
    let secret = bench.bytes("encapsulate --key k --blob-out blob", b"");
    assert_eq!(secret, SHARED);
    assert_eq!(bench.bytes("decapsulate --key k --in blob", b""), SHARED);
    let made = bench.json("encapsulate --key k --blob-out blob", b"");
    assert_eq!(
        made,
        json!({
            "key_id": KEY_ARN,
            "shared_secret": "dGhlIHNoYXJlZCBzZWNyZXQ=",
            "shared_secret_ciphertext_blob": "c2VhbGVkfHRoZSBzaGFyZWQgc2VjcmV0",
        })
    );
    assert_eq!(bench.bytes("decapsulate --key k --in blob --out secret", b""), b"");
    let mode = fs::metadata(bench.path("secret")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_data_key_pair_goes_where_it_is_wanted() {
    let bench = Bench::new();
    let pair = "data-key-pair --key k --spec rsa_2048 --context a=b";
    bench.bytes(
        &format!("{pair} --public-key-out public --blob-out blob --plaintext-out private"),
        b"",
    );
    assert_eq!(fs::read_to_string(bench.path("public")).unwrap(), PEM);
    assert_eq!(fs::read(bench.path("private")).unwrap(), PRIVATE_KEY);
    assert_eq!(
        fs::metadata(bench.path("private")).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        bench.bytes("data-key decrypt --in blob --context a=b", b""),
        PRIVATE_KEY
    );

    let expected = json!({
        "key_id": KEY_ARN,
        "key_material_id": "ab".repeat(32),
        "key_pair_spec": "RSA_2048",
        "private_key_ciphertext_blob": "eyJhIjogImIifXx0aGUgcHJpdmF0ZSBrZXk=",
        "private_key_plaintext": "dGhlIHByaXZhdGUga2V5",
        "public_key": "dGhlIHB1YmxpYyBrZXk=",
    });
    assert_eq!(bench.json(pair, b""), expected);
    let without = bench.json(&format!("{pair} --without-plaintext"), b"");
    assert_eq!(without.get("private_key_plaintext"), None);
    assert_eq!(without["public_key"], expected["public_key"]);
    let text = String::from_utf8(bench.bytes(pair, b"")).unwrap();
    assert!(
        text.ends_with("private_key_plaintext        dGhlIHByaXZhdGUga2V5\n"),
        "{text}"
    );
}

#[test]
fn the_key_itself_encrypts_when_told_how() {
    let bench = Bench::new();
    let with = "--key k --algorithm RSAES_OAEP_SHA_256";
    let ciphertext = bench.bytes(&format!("encrypt {with}"), b"attack at dawn");
    assert_eq!(ciphertext, b"{}|attack at dawn");
    assert_eq!(bench.bytes(&format!("decrypt {with}"), &ciphertext), b"attack at dawn");
    assert_eq!(bench.fake.methods(), ["encrypt", "decrypt"]);
}

#[test]
fn a_key_is_made_as_it_was_asked_for() {
    let bench = Bench::new();
    bench.bytes("key create --spec ecc_nist_p256 --usage sign_verify", b"");
    assert_eq!(bench.fake.methods(), ["create_key"]);
    let told = fail(&bench.fake, &["key", "create", "--spec", "RSA_1024"], b"", 2);
    assert!(told.contains("RSA_2048"), "{told}");
}

#[test]
fn a_dry_run_makes_nothing() {
    let bench = Bench::new();
    for arguments in [
        "sign --key k --algorithm ecdsa_sha_256 --dry-run",
        "mac --key k --algorithm HMAC_SHA_256 --dry-run",
        "derive-shared-secret --key k --dry-run",
        "encapsulate --key k --blob-out blob --dry-run",
        "data-key-pair --key k --spec RSA_2048 --blob-out blob --dry-run",
    ] {
        let told = bench.bytes(arguments, b"x");
        assert_eq!(
            String::from_utf8(told).unwrap(),
            "the request would have succeeded; nothing was done\n",
            "{arguments}"
        );
        assert!(!bench.path("blob").exists());
    }
}
